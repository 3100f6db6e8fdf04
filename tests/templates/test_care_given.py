"""Letters about care that was given before it was decided: nobody is told to get it, and nobody is offered a fast appeal."""

from __future__ import annotations

import pytest

from domain.letters.context import RenderedLetter
from domain.letters.notice_rules import NoticeRule
from domain.vocabulary import Audience, Lob, NoticeKind, ServiceKind
from rulebook.notice_rules import NoticeBook
from templates.rendering import render_letter
from tests.templates.letter_contexts import APPROVED_LINE, DENIED_LINE, context

BOOK = NoticeBook.load()
APPROVAL, ADVERSE, ASKING = NoticeKind.APPROVAL, NoticeKind.ADVERSE_DETERMINATION, NoticeKind.INFORMATION_REQUEST
TIMES = {
    "medicare_advantage": "60",
    "part_d": "14",
    "medicaid": "30",
    "chip": "30",
    "commercial_erisa": "60",
    "commercial_aca": "60",
    "qhp": "60",
}


def rules(kind: NoticeKind) -> list[NoticeRule]:
    return [rule for rule in BOOK.rules() if rule.kind is kind]


def made(rule: NoticeRule, *, care_given: bool = True, **changes: object) -> RenderedLetter:
    kind = ServiceKind.PHARMACY_DRUG if rule.lob is Lob.PART_D else ServiceKind.MEDICAL
    told = context(rule.kind, rule.audience, rule.lob, care_given=care_given, service_kind=kind, **changes)
    return render_letter(told, rule, BOOK.rights(rule.lob, told.service_kind))


def id_of(rule: NoticeRule) -> str:
    return f"{rule.audience}-{rule.lob}"


def one_line(letter: RenderedLetter) -> str:
    return " ".join(letter.text.split())


@pytest.mark.parametrize("rule", rules(APPROVAL), ids=id_of)
def test_an_approval_does_not_speak_of_care_to_come(rule: NoticeRule) -> None:
    letter = made(rule)
    for phrase in ("get this care now", "before the approval ends", "before the service is given", "need more care"):
        assert phrase not in one_line(letter)
    assert "care that" in letter.subject.lower()
    assert one_line(made(rule, care_given=False)) != one_line(letter)


@pytest.mark.parametrize("rule", rules(ADVERSE), ids=id_of)
def test_a_denial_offers_the_appeal_of_care_that_was_given_with_its_own_time(rule: NoticeRule) -> None:
    text = one_line(made(rule, lines=(DENIED_LINE,)))
    assert f"within {TIMES[rule.lob]} calendar days" in text
    assert "72 hours" not in text and "for a fast appeal" not in text.lower() and "for an expedited one" not in text
    told = "a fast appeal does not apply" if rule.audience is Audience.MEMBER else "an expedited appeal does not apply"
    assert told in text


@pytest.mark.parametrize("rule", rules(ADVERSE), ids=id_of)
def test_a_partial_approval_of_care_that_was_given_says_so_in_its_title(rule: NoticeRule) -> None:
    letter = made(rule, lines=(APPROVED_LINE, DENIED_LINE), authorization_number="AU1")
    assert "part" in letter.subject and "care" in letter.subject.lower()


@pytest.mark.parametrize("rule", rules(ASKING), ids=id_of)
def test_a_question_about_care_that_was_given_can_be_asked_under_every_law(rule: NoticeRule) -> None:
    assert "before the service" not in one_line(made(rule))
