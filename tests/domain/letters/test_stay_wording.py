"""A form takes what the letter can print, and nothing else: both go by one list of words."""

from __future__ import annotations

import pytest

from domain.discharge import form_wording
from domain.discharge.forms import EquipmentCheck, MedicationReconciliation
from domain.letters.stay_facts import Medicine
from domain.letters.stay_wording import MEDICINE_ACTIONS
from domain.model import Model
from domain.vocabulary import Audience, Lob, NoticeKind
from rulebook.notice_rules import NoticeBook
from templates.letter_checks import case_issues
from templates.required_elements import Letter
from templates.stay_page import ACTIONS
from tests.templates.letter_contexts import context
from tests.templates.stay_samples import stay_of

BOOK = NoticeBook.load()


def form_takes(form: Model) -> bool:
    return not list(form_wording.violations(form))


def letter_takes(notice: NoticeKind, audience: Audience, **facts: object) -> bool:
    made = context(notice, audience, Lob.MEDICARE_ADVANTAGE, stay=stay_of(notice, **facts))
    rule = BOOK.rule(notice, audience, Lob.MEDICARE_ADVANTAGE)
    return not list(case_issues(Letter.of(made, rule, None)))


@pytest.mark.parametrize(
    "gap",
    [
        "The member has heart failure and no scale at home.",
        "The member has kidney failure and no ride to dialysis.",
        "The first antibiotic failed and no second one was ordered.",
        "A baby with failure to thrive had no weight check.",
        "The graft fails and no surgeon was named.",
        "No walker was delivered.",
    ],
)
def test_a_sickness_or_a_treatment_that_fails_blames_nobody(gap: str) -> None:
    assert form_takes(EquipmentCheck(gaps=(gap,)))
    assert letter_takes(NoticeKind.PROVIDER_FEEDBACK, Audience.PROVIDER, gaps=(gap,))


@pytest.mark.parametrize(
    "gap",
    [
        "The ward failed to order a scale.",
        "The clinic fails to call back.",
        "The failure to order a scale came first.",
        "Repeated failures to call are on record.",
        "It was the hospital's fault that no visit was booked.",
        "The family blamed the nurse.",
        "The wound was neglected.",
        "The negligence of the ward is plain.",
        "The order was carelessly written.",
        "The request was ignored.",
        "An incompetent vendor brought the wrong bed.",
        "The ward should have called.",
        "This violated the contract.",
        "The dose was missing. The visit was late.",
    ],
)
def test_a_gap_that_blames_or_needs_two_sentences_passes_neither_the_form_nor_the_letter(gap: str) -> None:
    assert not form_takes(EquipmentCheck(gaps=(gap,)))
    assert not letter_takes(NoticeKind.PROVIDER_FEEDBACK, Audience.PROVIDER, gaps=(gap,))


@pytest.mark.parametrize("action", [*ACTIONS, "halve", ""])
def test_the_form_and_the_letter_know_the_same_actions_on_a_medicine(action: str) -> None:
    medicines = (Medicine(name="Lisinopril", action=action, how="10 mg in the morning"),)
    assert form_takes(MedicationReconciliation(medicines=medicines)) == (action in MEDICINE_ACTIONS)
    assert letter_takes(NoticeKind.DISCHARGE_SUMMARY, Audience.MEMBER, medicines=medicines) == (action in ACTIONS)


@pytest.mark.parametrize(
    ("how", "fits"),
    [
        ("Take it with food", True),
        ("Take it " + "and then take it again " * 5 + "with food", True),
        ("Take it " + "and then take it again " * 5 + "with food and water", False),
        ("Take it as code J1650 says", False),
    ],
)
def test_the_form_and_the_letter_measure_a_sentence_for_the_member_alike(how: str, fits: bool) -> None:
    medicines = (Medicine(name="Apixaban", action="new", how=how),)
    assert form_takes(MedicationReconciliation(medicines=medicines)) is fits
    assert letter_takes(NoticeKind.DISCHARGE_SUMMARY, Audience.MEMBER, medicines=medicines) is fits
