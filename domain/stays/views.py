"""The summary of a stay for people: level of care, certified days, the review under way, and the current wait."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime

from domain.case_numbers import plan_number
from domain.cases import journal_rows, waiting
from domain.cases.views import CaseStatusSummary, CaseSummary, CaseView, Waiting
from domain.model import Model
from domain.stays import question_tasks
from domain.stays.avoidable_days import AvoidableDaySummary, summarize_days
from domain.stays.case import StayCase
from domain.stays.day_counts import calendar_days, elapsed_hours, midnights_crossed
from domain.stays.on_file import DecidedDays, stay_on_file
from domain.stays.orders import StayContext
from domain.stays.parts import MAX_UPDATE_REQUESTS, PastStayReview
from domain.stays.plan_messages import StaySnapshot
from domain.stays.readmissions import ReadmissionLink
from domain.vocabulary import ProcessKind, ReviewKind


class PhaseView(Model):
    since: AwareDatetime
    status: str | None
    level_of_care: str | None
    unit: str | None


class StaySummary(Model):
    """The summary of a stay: midnights are for the status, calendar days for the bill, hours for observation."""

    facility: str
    visit_number: str | None
    status: str | None
    level_of_care: str | None
    came_at: AwareDatetime | None
    observation_began_at: AwareDatetime | None
    admitted_at: AwareDatetime | None
    discharged_at: AwareDatetime | None
    disposition: str | None
    voided_at: AwareDatetime | None
    outpatient_midnights: int | None
    inpatient_midnights: int | None
    calendar_days: int | None
    observation_hours: Decimal | None
    certified_through: date | None
    under_review: str | None
    next_review_at: AwareDatetime | None
    working_drg: str | None
    usual_length_of_drg: Decimal | None
    expected_discharge: date | None
    target_setting: str | None
    diagnoses: tuple[str, ...]
    phases: tuple[PhaseView, ...]
    days: tuple[DecidedDays, ...]
    rounds: tuple[PastStayReview, ...]
    readmissions: tuple[ReadmissionLink, ...]
    avoidable_days: AvoidableDaySummary | None
    discharge_plan: str | None
    waits_for_qio: bool
    coverage_ends_not_before: date | None
    member_owes_nothing_before: AwareDatetime | None


def summary_data(stay: StayCase, now: datetime) -> dict[str, Any]:
    """The data of a journal entry about the stay: its summary for people, and its facts for other cases."""
    content = summary_of(stay, now).model_dump(mode="json")
    sheet = CaseSummary(process=ProcessKind.STAY, content=content)
    return {"sheet": sheet.model_dump(mode="json"), "stay": stay_on_file(stay).model_dump(mode="json")}


def summary_of(stay: StayCase, now: datetime) -> StaySummary:
    course, look, phase = stay.course, stay.look, stay.course.current_phase
    until = course.discharged_at or now
    admitted, observed = course.admitted_at, course.observation_began_at
    observed_until = min(admitted or until, until)
    return StaySummary(
        facility=stay.facility,
        visit_number=stay.visit_number,
        status=phase.status.value if phase and phase.status else None,
        level_of_care=phase.level.value if phase and phase.level else None,
        came_at=course.began_at,
        observation_began_at=observed,
        admitted_at=admitted,
        discharged_at=course.discharged_at,
        disposition=course.disposition,
        voided_at=course.voided_at,
        outpatient_midnights=stay.outpatient_midnights,
        inpatient_midnights=midnights_crossed(admitted, until, stay.tz) if admitted and admitted <= until else None,
        calendar_days=_calendar_days(stay, admitted, until),
        observation_hours=_hours(observed, observed_until),
        certified_through=stay.certified_through,
        under_review=stay.round.case_id if stay.round else None,
        next_review_at=_next_review_at(stay, now),
        working_drg=stay.working_drg,
        usual_length_of_drg=look.gmlos if look else None,
        expected_discharge=stay.expected_discharge,
        target_setting=stay.target_setting.value if stay.target_setting else None,
        diagnoses=course.diagnoses,
        phases=tuple(
            PhaseView(
                since=one.since,
                status=one.status.value if one.status else None,
                level_of_care=one.level.value if one.level else None,
                unit=one.unit,
            )
            for one in course.phases
        ),
        days=stay_on_file(stay).days,
        rounds=stay.past_rounds,
        readmissions=look.readmissions if look else (),
        avoidable_days=summarize_days(stay.avoidable, _calendar_days(stay, admitted, until))
        if stay.avoidable
        else None,
        discharge_plan=plan_number(stay.case_id) if stay.plan_started else None,
        waits_for_qio=stay.qio is not None and stay.qio.waits_for_qio,
        coverage_ends_not_before=stay.qio.ends_not_before if stay.qio is not None else None,
        member_owes_nothing_before=stay.qio.owes_nothing_before if stay.qio is not None else None,
    )


def _next_review_at(stay: StayCase, now: datetime) -> datetime | None:
    """The opening of the next review while it lies ahead. One that has passed opens as soon as the facility has answered."""
    opens = stay.look.next_review_at if stay.look is not None and stay.course.is_present else None
    return opens if opens is not None and opens > now else None


def _calendar_days(stay: StayCase, admitted: datetime | None, until: datetime) -> int | None:
    return calendar_days(stay.day(admitted), stay.day(until)) if admitted and admitted <= until else None


def _hours(begins: datetime | None, ends: datetime) -> Decimal | None:
    if begins is None or begins > ends:
        return None
    return elapsed_hours(begins, ends).quantize(Decimal("0.1"))


def case_view(stay: StayCase) -> CaseView:
    """The stay's row in the lists."""
    return journal_rows.member_case_view(
        stay,
        ProcessKind.STAY,
        f"Stay at {stay.facility}",
        stay.status,
        current_wait(stay),
        review_kind=ReviewKind.CONCURRENT,
        requesting_npi=stay.facility_npi or "",
    )


