"""Which notices of Medicare a stay and its end owe, and what they are about: the events that their clocks count from.

The rules themselves (who is bound, how long, by which law) stand in the rulebook. What is here decides from the stay as it
stands whether observation lasted long enough, when coverage ends, and what a delivered form was about.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from domain.calendars import at_local
from domain.clocks.engine import Clock, ClockEvent, EventKind
from domain.discharge.case import DischargePlan
from domain.discharge.parts import QioReview
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.plan_messages import StayPicture
from domain.vocabulary import NoticeKind

IM, IM_COPY, MOON = "MA-IM", "MA-IM-COPY", "MA-MOON"
NOMNC, DENC, DND = "MA-NOMNC", "MA-DENC", "MA-DND"
FORMS = {
    IM: NoticeKind.IMPORTANT_MESSAGE,
    IM_COPY: NoticeKind.IMPORTANT_MESSAGE,
    MOON: NoticeKind.MOON,
    NOMNC: NoticeKind.NOMNC,
    DENC: NoticeKind.DENC,
    DND: NoticeKind.DND,
}
"""The forms that have to be delivered, by the rule that makes them due."""
DETAILED = (DENC, DND)
"""Notices that explain a decision to somebody who has appealed."""
EXPLAINED = (*DETAILED, MOON)
"""Forms that tell a reason: somebody says why first."""
FILES = ("MA-FT-PLAN-INFO", "MA-DISCHARGE-PLAN-INFO")
"""Records that go to the QIO."""
OWED = (*FORMS, *FILES)

IN_HOSPITAL = (IM, IM_COPY, MOON)
"""Forms that are handed over in the hospital, and to nobody who has left it."""
OUTSIDE = frozenset(
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
ENDING_SERVICES = frozenset({LevelOfCare.SNF, LevelOfCare.HOME_HEALTH})
"""Care whose end needs a notice of non-coverage. A rehabilitation facility for outpatients is not among the levels."""

LONG_OBSERVATION = timedelta(hours=24)
COPY_WINDOW = timedelta(days=2)
_DAY = timedelta(days=1)
_ABOUT_QIO = {
    "end_of_services": (DENC, "MA-FT-PLAN-INFO", "MA-FT-QIO-DECISION", "MA-FT-QIO-RECON"),
    "discharge": (DND, "MA-DISCHARGE-PLAN-INFO", "MA-DISCHARGE-QIO-DECISION"),
}
_QIO_RULES = {rule: about for about, rules in _ABOUT_QIO.items() for rule in rules}


def is_hospital(picture: StayPicture) -> bool:
    """Whether the stay is in a hospital: by its level, else by the status that only a hospital orders."""
    return picture.level not in OUTSIDE if picture.level is not None else picture.status is not None


def was_inpatient(picture: StayPicture) -> bool:
    return is_hospital(picture) and picture.admitted_at is not None


def observation_ended(picture: StayPicture) -> datetime | None:
    """When observation ended (UTC): with the inpatient order or the discharge, whichever came first."""
    ends = (picture.admitted_at, picture.discharged_at)
    return min((end for end in ends if end is not None), default=None)


def coverage_end(plan: DischargePlan, now: datetime) -> date | None:
    """The last covered day of care in a nursing facility or at home, where coverage is to end; None where it goes on.

    A signed decision names it. Without one it is the end of the approved days, or the planned last day of the care if that is
    earlier, once the member is to leave by then: as long as they stay on, more days may be approved.
    """
    picture = plan.picture
    if picture.level not in ENDING_SERVICES:
        return None
    end = picture.covered_through
    if end is None and picture.discharged_at is None:
        planned, certified = plan.planned_day(now), picture.certified_through
        if planned is not None:
            end = planned if certified is None or planned <= certified else certified
            end = end if certified is None or planned <= certified + _DAY else None
    return None if end is None or end in plan.reversed_ends else end


def about(plan: DischargePlan, rule_id: str, now: datetime) -> str:
    """What a form of this rule has to be about to count now; empty for what is owed once in a stay."""
    if rule_id == NOMNC:
        end = coverage_end(plan, now)
        return end.isoformat() if end is not None else ""
    if rule_id in _QIO_RULES:
        review = _latest(plan, _QIO_RULES[rule_id])
        return f"QIO call {review.number}" if review is not None else ""
    return ""


def events(plan: DischargePlan, now: datetime) -> tuple[ClockEvent, ...]:
    """Everything that happened, or is planned, from which a clock of the stay counts."""
    return (*_stay(plan, now), *_qio(plan), *_deliveries(plan))


def _stay(plan: DischargePlan, now: datetime) -> Iterator[ClockEvent]:
    picture = plan.picture
    if picture.voided:
        return
    if is_hospital(picture):
        if picture.admitted_at is not None:
            yield ClockEvent(kind=EventKind.INPATIENT_ADMISSION, at=picture.admitted_at)
        if picture.observation_began_at is not None:
            yield ClockEvent(kind=EventKind.OBSERVATION_BEGAN, at=picture.observation_began_at)
        yield from _discharge(plan, now)
    end = coverage_end(plan, now)
    if end is not None:
        yield ClockEvent(kind=EventKind.COVERAGE_END, at=at_local(end, time(0), plan.tz), on=end)


def _discharge(plan: DischargePlan, now: datetime) -> Iterator[ClockEvent]:
    """The discharge, or the day for which it is planned. Under observation nobody has the rights of an inpatient."""
    rules = () if plan.picture.admitted_at is not None else (MOON,)
    left, planned = plan.picture.discharged_at, plan.planned_day(now)
    if left is not None:
        yield ClockEvent(kind=EventKind.DISCHARGE, at=left, rules=rules)
    elif planned is not None:
        at = at_local(planned, time(0), plan.tz)
        yield ClockEvent(kind=EventKind.DISCHARGE, at=at, on=planned, rules=rules)


def _qio(plan: DischargePlan) -> Iterator[ClockEvent]:
    for kind, rules in _ABOUT_QIO.items():
        review = _latest(plan, kind)
        if review is None:
            continue
        yield ClockEvent(kind=EventKind.QIO_NOTIFIED, at=review.asked_at, rules=rules)
        if review.has_information_at is not None:
            yield ClockEvent(kind=EventKind.QIO_HAS_INFORMATION, at=review.has_information_at, rules=rules)
        if review.decided_at is not None:
            yield ClockEvent(kind=EventKind.QIO_DECIDED, at=review.decided_at, rules=rules)


def _deliveries(plan: DischargePlan) -> Iterator[ClockEvent]:
    for one in plan.deliveries:
        yield ClockEvent(kind=EventKind.FORM_DELIVERED, at=one.form.delivered_at, rules=(one.rule_id,))


def _latest(plan: DischargePlan, kind: str) -> QioReview | None:
    return next((review for review in reversed(plan.qio) if review.about == kind), None)


def settled(plan: DischargePlan, clocks: tuple[Clock, ...]) -> tuple[Clock, ...]:
    """The clocks with what the stay makes of them: duties that fall away stay visible and say why."""
    return tuple(_settled(plan, clock) for clock in clocks)


def _settled(plan: DischargePlan, clock: Clock) -> Clock:
    why = _falls_away(plan, clock)
    if why is not None:
        return clock.model_copy(update={"set_aside": why})
    ended = observation_ended(plan.picture)
    if clock.rule_id == MOON and ended is not None and ended < clock.due[0].at:
        sooner = {"at": ended.replace(microsecond=0), "reason": "sooner: observation ended before the hours did"}
        due = (clock.due[0].model_copy(update=sooner), *clock.due[1:])
        return clock.model_copy(update={"due": due})
    return clock


def _falls_away(plan: DischargePlan, clock: Clock) -> str | None:
    picture = plan.picture
    if clock.rule_id in OWED and plan.died:
        return "the member died"
    if clock.rule_id == MOON and picture.observation_began_at is not None:
        ended = observation_ended(picture)
        if ended is not None and ended - picture.observation_began_at <= LONG_OBSERVATION:
            return "observation lasted no more than 24 hours"
    if clock.rule_id == IM_COPY and _first_copy_late_enough(plan, clock):
        return "the first copy was given within two days of the discharge"
    return None


def _first_copy_late_enough(plan: DischargePlan, clock: Clock) -> bool:
    opens = clock.opens_at
    return any(
        one.rule_id == IM and opens is not None and opens <= one.form.delivered_at <= clock.due[0].at
        for one in plan.deliveries
    )


def done(plan: DischargePlan, now: datetime) -> dict[str, datetime]:
    """When each duty was done that is done for what it is about now, by rule."""
    found: dict[str, datetime] = {}
    for one in plan.deliveries:
        if one.about == about(plan, one.rule_id, now) and _counts(plan, one.rule_id, one.form.delivered_at):
            found[one.rule_id] = min(found.get(one.rule_id, one.form.delivered_at), one.form.delivered_at)
    for rule in FILES:
        sent = plan.files_sent.get(f"{rule} {about(plan, rule, now)}")
        if sent is not None:
            found[rule] = sent
    return found


def _counts(plan: DischargePlan, rule_id: str, at: datetime) -> bool:
    """A second copy that was given too early for the discharge as it came does not count."""
    if rule_id != IM_COPY:
        return True
    clock = next((one for one in plan.clocks if one.rule_id == IM_COPY), None)
    return clock is None or clock.opens_at is None or at >= clock.opens_at
