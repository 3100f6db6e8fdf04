from __future__ import annotations

from typing import Any

import pytest

from domain.decisions.reason_wording import reason_issues
from domain.decisions.reasons import StructuredReason
from domain.errors import LetterIncomplete
from domain.letters.context import LetterContext
from domain.letters.reachable_notices import reachable_notices
from domain.vocabulary import STAY_NOTICES, Audience, LineOutcome, Lob, NoticeKind, ServiceKind, Urgency
from rulebook.notice_rules import NoticeBook
from templates.rendering import render_letter
from tests.templates.letter_contexts import APPROVED_LINE, OF_EVERY_REQUEST, REASON, context, line

BOOK = NoticeBook.load()
LONG_SENTENCE = "The notes " + "that we have read " * 7 + "do not show it."


def refused(letter: LetterContext) -> LetterIncomplete:
    rule = BOOK.rule(letter.notice, letter.audience, letter.lob)
    with pytest.raises(LetterIncomplete) as caught:
        render_letter(letter, rule, BOOK.rights(letter.lob, letter.service_kind))
    return caught.value


def denial(lob: Lob = Lob.MEDICAID, audience: Audience = Audience.MEMBER, **changes: Any) -> LetterContext:
    reason = REASON.model_copy(update=changes)
    lines = (line(outcome=LineOutcome.DENIED, reason=reason),)
    return context(NoticeKind.ADVERSE_DETERMINATION, audience, lob, lines=lines)


@pytest.mark.parametrize(
    "words",
    [
        "Not medically necessary.",
        "The request was not medically necessary.",
        "We decided that this service is not medically necessary because it does not meet our criteria.",
        "Insufficient documentation. The service does not meet medical necessity criteria and is investigational.",
        "It is experimental and investigational.",
    ],
)
def test_a_stock_phrase_is_no_reason(words: str) -> None:
    found = refused(denial(plain_words=words))
    assert found.missing == ("specific_reason",) and "stock phrase" in str(found)


def test_a_reason_of_a_few_words_is_no_reason() -> None:
    found = refused(denial(plain_words="Notes show two weeks of back pain, exercise, tablets and walking."))
    assert found.missing == ("specific_reason",) and "fewer than 20" in str(found)


@pytest.mark.parametrize(
    ("field", "key"),
    [("plain_words", "specific_reason"), ("asked", "specific_reason"), ("what_would_change", "missing_info")],
)
def test_no_sentence_that_the_member_reads_is_longer_than_thirty_words(field: str, key: str) -> None:
    changes: dict[str, Any] = {field: f"{LONG_SENTENCE} {REASON.plain_words}"}
    found = refused(denial(**changes))
    assert found.missing == (key,) and "30 words" in str(found)


@pytest.mark.parametrize("code", ["72148", "E1390", "M54.50", "M5450", "CO-50", "Z99.81"])
def test_codes_stay_out_of_what_the_member_reads(code: str) -> None:
    found = refused(denial(plain_words=f"{REASON.plain_words} We looked at {code} too."))
    assert found.missing == ("specific_reason",) and "code" in str(found)
    assert code not in str(found)


@pytest.mark.parametrize("word", ["A1C", "B12", "T12", "H1N1", "COVID-19", "6 weeks", "2026"])
def test_words_that_look_like_codes_may_stay(word: str) -> None:
    assert not list(reason_issues(_saying(f"{REASON.plain_words} We looked at {word} too."), Lob.MEDICAID, {"72148"}))


def test_a_short_diagnosis_code_of_this_request_is_known_as_a_code() -> None:
    saying = _saying(f"{REASON.plain_words} You have I10.")
    assert not list(reason_issues(saying, Lob.MEDICAID, {"72148"}))
    assert list(reason_issues(saying, Lob.MEDICAID, {"I10"}))


def test_medicare_criteria_come_before_internal_ones() -> None:
    internal = tuple(finding.model_copy(update={"citation": "Plan policy 12"}) for finding in REASON.findings)
    found = refused(denial(Lob.MEDICARE_ADVANTAGE, Audience.PROVIDER, rule_citation="Plan policy 12"))
    assert found.missing == ("criteria_reference",) and "422.101" in str(found)
    assert not list(reason_issues(_saying(findings=internal), Lob.MEDICARE_ADVANTAGE, ()))
    assert not list(reason_issues(_saying(rule_citation="Plan policy 12"), Lob.MEDICAID, ()))


@pytest.mark.parametrize("number", ["123-45-6789", "123456789", "1EG4-TE5-MK73", "1EG4TE5MK73"])
def test_a_social_security_or_medicare_number_is_never_printed(number: str) -> None:
    found = refused(context(NoticeKind.ACKNOWLEDGMENT, Audience.MEMBER, Lob.MEDICAID, member_id=number))
    assert "member_id" in found.missing and number not in str(found)
    if "-" in number:
        hidden = f"{REASON.plain_words} Her number is {number}."
        assert refused(denial(plain_words=hidden)).missing == ("member_id",)


