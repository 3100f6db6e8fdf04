"""The planning of a stay's reviews: the next review to open, and its days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from domain.case_numbers import review_number
from domain.journal import EntryKind
from domain.requests.request import StayPurpose
from domain.stays.case import StayCase
from domain.stays.day_counts import days_to_certify
from domain.stays.levels_of_care import ACUTE_INPATIENT, LevelOfCare
from domain.stays.parts import (
    DAY,
    MAX_UPDATE_REQUESTS,
    DayStatus,
    ReductionRule,
    StayReview,
    StayReviewLine,
    days_between,
)
from domain.stays.question_tasks import says_below_order

INPATIENT = ACUTE_INPATIENT | {LevelOfCare.LTCH, LevelOfCare.IRF, LevelOfCare.SNF, LevelOfCare.PSYCH_IP}
"""Levels with an admission: the first of their days is reviewed as an admission."""


def plan_review(stay: StayCase, now: datetime) -> StayReview | None:
    """The next review, if one can be opened now. Nothing is opened beside a review under way."""
    if stay.round is not None or stay.course.is_voided:
        return None
    _drop_moot_requests(stay, now)
    return _plan_reduction(stay) or _plan_second_look(stay) or _plan_days_review(stay, now)


def earliest_end(stay: StayCase, rule: ReductionRule, now: datetime) -> date:
    """The first day on which approved days may end if the notice is sent now: after the days of notice."""
    return stay.day(now) + (rule.days_of_notice + 1) * DAY


def _drop_moot_requests(stay: StayCase, now: datetime) -> None:
    """Drop requests that the last review has made moot."""
    if stay.second_look is not None and _plan_second_look(stay) is None:
        stay.second_look = None
        stay.note(
            EntryKind.STAY_CHANGED, now, "No second look: none of the days that it was asked for stands denied now."
        )
    proposed, rule = stay.reduction, stay.require_context().reduction
    if proposed is not None and rule is not None and proposed.effective_on < earliest_end(stay, rule, now):
        stay.reduction = None
        says = f"No reduction: not enough notice is left before {proposed.effective_on}. The approval stands as it is."
        stay.note(EntryKind.STAY_CHANGED, now, says)
    if stay.reduction is not None and _plan_reduction(stay) is None:
        stay.reduction = None
        stay.note(
            EntryKind.STAY_CHANGED, now, "No reduction: no approved day lies on or after the day proposed for it."
        )


def _plan_days_review(stay: StayCase, now: datetime) -> StayReview | None:
    """The review of the days in an update, or of days whose update requests all went unanswered."""
    update, asked = stay.update, stay.asked
    in_vain = asked is not None and asked.times >= MAX_UPDATE_REQUESTS and now >= asked.due_at
    noticed_at, by_notice = admission_noticed_at(stay), notice_review_opens_at(stay)
    if update is None and not in_vain and (by_notice is None or now < by_notice):
        return None
    owed = stay.review_required_through(now)
    if owed is None:
        return None
    open_days = stay.undecided_days(owed)
    first = open_days[0] if open_days else _next_open_day(stay, now)
    last = _last_review_day(stay, first, owed, now)
    wanted = [
        *open_days,
        *(day for day in days_between(max(owed + DAY, first), last) if stay.determination_for(day) is None),
    ]
    lines = _lines_by_level(stay, wanted)
    if not lines or any(stay.level_on(min(day, owed)) is None for day in wanted):
        return None
    asked_at = update.at if update is not None else now
    admission = not any(span.level in INPATIENT for span in stay.spans) and any(
        line.level in INPATIENT for line in lines
    )
    return StayReview(
        number=stay.rounds + 1,
        purpose=StayPurpose.ADMISSION if admission else StayPurpose.CONTINUED_STAY,
        at_admission=admission,
        case_id=review_number(stay.case_id, stay.rounds + 1),
        lines=lines,
        received_at=min(noticed_at, asked_at) if admission and noticed_at is not None else asked_at,
        update_id=update.update_id if update is not None else None,
        earlier_updates=stay.earlier_updates,
        asked_in_vain=update is None and in_vain,
        proposed_level=_proposed_level(stay),
        post_stabilization=update.post_stabilization if update is not None else None,
    )


def admission_noticed_at(stay: StayCase) -> datetime | None:
    """The receipt of an admission's notice that is itself a request for its days, and has had no review; else None."""
    asks = stay.require_context().admission_request is not None
    return stay.admission_noticed_at if asks and not any(span.level in INPATIENT for span in stay.spans) else None


