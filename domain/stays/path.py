"""The path of a stay: given how it stands, what happens next. Pure, so that it can be tested without Temporal.

Nothing here says no to a day. A day is asked about, reviewed by people, or certified by a review; a stay that goes on longer
than usual sets people talking, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from domain.calendars import at_local
from domain.cases import escalation as escalating
from domain.cases import letter_tracking as mail
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from domain.stays import round_opening as stays_round_opening
from domain.stays import round_planning as stays_round_planning
from domain.stays import update_requests as stays_update_requests
from domain.stays.case import Stay
from domain.stays.day_counts import midnights_crossed, variance
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.stays.parts import DAY, Stand
from domain.stays.plan_messages import StayPicture
from domain.stays.views import sheet_of
from domain.vocabulary import NoticeKind, Role

STALE = timedelta(hours=1)
"""A look that is older is made anew before something is asked of the facility: times to answer count from now."""

ENDED_BY_NOTICE = frozenset({LevelOfCare.SNF, LevelOfCare.HOME_HEALTH})
"""Care whose end the member is told in advance and can have reviewed (42 CFR 422.624)."""


@dataclass(frozen=True)
class Look:
    """Look up the member, the levels of care, authorizations from before, and the policy."""


@dataclass(frozen=True)
class OpenRound:
    """A review is called for: put its request together and start it."""


@dataclass(frozen=True)
class WithdrawRound:
    """The hospital took the admission back: the review under way has nothing to decide any more."""

    case_id: str


@dataclass(frozen=True)
class StartPlan:
    """Discharge planning begins on the first day."""

    picture: StayPicture


@dataclass(frozen=True)
class TellPlan:
    """The stay changed: the discharge plan has to know."""

    picture: StayPicture


@dataclass(frozen=True)
class SendLetters:
    notices: tuple[NoticeKind, ...]


@dataclass(frozen=True)
class HandOver:
    letter_ids: tuple[str, ...]


@dataclass(frozen=True)
class Wait:
    """Nothing to do until somebody acts or an instant comes."""


@dataclass(frozen=True)
class Finish:
    """The stay is over and every day of it has its answer."""


Step = Look | OpenRound | WithdrawRound | StartPlan | TellPlan | SendLetters | HandOver | Wait | Finish


def next_step(stay: Stay, now: datetime) -> Step:
    """What happens next. Opens tasks and asks questions on the way (journalled), and returns what needs the world."""
    if stay.look_needed:
        return Look()
    if not stay.is_open:
        return _letters(stay, now) or (Wait() if stay.unsent() or stay.blocked_letters else Finish())
    escalating.ring(stay, now)
    if stay.course.is_voided:
        _take_back(stay, now)
    else:
        _questions(stay, now)
        _signals(stay, now)
    step = _review(stay, now) or _plan(stay) or _letters(stay, now)
    if step is None and _is_over(stay, now):
        _close(stay, now)
        return _letters(stay, now) or Finish()
    return step or Wait()


# -- reviews ---------------------------------------------------------------------------------------------------------------


def _review(stay: Stay, now: datetime) -> Step | None:
    if stay.round_to_withdraw is not None:
        return WithdrawRound(stay.round_to_withdraw)
    if stay.lob is None:
        _ask_coverage(stay, now)
    elif stay.round is None:
        planned = stays_round_planning.plan_round(stay, now)
        if planned is not None:
            stays_round_opening.begin(stay, planned, now)
        elif stay.update is not None and _nothing_open(stay, now):
            stay.update, stay.earlier_updates = None, ()
            stay.note(EntryKind.STAY_CHANGED, now, "No day needs an answer: the update is on file.")
    if stay.round is not None and not stay.round.opened:
        return OpenRound()
    if stays_update_requests.would_ask(stay, now) and stay.looked_at_instant < now - STALE:
        return Look()
    stays_update_requests.ask_facility(stay, now)
    stays_update_requests.stop_asking(stay, now)
    return None


def _ask_coverage(stay: Stay, now: datetime) -> None:
    """Once in a stay, and once more in one that was taken back and comes about after all."""
    if stay.course.is_voided:
        return
    why = (
        "No coverage of the member is on file, so nobody knows by which rules the days are reviewed: find it and enter it. "
        "Until then nothing is decided."
    )
    _once(stay, _COVERAGE, now, TaskKind.STATUS_QUESTION, Role.INTAKE, why)


_COVERAGE = "coverage"


def _nothing_open(stay: Stay, now: datetime) -> bool:
    """Whether no day could be reviewed by an update: the stay is over and answered, or needs no authorization where it is."""
    owed = stay.owed_through(now)
    over = stay.course.discharged_at is not None
    free = stay.level is not None and stay.looked_at().terms_of(stay.level) is None
    return (over or free) and (owed is None or not stay.undecided(owed))


def _take_back(stay: Stay, now: datetime) -> None:
    """An admission that was taken back: questions end, and so does the review under way. What was decided stays readable."""
    if stay.round is not None and stay.round.opened and "withdrawn:" + stay.round.case_id not in stay.signals:
        stay.signals = (*stay.signals, "withdrawn:" + stay.round.case_id)
        stay.round_to_withdraw = stay.round.case_id
    elif stay.round is not None and not stay.round.opened:
        stay.round = None
    stay.update = stay.asked = stay.second_look = stay.reduction = None
    stay.earlier_updates = ()
    stay.signals = tuple(signal for signal in stay.signals if signal != _COVERAGE)
    stay.owed_letters = [notice for notice in stay.owed_letters if notice is not NoticeKind.CLINICAL_UPDATE_REQUEST]
    stay.cancel_tasks(now, "the hospital took the admission back", *stay.open_tasks(*_ABOUT_CARE))


_ABOUT_CARE = (
    TaskKind.CLINICAL_UPDATE,
    TaskKind.LEVEL_QUESTION,
    TaskKind.STATUS_QUESTION,
    TaskKind.LONG_STAY,
    TaskKind.DISCHARGE_HUDDLE,
    TaskKind.DIRECTOR_ROUND,
)


# -- questions and signals -------------------------------------------------------------------------------------------------


def _questions(stay: Stay, now: datetime) -> None:
    phase, look = stay.course.now_in, stay.looked_at()
    _ask_level(stay, now)
    if stay.course.status_disputed_at is not None:
        why = (
            "After the discharge the hospital tells of another status than before. Days that have passed keep theirs "
            "and their answers: find out what the hospital means, and tell it so."
        )
        said = f"disputed:{stay.course.status_disputed_at.isoformat()}"
        _once(stay, said, now, TaskKind.STATUS_QUESTION, Role.NURSE, why)
    if phase is not None and look.move_asks:
        _once(stay, f"move:{phase.since.isoformat()}", now, TaskKind.STATUS_QUESTION, Role.NURSE, look.move_asks)
    if look.observation_question_at is not None and now >= look.observation_question_at and _observed(stay):
        why = "The patient has been under observation for long: ask the hospital whether it discharges or admits."
        _once(stay, "observation", now, TaskKind.STATUS_QUESTION, Role.NURSE, why)


def _ask_level(stay: Stay, now: datetime) -> None:
    """One question at a time, about the phase in which nobody knows the level of care."""
    phase = stay.unplaced(now)
    about = phase.since.isoformat() if phase is not None else None
    for task in stay.open_tasks(TaskKind.LEVEL_QUESTION):
        if phase is None or task.about != about:
            stay.cancel_tasks(now, "the level of care is known", task)
    if phase is None or stay.open_task(TaskKind.LEVEL_QUESTION) is not None:
        return
    unit = f" in the unit '{phase.unit}'" if phase.unit else ""
    when = "is the patient" if phase is stay.course.now_in else f"was the patient from {stay.local(phase.since)}"
    why = f"At which level of care {when}{unit}? The rulebook does not know, and it is not guessed."
    stay.new_task(TaskKind.LEVEL_QUESTION, Role.NURSE, why, now, stay.looked_at().update_due_at, about=about)


def _observed(stay: Stay) -> bool:
    phase = stay.course.now_in
    return stay.course.is_present and phase is not None and phase.status is OrderedStatus.OBSERVATION


def _signals(stay: Stay, now: datetime) -> None:
    """A stay beyond its usual length, and a long one: people talk. No day depends on it (42 CFR 409.44(a) for the manner)."""
    look = stay.looked_at()
    for name, at, kind, role, why in _variance_signals(stay):
        if stay.course.is_present and now >= at:
            _once(stay, name, now, kind, role, why)
    begins = look.long_stay_from
    if begins is None or not stay.course.is_present or now < begins:
        return
    today = stay.day(now)
    if stay.last_long_look is None or (today - stay.last_long_look).days >= look.long_stay_every_days:
        stay.last_long_look = today
        why = (
            f"The stay has reached {elapsed(stay, now)} days: look at it with the supervisor, and plan how it can end."
        )
        if stay.open_task(TaskKind.LONG_STAY) is None:
            _open(stay, TaskKind.LONG_STAY, Role.MEDICAL_DIRECTOR, why, now)


def _variance_signals(stay: Stay) -> Iterator[tuple[str, datetime, TaskKind, Role, str]]:
    """Both signals with the local midnight at which the stay reaches them."""
    look, admitted = stay.looked_at(), stay.course.admitted_at
    if look.gmlos is None or admitted is None:
        return
    usual = f"the usual {look.gmlos} days of DRG {stay.working_drg}"
    yield (
        f"huddle:{stay.working_drg}",
        _reached(stay, admitted, look.gmlos + look.huddle_at),
        TaskKind.DISCHARGE_HUDDLE,
        Role.DISCHARGE_PLANNER,
        f"The stay reaches {usual}: plan the discharge together. It is a signal and ends nothing.",
    )
    yield (
        f"director:{stay.working_drg}",
        _reached(stay, admitted, look.gmlos + look.director_round_at),
        TaskKind.DIRECTOR_ROUND,
        Role.MEDICAL_DIRECTOR,
        f"The stay is {look.director_round_at} days beyond {usual}: talk to the attending physician. It ends nothing.",
    )


def _reached(stay: Stay, admitted: datetime, midnights: Decimal) -> datetime:
    whole = int(midnights.to_integral_value(rounding=ROUND_CEILING))
    return at_local(stay.day(admitted) + max(whole, 0) * DAY, datetime.min.time(), stay.tz)


def _once(stay: Stay, name: str, now: datetime, kind: TaskKind, role: Role, why: str) -> None:
    if name not in stay.signals:
        stay.signals = (*stay.signals, name)
        _open(stay, kind, role, why, now)


def _open(stay: Stay, kind: TaskKind, role: Role, why: str, now: datetime) -> None:
    stay.new_task(kind, role, why, now, max(stay.looked_at().update_due_at, now + timedelta(hours=4)))


# -- the discharge plan ----------------------------------------------------------------------------------------------------


def _plan(stay: Stay) -> Step | None:
    now_is = picture(stay)
    if now_is == stay.told:
        return None
    if stay.plan_started:
        return TellPlan(now_is)
    begins = now_is.status in (OrderedStatus.OBSERVATION, OrderedStatus.INPATIENT) and not now_is.voided
    return StartPlan(now_is) if begins and stay.course.began_at is not None else None


def picture(stay: Stay) -> StayPicture:
    """The stay as its discharge plan sees it."""
    course, phase = stay.course, stay.course.now_in
    return StayPicture(
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
        behavioral=phase is not None and phase.level in (LevelOfCare.PSYCH_IP, LevelOfCare.RESIDENTIAL),
        diagnoses=course.diagnoses,
        working_drg=stay.working_drg,
        voided=course.is_voided,
    )


def _covered_through(stay: Stay) -> date | None:
    """The last covered day where a signed decision ended the cover of care that goes on; None while nothing ended."""
    last = max((span for span in stay.spans if span.counts), key=lambda span: span.last, default=None)
    if last is None or last.stand is not Stand.DENIED or last.level not in ENDED_BY_NOTICE:
        return None
    first = last.first
    while (before := stay.answer_of(first - DAY)) is not None and before.stand is Stand.DENIED:
        first = before.first
    return first - DAY


# -- letters, the end, and time --------------------------------------------------------------------------------------------


def _letters(stay: Stay, now: datetime) -> Step | None:
    mail.end_repairs(stay, now)
    if stay.owed_letters and stay.lob is None:
        owed = tuple(stay.owed_letters)
        mail.written(stay, owed, mail.unwritten(owed), now)
    if stay.owed_letters:
        return SendLetters(tuple(stay.owed_letters))
    ready = mail.ready(stay, now)
    return HandOver(ready) if ready else None


def _ends_at(stay: Stay) -> datetime | None:
    """From when the stay may be closed (UTC): some days after its end, because hospitals take back and correct."""
    course = stay.course
    ended = course.voided_at or course.discharged_at
    if ended is None and not course.phases:
        ended = course.planned_for
    return ended + timedelta(days=stay.looked_at().open_after_discharge_days) if ended is not None else None


def _is_over(stay: Stay, now: datetime) -> bool:
    ends = _ends_at(stay)
    if ends is None or now < ends or stay.round is not None or stay.unsent() or stay.blocked_letters:
        return False
    if stay.second_look is not None or stay.reduction is not None:
        return False
    owed = stay.owed_through(now)
    return stay.course.is_voided or owed is None or not stay.undecided(owed)


def _close(stay: Stay, now: datetime) -> None:
    came = bool(stay.course.phases) and not stay.course.is_voided
    stay.status = CaseStatus.COMPLETED if came else CaseStatus.VOIDED
    stay.closed_at = now
    stay.cancel_tasks(now, "the stay is over", *stay.open_tasks())
    words = "Every day of the stay has its answer." if came else "The admission did not take place."
    stay.note(EntryKind.CLOSED, now, f"The review of the stay is closed. {words}", sheet=sheet_of(stay, now))


def next_alarm(stay: Stay, now: datetime) -> datetime | None:
    """The next instant (UTC) at which time itself has something to do."""
    return min((at for at in _alarms(stay) if at > now), default=None)


def _alarms(stay: Stay) -> Iterator[datetime]:
    if stay.hand_over_again_at is not None and stay.unsent():
        yield stay.hand_over_again_at
    if stay.look is None or not stay.is_open:
        return
    yield from escalating.alarms(stay)
    if (ends := _ends_at(stay)) is not None:
        yield ends
    if stay.asked is not None:
        yield stay.asked.due_at
    if not stay.course.is_present:
        return
    look = stay.look
    if look.next_review_at is not None:
        yield look.next_review_at
    # The first day without an answer: today while nothing was decided, or later when the hospital speaks of days to come.
    first = stay.first_day if stay.decided_through is None else stay.decided_through + DAY
    if first is not None:
        yield at_local(first, datetime.min.time(), stay.tz)
    if look.observation_question_at is not None:
        yield look.observation_question_at
    for signal in _variance_signals(stay):
        yield signal[1]
    if look.long_stay_from is not None:
        yield look.long_stay_from
        if stay.last_long_look is not None:
            again = stay.last_long_look + look.long_stay_every_days * DAY
            yield at_local(again, datetime.min.time(), stay.tz)


def elapsed(stay: Stay, now: datetime) -> int:
    """Midnights since the admission, as an inpatient; 0 before it."""
    admitted = stay.course.admitted_at
    until = stay.course.discharged_at or now
    return midnights_crossed(admitted, until, stay.tz) if admitted is not None and admitted <= until else 0


def variance_of(stay: Stay, now: datetime) -> Decimal | None:
    """Midnights beyond the usual length; None without a working DRG that has one."""
    usual = stay.looked_at().gmlos
    return None if usual is None or stay.course.admitted_at is None else variance(elapsed(stay, now), usual)
