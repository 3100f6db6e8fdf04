"""The opening of a stay's review, and the request that it is about."""

from __future__ import annotations

from datetime import datetime

from domain.cases.tasks import TaskKind
from domain.errors import ImpossibleState
from domain.journal import EntryKind
from domain.plain_language.phrases import count_phrase
from domain.requests.request import StayPurpose
from domain.stays.case import StayCase
from domain.stays.day_counts import midnight_expectation
from domain.stays.orders import LevelTerms, ReviewRequestLine, StayReviewInput, requested_quantity
from domain.stays.parts import StayReview, StayReviewLine, describe_range
from domain.stays.views import summary_data
from domain.vocabulary import Lob


def open_review(stay: StayCase, planned: StayReview, now: datetime) -> None:
    """Put the planned review under way; the update or proposal behind it is done."""
    stay.round, stay.rounds = planned, planned.number
    match planned.purpose:
        case StayPurpose.SECOND_LOOK:
            stay.second_look = None
        case StayPurpose.REDUCTION:
            stay.reduction = None
        case _:
            stay.update = stay.asked = stay.proposed_level = None
            stay.earlier_updates = ()
            stay.cancel_tasks(now, "the review has begun", *stay.open_tasks(TaskKind.CLINICAL_UPDATE))
    first, last = planned.lines[0].first, planned.lines[-1].last
    what = planned.purpose.value.replace("_", " ")
    spent = _describe_outpatient_midnights(stay, planned)
    unheard = " No update was received, so people decide on the information on file." if planned.asked_in_vain else ""
    if planned.proposed_level is not None:
        lower = planned.proposed_level.value.replace("_", " ")
        unheard += f" {lower.capitalize()} is proposed instead: only a physician can sign that, as a partial approval."
    stay.note(
        EntryKind.ROUND_OPENED,
        now,
        f"Round {planned.number}, {what}: {describe_range(first, last)}, as {planned.case_id}.{spent}{unheard}",
        round=planned.model_dump(mode="json"),
        **summary_data(stay, now),
    )


def mark_review_open(stay: StayCase, decide_by: datetime | None, now: datetime) -> None:
    """Mark the review as open: its own workflow runs. A review opened by an earlier release names no due instant."""
    if stay.round is None:
        return
    stay.round = stay.round.model_copy(update={"opened": True, "decide_by": decide_by})
    if decide_by is not None:
        due = f"{stay.round.case_id} is under way; its decision is due {stay.local(decide_by)}."
        stay.note(EntryKind.REVIEW_OPENED, now, due)


def review_input(stay: StayCase) -> StayReviewInput:
    """The input for the request of the review under way. Raises ImpossibleState when there is none."""
    planned = stay.round
    if planned is None:
        raise ImpossibleState(f"{stay.case_id} has no review under way")
    return StayReviewInput(
        stay_id=stay.case_id,
        member_id=stay.member_id,
        facility=stay.facility,
        facility_npi=stay.facility_npi,
        attending_npi=stay.course.attending_npi,
        diagnoses=stay.course.diagnoses,
        round=planned,
        lines=tuple(_review_line(stay, planned, line) for line in planned.lines),
        course_ends_at=_prior_approval_end(stay, planned),
        expected_midnights=_expected_midnights(stay, planned),
    )


def _expected_midnights(stay: StayCase, planned: StayReview) -> int | None:
    course = stay.course
    if planned.purpose is not StayPurpose.ADMISSION or course.began_at is None or course.admitted_at is None:
        return None
    return midnight_expectation(course.began_at, course.admitted_at, stay.expected_midnights, stay.tz).total


def _prior_approval_end(stay: StayCase, planned: StayReview) -> datetime | None:
    """The end of the days approved before; only a continued-stay request has one."""
    return stay.course_ends_at if planned.purpose is StayPurpose.CONTINUED_STAY else None


def _review_line(stay: StayCase, planned: StayReview, line: StayReviewLine) -> ReviewRequestLine:
    terms = stay.require_context().terms_of(line.level)
    admission = planned.at_admission and stay.lob is Lob.MEDICARE_ADVANTAGE
    hours = terms.hours if terms is not None else None
    title = terms.title if terms else line.level.value
    return ReviewRequestLine(
        line_id=line.line_id,
        code=line.level.value,
        description=title,
        level_of_care=_criteria_level(terms, line, admission),
        quantity=requested_quantity(terms, line),
        unit="hour" if hours is not None else "day",
        first=line.first,
        last=line.last,
    )


def _describe_outpatient_midnights(stay: StayCase, planned: StayReview) -> str:
    """Midnights before the inpatient order, in words for reviewers: they count towards the expectation (42 CFR 412.3(d)(1))."""
    spent = stay.outpatient_midnights
    if planned.purpose is not StayPurpose.ADMISSION or not spent:
        return ""
    return f" {count_phrase(spent, 'midnight')} in the hospital before the inpatient order."


def _criteria_level(terms: LevelTerms | None, line: StayReviewLine, admission: bool) -> str:
    if terms is None:
        return line.level.value
    return terms.criteria_at_admission if admission else terms.criteria