@pytest.mark.parametrize("hole", ["TBD", "{{ reason }}", "[insert reason]", "nan", "null", "XX-XX"])
def test_a_placeholder_in_what_somebody_wrote_stops_the_letter(hole: str) -> None:
    assert refused(denial(plain_words=f"{REASON.plain_words} {hole}")).missing == ("specific_reason",)
    assert refused(denial(audience=Audience.PROVIDER, gap=f"The gap is {hole}.")).missing == ("specific_reason",)


def test_a_sentence_may_begin_with_none() -> None:
    rule = BOOK.rule(NoticeKind.ADVERSE_DETERMINATION, Audience.MEMBER, Lob.MEDICAID)
    letter = denial(plain_words=f"{REASON.plain_words} None of the notes show more.")
    assert "None of the notes" in render_letter(letter, rule, BOOK.rights(Lob.MEDICAID, ServiceKind.MEDICAL)).text


def test_the_rule_of_another_notice_or_law_is_refused() -> None:
    letter = context(NoticeKind.ADVERSE_DETERMINATION, Audience.MEMBER, Lob.MEDICAID)
    rights = BOOK.rights(Lob.MEDICAID, ServiceKind.MEDICAL)
    wrong_rule = BOOK.rule(NoticeKind.ADVERSE_DETERMINATION, Audience.MEMBER, Lob.MEDICARE_ADVANTAGE)
    with pytest.raises(LetterIncomplete) as caught:
        render_letter(letter, wrong_rule, rights)
    assert caught.value.missing == ("notice_rule",)
    right_rule = BOOK.rule(NoticeKind.ADVERSE_DETERMINATION, Audience.MEMBER, Lob.MEDICAID)
    with pytest.raises(LetterIncomplete) as caught:
        render_letter(letter, right_rule, BOOK.rights(Lob.COMMERCIAL_ERISA, ServiceKind.MEDICAL))
    assert caught.value.missing == ("appeal_right",)


def test_rights_for_another_kind_of_service_are_refused() -> None:
    letter = context(
        NoticeKind.ADVERSE_DETERMINATION, Audience.MEMBER, Lob.MEDICARE_ADVANTAGE, service_kind=ServiceKind.PART_B_DRUG
    )
    rule = BOOK.rule(letter.notice, letter.audience, letter.lob)
    with pytest.raises(LetterIncomplete) as caught:
        render_letter(letter, rule, BOOK.rights(letter.lob, ServiceKind.MEDICAL))
    assert caught.value.missing == ("appeal_right",)


def test_a_part_b_drug_clock_is_never_extended() -> None:
    found = refused(
        context(NoticeKind.EXTENSION, Audience.MEMBER, Lob.MEDICARE_ADVANTAGE, service_kind=ServiceKind.PART_B_DRUG)
    )
    assert found.missing == ("notice_rule",) and "422.568(b)(3)" in str(found)


def test_an_urgent_claim_under_erisa_is_never_extended() -> None:
    found = refused(context(NoticeKind.EXTENSION, Audience.MEMBER, Lob.COMMERCIAL_ERISA, urgency=Urgency.EXPEDITED))
    assert found.missing == ("notice_rule",)


def test_an_extension_ends_after_the_first_date() -> None:
    first = OF_EVERY_REQUEST["decision_due"]
    found = refused(context(NoticeKind.EXTENSION, Audience.MEMBER, Lob.MEDICAID, new_due=first))
    assert found.missing == ("extension_until",)


def test_an_approval_holds_no_line_that_was_not_approved() -> None:
    lines = (APPROVED_LINE, line(outcome=LineOutcome.DENIED, reason=REASON))
    found = refused(context(NoticeKind.APPROVAL, Audience.MEMBER, Lob.MEDICAID, lines=lines))
    assert found.missing == ("decision_statement",)


def test_a_denial_denies_something() -> None:
    found = refused(
        context(
            NoticeKind.ADVERSE_DETERMINATION,
            Audience.MEMBER,
            Lob.MEDICAID,
            lines=(APPROVED_LINE,),
            authorization_number="A-1",
        )
    )
    assert "decision_statement" in found.missing


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind not in STAY_NOTICES])
def test_a_refusal_holds_no_health_information(kind: NoticeKind) -> None:
    lobs = dict(reachable_notices((Lob.PART_D, Lob.COMMERCIAL_ERISA, Lob.MEDICAID)))
    said = str(refused(context(kind, Audience.PROVIDER, lobs[kind], case_number=" ", member_id="123-45-6789")))
    for secret in ("Alvarez", "MRI", "123-45", "72148", "M54.50", "Dr. Daniel Lee"):
        assert secret not in said


def _saying(plain_words: str = REASON.plain_words, **changes: Any) -> StructuredReason:
    return REASON.model_copy(update={"plain_words": plain_words} | changes)