def notice_review_opens_at(stay: StayCase) -> datetime | None:
    """The latest instant for a noticed admission's review to open, with or without a clinical update; None where none does."""
    at, rule = admission_noticed_at(stay), stay.require_context().admission_request
    return at + timedelta(hours=rule.opens_after_hours) if at is not None and rule is not None else None


def _proposed_level(stay: StayCase) -> LevelOfCare | None:
    """The level below the hospital's order that the update proposes, or an answer about the level proposed, if any does."""
    update = stay.update
    said = update.level if update is not None and stay.keeps_order and says_below_order(stay, update) else None
    return said or stay.proposed_level


def _next_open_day(stay: StayCase, now: datetime) -> date:
    last = stay.decided_through
    return stay.day(now) if last is None else last + DAY


def _last_review_day(stay: StayCase, first: date, owed: date, now: datetime) -> date:
    """The last day to review: as requested, else as the policy allows at the present level; after a discharge, the last day."""
    if stay.course.discharged_at is not None:
        return owed
    update, terms = stay.update, stay.require_context().terms_of(stay.level)
    if update is not None and update.through is not None and update.through >= first:
        return max(update.through, owed)
    if terms is None:
        return owed
    began = stay.day(stay.course.admitted_at or stay.course.began_at or now)
    elapsed = max((first - began).days, 0)
    return max(first + (days_to_certify(terms.days, stay.require_context().gmlos, elapsed) - 1) * DAY, owed)


def _lines_by_level(stay: StayCase, wanted: Iterable[date]) -> tuple[StayReviewLine, ...]:
    """The days at the levels at which the patient was; future days are at the present level."""
    terms_of = stay.require_context().terms_of
    return _lines((day, level) for day in wanted if terms_of(level := stay.level_on(day)) is not None)


def _lines_as_decided(stay: StayCase, wanted: Iterable[date]) -> tuple[StayReviewLine, ...]:
    return _lines((day, span.level) for day in wanted if (span := stay.determination_for(day)) is not None)


def _lines(wanted: Iterable[tuple[date, LevelOfCare | None]]) -> tuple[StayReviewLine, ...]:
    """Consecutive days at one level, each range a line."""
    lines: list[StayReviewLine] = []
    for day, level in wanted:
        last = lines[-1] if lines else None
        if last is not None and last.level is level and last.last + DAY == day:
            lines[-1] = last.model_copy(update={"last": day})
        elif level is not None:
            lines.append(StayReviewLine(line_id=str(len(lines) + 1), level=level, first=day, last=day))
    return tuple(lines)


def _plan_second_look(stay: StayCase) -> StayReview | None:
    asked = stay.second_look
    if asked is None:
        return None
    denied = stay.denied_days(asked.first, asked.last)
    before = {span.case_id for day in denied if (span := stay.determination_for(day)) is not None}
    lines = _lines_as_decided(stay, denied)
    if not lines:
        return None
    return StayReview(
        number=stay.rounds + 1,
        purpose=StayPurpose.SECOND_LOOK,
        at_admission=any(past.case_id in before and past.purpose is StayPurpose.ADMISSION for past in stay.past_rounds),
        case_id=review_number(stay.case_id, stay.rounds + 1),
        lines=lines,
        received_at=asked.at,
        update_id=asked.update_id,
        second_look_at=min(before),
        peer_to_peer_held_at=asked.held_at,
    )


def _plan_reduction(stay: StayCase) -> StayReview | None:
    proposed, last, rule = stay.reduction, stay.certified_through, stay.require_context().reduction
    if proposed is None:
        return None
    if rule is None or last is None:
        return None
    found = ((day, stay.determination_for(day)) for day in days_between(proposed.effective_on, last))
    approved = [day for day, span in found if span is not None and span.stand is DayStatus.CERTIFIED]
    lines = _lines_as_decided(stay, approved)
    if not lines:
        return None
    return StayReview(
        number=stay.rounds + 1,
        purpose=StayPurpose.REDUCTION,
        case_id=review_number(stay.case_id, stay.rounds + 1),
        lines=lines,
        received_at=proposed.at,
        effective_on=proposed.effective_on,
        notice=rule,
    )
