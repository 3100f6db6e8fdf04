"""The path of a stay, step by step. Deterministic and without I/O, so that it can be tested without Temporal.

Nothing here denies a day. A day is asked about, reviewed by people, or certified by a review; a stay that is longer than
usual opens talks between people, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.calendars import utc_of_local_time
from domain.cases import escalation, letter_tracking
from domain.cases.steps import DeliverLetters, Finish, Wait
from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from domain.stays import question_tasks, round_opening, round_planning, update_requests
from domain.stays.case import StayCase
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.stays.parts import DAY, DayStatus
from domain.stays.plan_messages import StaySnapshot
from domain.stays.views import summary_data
from domain.vocabulary import NoticeKind

CONTEXT_MAX_AGE = timedelta(hours=1)
"""An older context is looked up again before a request to the facility: response times count from now."""

ENDED_BY_NOTICE = frozenset({LevelOfCare.SNF, LevelOfCare.HOME_HEALTH})
"""Care whose end needs advance notice to the member, who can have it reviewed (42 CFR 422.624)."""


@dataclass(frozen=True)
class LookUpStay:
    """Look up the member, the levels of care, earlier authorizations, and the policy."""


@dataclass(frozen=True)
class OpenStayReview:
    """Open the review that is due: build its request and start it."""


@dataclass(frozen=True)
class WithdrawStayReview:
    """Withdraw the review under way, because the hospital canceled the admission."""

    case_id: str


@dataclass(frozen=True)
class StartDischargePlan:
    """Start discharge planning, on the first day."""

    picture: StaySnapshot


@dataclass(frozen=True)
class UpdateDischargePlan:
    """Update the discharge plan after a change of the stay."""

    picture: StaySnapshot


@dataclass(frozen=True)
class WriteStayLetters:
    notices: tuple[NoticeKind, ...]


Step = (
    LookUpStay
    | OpenStayReview
    | WithdrawStayReview
    | StartDischargePlan
    | UpdateDischargePlan
    | WriteStayLetters
    | DeliverLetters
    | Wait
    | Finish
)


def advance(stay: StayCase, now: datetime) -> Step:
    """Advance the stay to its next step. Deterministic, no I/O; opens tasks, queues letters and journals on the way."""
    if stay.look_needed:
        return LookUpStay()
    if not stay.is_open:
        return _letter_step(stay, now) or (Wait() if stay.unsent_letters() or stay.blocked_letters else Finish())
    escalation.escalate_due_tasks(stay, now)
    if stay.course.is_voided:
        _apply_voided_admission(stay, now)
    else:
        question_tasks.open_question_tasks(stay, now)
        question_tasks.open_long_stay_tasks(stay, now)
    step = _review_step(stay, now) or _discharge_plan_step(stay) or _letter_step(stay, now)
    if step is None and _is_over(stay, now):
        _close_case(stay, now)
        return _letter_step(stay, now) or Finish()
    if step is None:
        question_tasks.open_silence_task(stay, now)
    return step or Wait()


# -- reviews ---------------------------------------------------------------------------------------------------------------


def _review_step(stay: StayCase, now: datetime) -> Step | None:
    if stay.round_to_withdraw is not None:
        return WithdrawStayReview(stay.round_to_withdraw)
    if stay.lob is None:
        question_tasks.open_coverage_task(stay, now)
    elif stay.round is None:
        planned = round_planning.plan_review(stay, now)
        if planned is not None:
            round_opening.open_review(stay, planned, now)
        elif stay.update is not None and _no_day_to_review(stay, now):
            stay.update, stay.earlier_updates = None, ()
            stay.note(EntryKind.STAY_CHANGED, now, "No day needs an answer: the update is on file.")
    if stay.round is not None and not stay.round.opened:
        return OpenStayReview()
    if update_requests.update_is_due(stay, now) and stay.looked_at_instant < now - CONTEXT_MAX_AGE:
        return LookUpStay()
    update_requests.request_update(stay, now)
    update_requests.cancel_update_request(stay, now)
    return None


def _no_day_to_review(stay: StayCase, now: datetime) -> bool:
    """Whether an update has no day to review: the stay is over and decided, or its level needs no authorization."""
    owed = stay.review_required_through(now)
    over = stay.course.discharged_at is not None
    free = stay.level is not None and stay.require_context().terms_of(stay.level) is None
    return (over or free) and (owed is None or not stay.undecided_days(owed))


def _apply_voided_admission(stay: StayCase, now: datetime) -> None:
    """Apply a canceled admission: questions and the review under way end. Past determinations stay readable."""
    if stay.round is not None and stay.round.opened and "withdrawn:" + stay.round.case_id not in stay.signals:
        stay.signals = (*stay.signals, "withdrawn:" + stay.round.case_id)
        stay.round_to_withdraw = stay.round.case_id
    elif stay.round is not None and not stay.round.opened:
        stay.round = None
    stay.update = stay.asked = stay.second_look = stay.reduction = None
    stay.earlier_updates = ()
    stay.signals = tuple(signal for signal in stay.signals if signal != question_tasks.COVERAGE)
    stay.owed_letters = [notice for notice in stay.owed_letters if notice is not NoticeKind.CLINICAL_UPDATE_REQUEST]
    stay.cancel_tasks(now, "the hospital took the admission back", *stay.open_tasks(*question_tasks.ABOUT_CARE))


# -- the discharge plan ----------------------------------------------------------------------------------------------------


def _discharge_plan_step(stay: StayCase) -> Step | None:
    now_is = stay_snapshot(stay)
    if now_is == stay.told:
        return None
    if stay.plan_started:
        return UpdateDischargePlan(now_is)
    begins = now_is.status in (OrderedStatus.OBSERVATION, OrderedStatus.INPATIENT) and not now_is.voided
    return StartDischargePlan(now_is) if begins and stay.course.began_at is not None else None


def stay_snapshot(stay: StayCase) -> StaySnapshot:
    """The snapshot of the stay for its discharge plan."""
    course, phase = stay.course, stay.course.current_phase
    return StaySnapshot(
        stay_id=stay.case_id,
        member_id=stay.member_id,
        facility=stay.facility,
        facility_npi=stay.facility_npi,
        attending_npi=course.attending_npi,
        status=phase.status if phase is not None else None,
        level=phase.level if phase is not None else None,
        care_began_at=course.began_at,
        observation_began_at=course.observation_began_at,
        admitted_at=course.admitted_at,
        discharged_at=course.discharged_at,
        disposition=course.disposition,
        certified_through=stay.certified_through,
        covered_through=_covered_through(stay),
        expected_discharge=stay.expected_discharge,
        emergent=course.was_emergency,
        admission_type=course.admission_type,
        behavioral=phase is not None and phase.level in (LevelOfCare.PSYCH_IP, LevelOfCare.RESIDENTIAL),
        diagnoses=course.diagnoses,
        working_drg=stay.working_drg,
        voided=course.is_voided,
    )


def _covered_through(stay: StayCase) -> date | None:
    """The last covered day where a signed decision ended coverage while care continues; None while nothing ended."""
    last = max((span for span in stay.spans if span.counts), key=lambda span: span.last, default=None)
    if last is None or last.stand is not DayStatus.DENIED or last.level not in ENDED_BY_NOTICE:
        return None
    first = last.first
    while (before := stay.determination_for(first - DAY)) is not None and before.stand is DayStatus.DENIED:
        first = before.first
    return first - DAY


# -- letters, the end, and time --------------------------------------------------------------------------------------------


def _letter_step(stay: StayCase, now: datetime) -> Step | None:
    letter_tracking.close_repair_tasks(stay, now)
    if stay.owed_letters and stay.lob is None:
        owed = tuple(stay.owed_letters)
        letter_tracking.record_written(stay, owed, letter_tracking.blocked_without_plan(owed), now)
    if stay.owed_letters:
        return WriteStayLetters(tuple(stay.owed_letters))
    ready = letter_tracking.deliverable_letters(stay, now)
    return DeliverLetters(ready) if ready else None


def _is_over(stay: StayCase, now: datetime) -> bool:
    ends = stay.closes_at
    if ends is None or now < ends or stay.round is not None or stay.unsent_letters() or stay.blocked_letters:
        return False
    if stay.second_look is not None or stay.reduction is not None:
        return False
    owed = stay.review_required_through(now)
    return stay.course.is_voided or owed is None or not stay.undecided_days(owed)


def _close_case(stay: StayCase, now: datetime) -> None:
    came = bool(stay.course.phases) and not stay.course.is_voided
    stay.status = CaseStatus.COMPLETED if came else CaseStatus.VOIDED
    stay.closed_at = now
    stay.cancel_tasks(now, "the stay is over", *stay.open_tasks())
    words = "Every day of the stay has its answer." if came else "The admission did not take place."
    stay.note(EntryKind.CLOSED, now, f"The review of the stay is closed. {words}", **summary_data(stay, now))


def next_timer(stay: StayCase, now: datetime) -> datetime | None:
    """The next instant (UTC) at which a timer is due."""
    return min((at for at in _upcoming_timers(stay) if at > now), default=None)


def _upcoming_timers(stay: StayCase) -> Iterator[datetime]:
    if stay.hand_over_again_at is not None and stay.unsent_letters():
        yield stay.hand_over_again_at
    if stay.look is None or not stay.is_open:
        return
    yield from escalation.upcoming_timers(stay)
    if (ends := stay.closes_at) is not None:
        yield ends
    if stay.asked is not None:
        yield stay.asked.due_at
    if stay.round is None and (opens := round_planning.notice_review_opens_at(stay)) is not None:
        yield opens
    if (asks := question_tasks.silence_question_at(stay)) is not None:
        yield asks
    if not stay.course.is_present:
        return
    look = stay.look
    if look.next_review_at is not None:
        yield look.next_review_at
    # The first undecided day: today while nothing was decided, or later when the hospital announced future days.
    days = (stay.first_day, stay.decided_through + DAY if stay.decided_through is not None else None)
    first = max((day for day in days if day is not None), default=None)
    if first is not None:
        yield utc_of_local_time(first, datetime.min.time(), stay.tz)
    if look.observation_question_at is not None:
        yield look.observation_question_at
    for signal in question_tasks.variance_signals(stay):
        yield signal[1]
    if look.long_stay_from is not None:
        yield look.long_stay_from
        if stay.last_long_look is not None:
            again = stay.last_long_look + look.long_stay_every_days * DAY
            yield utc_of_local_time(again, datetime.min.time(), stay.tz)
