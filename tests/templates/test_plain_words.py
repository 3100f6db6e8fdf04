"""Letters in words that say something: names within sentences, diagnoses, amounts, and what a denied day of a stay means."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.vocabulary import Audience, LineOutcome, Lob, NoticeKind
from rulebook.notice_rules import NoticeBook
from templates.amounts import amount_of_line
from templates.rendering import render_letter
from tests.templates.letter_contexts import DENIED_LINE, context, line

BOOK = NoticeBook.load()
DENIAL = NoticeKind.ADVERSE_DETERMINATION
FUSION = {"description": "Fusion of 2 lumbar joints", "code": "0SG10A0", "unit": "unit"}


def printed(notice: NoticeKind, audience: Audience, lob: Lob = Lob.MEDICARE_ADVANTAGE, **changes: Any) -> str:
    """The plain text in one line, without the breaks of its lines."""
    letter = context(notice, audience, lob, **changes)
    made = render_letter(letter, BOOK.rule(notice, audience, lob), BOOK.rights(lob, letter.service_kind))
    return " ".join(made.text.split())


def test_a_service_has_no_capital_within_a_sentence_and_one_in_a_list() -> None:
    said = printed(NoticeKind.ACKNOWLEDGMENT, Audience.MEMBER, lines=(line(**FUSION),))
    assert "asked us to cover fusion of 2 lumbar joints." in said and "* Fusion of 2 lumbar joints (code" in said


def test_a_drug_of_a_pharmacy_keeps_the_capital_of_its_maker() -> None:
    drug = line(description="Examplimab 40 mg pen", code="00001000102", unit="pens")
    assert "cover Examplimab 40 mg pen." in printed(NoticeKind.ACKNOWLEDGMENT, Audience.MEMBER, lines=(drug,))


def test_a_member_reads_a_diagnosis_in_words_or_not_at_all_and_a_provider_its_code() -> None:
    both = ("J44.9", "G44.011 Episodic cluster headache")
    member = printed(NoticeKind.ACKNOWLEDGMENT, Audience.MEMBER, diagnoses=both)
    assert "Diagnosis in the request: Episodic cluster headache (diagnosis code G44.011)" in member
    assert "J44.9" not in member
    assert "Diagnosis" not in printed(NoticeKind.ACKNOWLEDGMENT, Audience.MEMBER, diagnoses=("J44.9",))
    assert "J44.9; G44.011" in printed(NoticeKind.ACKNOWLEDGMENT, Audience.PROVIDER, diagnoses=both)


@pytest.mark.parametrize(
    ("code", "unit", "quantity", "amount"),
    [
        ("0SG10A0", "unit", 1, "1 time"),
        ("0SG10A0", None, 2, "2 times"),
        ("E0601", "unit", 1, "1 item"),
        ("E0601", "units", 3, "3 units"),
        ("E1390", "month", 3, "3 months"),
        ("97110", "visits", 12, "12 visits"),
    ],
)
def test_an_amount_says_what_is_counted_as_far_as_that_is_certain(
    code: str, unit: str | None, quantity: int, amount: str
) -> None:
    assert amount_of_line(line(code=code, unit=unit), Decimal(quantity)) == amount


def test_a_single_unit_of_nothing_is_left_out_beside_its_days() -> None:
    bare, undated = line(unit="unit"), line(unit="unit", start=None, end=None)
    said = printed(NoticeKind.ACKNOWLEDGMENT, Audience.MEMBER, lines=(bare,))
    assert "Asked for: March 9, 2026 to April 8, 2026" in said
    assert "Asked for: 1 unit" in printed(NoticeKind.ACKNOWLEDGMENT, Audience.MEMBER, lines=(undated,))


@pytest.mark.parametrize("lob", [Lob.MEDICARE_ADVANTAGE, Lob.MEDICAID, Lob.COMMERCIAL_ERISA])
def test_a_denied_day_of_a_stay_says_that_nobody_has_to_leave_for_it_and_whom_to_ask_before_paying(lob: Lob) -> None:
    part = DENIED_LINE.model_copy(
        update={
            "outcome": LineOutcome.APPROVED_IN_PART,
            "approved_quantity": Decimal(1),
            "approved_start": date(2026, 3, 9),
            "approved_end": date(2026, 4, 1),
        }
    )
    during = printed(DENIAL, Audience.MEMBER, lob, in_care=True, lines=(part,), authorization_number="A-1")
    assert "It does not tell you to leave." in during and "call us first at" in during
    assert ("Important Message from Medicare" in during) is (lob is Lob.MEDICARE_ADVANTAGE)
    assert "does not tell you to leave" not in printed(DENIAL, Audience.MEMBER, lob)
    assert "it does not order a discharge" in printed(DENIAL, Audience.PROVIDER, lob, in_care=True)
