"""The Medicare notices that a stay and its end require: the events that their clocks count from, and their subjects.

The rules themselves (who is bound, how long, by which law) are in the rulebook. This module determines from the present stay
whether observation lasted long enough, when coverage ends, and the subject of a delivered form.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from domain.calendars import utc_of_local_time
from domain.clocks.engine import Clock, ClockEvent, EventKind
from domain.discharge.case import DischargeCase
from domain.discharge.parts import QioReview
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.plan_messages import StaySnapshot
from domain.vocabulary import NoticeKind

IM, IM_COPY, MOON = "MA-IM", "MA-IM-COPY", "MA-MOON"
NOMNC, DENC, DND = "MA-NOMNC", "MA-DENC", "MA-DND"
NOTICE_BY_RULE = {
    IM: NoticeKind.IMPORTANT_MESSAGE,
    IM_COPY: NoticeKind.IMPORTANT_MESSAGE,
    MOON: NoticeKind.MOON,
    NOMNC: NoticeKind.NOMNC,
    DENC: NoticeKind.DENC,
    DND: NoticeKind.DND,
}
"""The forms that have to be delivered, by the rule that makes them due."""
DETAILED_NOTICE_RULES = (DENC, DND)
"""Notices that explain a decision to somebody who has appealed."""
REASON_RULES = (*DETAILED_NOTICE_RULES, MOON)
"""Forms that state a reason: a person writes it first."""
RECORD_RULES = ("MA-FT-PLAN-INFO", "MA-DISCHARGE-PLAN-INFO")
"""Records that go to the QIO."""
DUTY_RULES = (*NOTICE_BY_RULE, *RECORD_RULES)

HOSPITAL_FORM_RULES = (IM, IM_COPY, MOON)
"""Forms that are delivered in the hospital, and not after the discharge."""
OUTSIDE_HOSPITAL = frozenset(
    {
        LevelOfCare.SNF,
        LevelOfCare.HOME_HEALTH,
        LevelOfCare.HOSPICE,
        LevelOfCare.HOME,
        LevelOfCare.ASSISTED_LIVING,
        LevelOfCare.RESIDENTIAL,
        LevelOfCare.PHP,
        LevelOfCare.IOP,
    }
)
NOMNC_LEVELS = frozenset({LevelOfCare.SNF, LevelOfCare.HOME_HEALTH})
"""Care whose end needs a notice of non-coverage. A rehabilitation facility for outpatients is not among the levels."""

LONG_OBSERVATION = timedelta(hours=24)
_DAY = timedelta(days=1)
_ABOUT_QIO = {
    "end_of_services": (DENC, "MA-FT-PLAN-INFO", "MA-FT-QIO-DECISION", "MA-FT-QIO-RECON"),
    "discharge": (DND, "MA-DISCHARGE-PLAN-INFO", "MA-DISCHARGE-QIO-DECISION"),
}
_QIO_RULES = {rule: about for about, rules in _ABOUT_QIO.items() for rule in rules}


def is_hospital(picture: StaySnapshot) -> bool:
    """Whether the stay is in a hospital: by its level, else by the status that only a hospital orders."""
    return picture.level not in OUTSIDE_HOSPITAL if picture.level is not None else picture.status is not None


def observation_ended(picture: StaySnapshot) -> datetime | None:
    """End of the observation (UTC): the inpatient order or the discharge, whichever came first."""
    ends = (picture.admitted_at, picture.discharged_at)
    return min((end for end in ends if end is not None), default=None)


def coverage_end(plan: DischargeCase, now: datetime) -> date | None:
    """The last covered day of care in a nursing facility or at home, if coverage is to end; None if it continues.

    A signed decision names it. Without one it is the end of the approved days, or the planned last day of the care if that is
    earlier, once the member is to leave by then: as long as they stay on, more days may be approved.
    """
    picture = plan.picture
    if picture.level not in NOMNC_LEVELS:
        return None
    end = picture.covered_through
    if end is None and picture.discharged_at is None:
        planned, certified = plan.planned_discharge_day(now), picture.certified_through
        if planned is not None:
            end = planned if certified is None or planned <= certified else certified
            end = end if certified is None or planned <= certified + _DAY else None
    return None if end is None or end in plan.reversed_ends else end


def current_subject(plan: DischargeCase, rule_id: str, now: datetime) -> str:
    """The subject that a form of this rule needs to count now; empty for a form that is required once in a stay."""
    if rule_id == NOMNC:
        end = coverage_end(plan, now)
        return end.isoformat() if end is not None else ""
    if rule_id in _QIO_RULES:
        review = _latest_qio_review(plan, _QIO_RULES[rule_id])
        return f"QIO call {review.number}" if review is not None else ""
    return ""


def duty_events(plan: DischargeCase, now: datetime) -> tuple[ClockEvent, ...]:
    """All events, past or planned, from which a clock of the stay counts."""
    return (*_stay_events(plan, now), *_qio_events(plan), *_delivery_events(plan))


def _stay_events(plan: DischargeCase, now: datetime) -> Iterator[ClockEvent]:
    picture = plan.picture
    if picture.voided:
        return
    if is_hospital(picture):
        if picture.admitted_at is not None:
            yield ClockEvent(kind=EventKind.INPATIENT_ADMISSION, at=picture.admitted_at)
        if picture.observation_began_at is not None:
            yield ClockEvent(kind=EventKind.OBSERVATION_BEGAN, at=picture.observation_began_at)
        yield from _discharge_events(plan, now)
    end = coverage_end(plan, now)
    if end is not None:
        yield ClockEvent(kind=EventKind.COVERAGE_END, at=utc_of_local_time(end, time(0), plan.tz), on=end)


def _discharge_events(plan: DischargeCase, now: datetime) -> Iterator[ClockEvent]:
    """The discharge, or its planned day. Under observation a patient has no inpatient rights."""
    rules = () if plan.picture.admitted_at is not None else (MOON,)
    left, planned = plan.picture.discharged_at, plan.planned_discharge_day(now)
    if left is not None:
        yield ClockEvent(kind=EventKind.DISCHARGE, at=left, rules=rules)
    elif planned is not None:
        at = utc_of_local_time(planned, time(0), plan.tz)
        yield ClockEvent(kind=EventKind.DISCHARGE, at=at, on=planned, rules=rules)


def _qio_events(plan: DischargeCase) -> Iterator[ClockEvent]:
    for kind, rules in _ABOUT_QIO.items():
        review = _latest_qio_review(plan, kind)
        if review is None:
            continue
        yield ClockEvent(kind=EventKind.QIO_NOTIFIED, at=review.asked_at, rules=rules)
        if review.has_information_at is not None:
            yield ClockEvent(kind=EventKind.QIO_HAS_INFORMATION, at=review.has_information_at, rules=rules)
        if review.decided_at is not None:
            yield ClockEvent(kind=EventKind.QIO_DECIDED, at=review.decided_at, rules=rules)


def _delivery_events(plan: DischargeCase) -> Iterator[ClockEvent]:
    for one in plan.deliveries:
        yield ClockEvent(kind=EventKind.FORM_DELIVERED, at=one.form.delivered_at, rules=(one.rule_id,))


def _latest_qio_review(plan: DischargeCase, kind: str) -> QioReview | None:
    return next((review for review in reversed(plan.qio) if review.about == kind), None)


def adjust_clocks(plan: DischargeCase, clocks: tuple[Clock, ...]) -> tuple[Clock, ...]:
    """Adjust the clocks to the stay: duties that do not apply stay visible and state the reason."""
    return tuple(_adjust_clock(plan, clock) for clock in clocks)


def _adjust_clock(plan: DischargeCase, clock: Clock) -> Clock:
    why = _reason_not_due(plan, clock)
    if why is not None:
        return clock.model_copy(update={"set_aside": why})
    ended = observation_ended(plan.picture)
    if clock.rule_id == MOON and ended is not None and ended < clock.due[0].at:
        sooner = {"at": ended.replace(microsecond=0), "reason": "sooner: observation ended before the hours did"}
        due = (clock.due[0].model_copy(update=sooner), *clock.due[1:])
        return clock.model_copy(update={"due": due})
    return clock


def _reason_not_due(plan: DischargeCase, clock: Clock) -> str | None:
    picture = plan.picture
    if clock.rule_id in DUTY_RULES and plan.member_died:
        return "the member died"
    if clock.rule_id == MOON and picture.observation_began_at is not None:
        ended = observation_ended(picture)
        if ended is not None and ended - picture.observation_began_at <= LONG_OBSERVATION:
            return "observation lasted no more than 24 hours"
    if clock.rule_id == IM_COPY and _first_copy_late_enough(plan, clock):
        return "the first copy was given within two days of the discharge"
    return None


def _first_copy_late_enough(plan: DischargeCase, clock: Clock) -> bool:
    opens = clock.opens_at
    return any(
        one.rule_id == IM and opens is not None and opens <= one.form.delivered_at <= clock.due[0].at
        for one in plan.deliveries
    )


def completed_duties(plan: DischargeCase, now: datetime) -> dict[str, datetime]:
    """Completion instant of each duty that is completed for its current subject, by rule."""
    found: dict[str, datetime] = {}
    for one in plan.deliveries:
        if one.about == current_subject(plan, one.rule_id, now) and _counts_as_delivered(
            plan, one.rule_id, one.form.delivered_at
        ):
            found[one.rule_id] = min(found.get(one.rule_id, one.form.delivered_at), one.form.delivered_at)
    for rule in RECORD_RULES:
        sent = plan.files_sent.get(f"{rule} {current_subject(plan, rule, now)}")
        if sent is not None:
            found[rule] = sent
    return found


def _counts_as_delivered(plan: DischargeCase, rule_id: str, at: datetime) -> bool:
    """Whether a delivery counts: a second copy given too early for the actual discharge does not."""
    if rule_id != IM_COPY:
        return True
    clock = next((one for one in plan.clocks if one.rule_id == IM_COPY), None)
    return clock is None or clock.opens_at is None or at >= clock.opens_at
