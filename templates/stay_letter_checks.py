"""Checks that make a letter about a stay unfit to send although every element has its source.

Issues name the element to fix and hold no text of the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.decisions.reason_wording import is_stock_phrase, member_text_problems
from domain.letters.context import LetterContext
from domain.letters.notice_rules import NoticeRule
from domain.letters.stay_facts import StayFacts
from domain.letters.stay_wording import FEWEST_FACTS, TOO_FEW_FACTS, gap_problems, medicine_problems
from domain.vocabulary import Audience, Lob, NoticeKind

LetterIssue = tuple[str, str]
MIN_CHOICES = 3
_NOTICES_WITH_REASON = frozenset({NoticeKind.DENC, NoticeKind.DND, NoticeKind.REDUCTION_NOTICE})
_NO_PROGRESS = re.compile(
    r"\b(?:not (?:been )?(?:improv|getting better|making progress)|no (?:more |further )?(?:improvement|progress)\b|"
    r"(?:reached|hit) (?:a|your|the) plateau|plateaued|failed to (?:improve|progress))",
    re.IGNORECASE,
)


def stay_issues(context: LetterContext, rule: NoticeRule) -> Iterator[LetterIssue]:
    """(element key, what is wrong) from the facts of a stay."""
    stay = context.stay
    if stay is None:
        return
    yield from _date_issues(context, stay, rule)
    yield from _list_issues(context, stay)
    if context.notice in _NOTICES_WITH_REASON:
        yield from _reason_issues(context, stay)
    if context.audience is Audience.MEMBER:
        yield from _member_text_issues(stay)


def listed_texts(stay: StayFacts) -> Iterator[LetterIssue]:
    """(element key, text) of every list that a person wrote for a letter about this stay."""
    yield from (("asked_items", text) for text in stay.asked)
    yield from (("case_facts", text) for text in stay.facts_of_case)
    yield from (("gaps", text) for text in stay.gaps)
    yield from (("warning_signs", text) for text in stay.warning_signs)
    yield from (("teach_back", text) for text in stay.teaching)
    yield from (("equipment", text) for text in stay.equipment)
    yield from (("medicines", text) for each in stay.medicines for text in (each.name, each.how))
    for visit in (*stay.appointments, *filter(None, (stay.appointment,))):
        yield from (("appointments", text) for text in (visit.with_whom, visit.purpose, visit.place))
    for choice in stay.choices:
        yield from (("choices", text) for text in (choice.name, choice.setting, choice.quality) if text is not None)


def _date_issues(context: LetterContext, stay: StayFacts, rule: NoticeRule) -> Iterator[LetterIssue]:
    ends, admitted, leaves = stay.last_covered_day, stay.admitted_on, stay.discharge_on
    if admitted is not None and ends is not None and ends < admitted:
        yield "coverage_end", "the last covered day is before the admission"
    if admitted is not None and leaves is not None and leaves < admitted:
        yield "discharge_day", "the discharge is before the admission"
    if stay.certified_through and stay.review_from and stay.review_from <= stay.certified_through:
        yield "days_at_stake", "a day is both approved and not yet decided"
    if (
        context.notice is NoticeKind.NOMNC
        and ends is not None
        and not _is_noon(context, stay, ends - timedelta(days=1))
    ):
        yield "qio_deadline", "the time to ask is not noon of the day before coverage ends, or of a later day"
    if rule.advance_days is not None and ends is not None and stay.advance_exception is None:
        notice_days = (ends - context.issue_date).days + 1
        if notice_days < rule.advance_days:
            yield "advance_notice", f"fewer than {rule.advance_days} days before the change ({rule.advance_citation})"


def _is_noon(context: LetterContext, stay: StayFacts, earliest: date) -> bool:
    """Whether the time is noon in the case's zone, not before this day; an unknown time is left to another check."""
    if stay.qio_request_by is None:
        return True
    local = stay.qio_request_by.astimezone(ZoneInfo(context.zone))
    return (local.hour, local.minute) == (12, 0) and local.date() >= earliest


def _list_issues(context: LetterContext, stay: StayFacts) -> Iterator[LetterIssue]:
    if context.notice is NoticeKind.CHOICE_LIST and len({choice.npi for choice in stay.choices}) < MIN_CHOICES:
        yield "choices", f"there are fewer than {MIN_CHOICES} providers to choose from"
    yield from (("medicines", wrong) for wrong in medicine_problems(stay.medicines))
    if stay.medicines and stay.takes_no_medicines:
        yield "medicines", "there are medicines, and it is said that there are none"
    if context.notice is NoticeKind.PROVIDER_FEEDBACK:
        yield from (("gaps", wrong) for gap in stay.gaps for wrong in gap_problems(gap))


def _reason_issues(context: LetterContext, stay: StayFacts) -> Iterator[LetterIssue]:
    """Issues of a reason to end care, which must name facts of this member like any adverse determination."""
    if 0 < len(stay.facts_of_case) < FEWEST_FACTS:
        yield "case_facts", TOO_FEW_FACTS
    if stay.reason is not None and is_stock_phrase(stay.reason):
        yield "specific_reason", "the reason is only a stock phrase; it must say which facts and which rule"
    if context.lob is Lob.MEDICARE_ADVANTAGE and stay.reason is not None and _NO_PROGRESS.search(stay.reason):
        yield (
            "specific_reason",
            "skilled care may also keep somebody as they are; progress is no test (42 CFR 409.32(c))",
        )


def _member_text_issues(stay: StayFacts) -> Iterator[LetterIssue]:
    for key, text in (
        ("specific_reason", stay.reason),
        ("change", stay.changed_since),
        ("missing_info", stay.what_would_change),
        *(("case_facts", fact) for fact in stay.facts_of_case),
        *(("warning_signs", sign) for sign in stay.warning_signs),
        *(("teach_back", point) for point in stay.teaching),
        *(("medicines", medicine.how) for medicine in stay.medicines),
    ):
        if text is not None:
            yield from ((key, wrong) for wrong in member_text_problems(text))