def current_wait(stay: StayCase) -> Waiting | None:
    """The current wait of the stay; None when it waits for nobody."""
    if not stay.is_open or stay.look is None:
        return None
    return _review_wait(stay) or _update_wait(stay) or waiting.task_wait(stay) or _wait_for_time(stay, stay.look)


def _review_wait(stay: StayCase) -> Waiting | None:
    review = stay.round
    if review is None:
        return None
    what = f"round {review.number} ({review.case_id})"
    if review.decide_by is None:
        return Waiting(what=what, owner="its reviewers", until=None, then="its days have their answer")
    then = "the review records the missed deadline, and its days still get their answer"
    return Waiting(what=what, owner="its reviewers", until=review.decide_by, then=then)


def _update_wait(stay: StayCase) -> Waiting | None:
    if stay.asked is None:
        return None
    again = stay.asked.times < MAX_UPDATE_REQUESTS
    then = (
        "it is asked again, and somebody calls; nobody loses a day by it"
        if again
        else "people review the days by what is there"
    )
    what = f"the clinical update for the days from {stay.asked.from_day}"
    return Waiting(what=what, owner="the facility", until=stay.asked.due_at, then=then)


def _wait_for_time(stay: StayCase, look: StayContext) -> Waiting:
    course = stay.course
    if course.is_present and look.next_review_at is not None:
        then = "the facility is asked how the patient is"
        return Waiting(what="the next round", owner="Umpire", until=look.next_review_at, then=then)
    if course.discharged_at is not None or course.is_voided:
        then = "the review is closed"
        return Waiting(what="corrections by the hospital", owner="the facility", until=stay.closes_at, then=then)
    asks = question_tasks.silence_question_at(stay)
    if course.is_present:
        then = "people ask whether the patient is still there"
        return Waiting(what="the hospital's next message", owner="the facility", until=asks, then=then)
    until = course.planned_for or asks
    return Waiting(what="the patient's arrival", owner="the facility", until=until, then="it begins")


def status_summary(stay: StayCase) -> CaseStatusSummary:
    """The status of the stay, with a sentence that names the zone of its times."""
    return waiting.status_summary(stay, stay.status, current_wait(stay))


_COMPARED_FIELDS = {
    "status": "status",
    "level": "level of care",
    "admitted_at": "admission",
    "observation_began_at": "observation",
    "discharged_at": "discharge",
    "certified_through": "certified days",
    "covered_through": "end of cover",
    "expected_discharge": "expected discharge",
    "diagnoses": "diagnoses",
    "voided": "admission taken back",
}


def describe_changes(before: StaySnapshot | None, after: StaySnapshot) -> str:
    """The changes between two snapshots, in a few words and without values."""
    if before is None:
        return "the stay became known"
    changed = [words for name, words in _COMPARED_FIELDS.items() if getattr(before, name) != getattr(after, name)]
    return ", ".join(changed) or "details"
