"""Tasks with a stay's questions (coverage, level of care, status), and the talks about a long stay. They end no day.

No answer about the level of care ends one either. The hospital's order stands until the hospital changes it: whoever says
that a lower level would do proposes a partial denial (42 CFR 422.566(b)(3), 438.400(b)), which takes a review at the ordered
level, a physician's signature and a notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from domain.calendars import utc_of_local_time
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind
from domain.stays.case import StayCase
from domain.stays.day_counts import midnights_crossed
from domain.stays.levels_of_care import ACUTE_INPATIENT, LevelOfCare, OrderedStatus
from domain.stays.messages import ClinicalUpdate, StayMessage
from domain.stays.parts import DAY
from domain.stays.timeline import Phase, effective_events
from domain.vocabulary import Role

SILENCE = "silence"
"""The subject of the task that asks what became of a patient of whom the hospital says nothing more."""

COVERAGE = "coverage"
"""The signal that the coverage question was asked."""

ABOUT_CARE = (
    TaskKind.CLINICAL_UPDATE,
    TaskKind.LEVEL_QUESTION,
    TaskKind.STATUS_QUESTION,
    TaskKind.LONG_STAY,
    TaskKind.DISCHARGE_HUDDLE,
    TaskKind.DIRECTOR_ROUND,
)


_TALKS = {
    TaskKind.DISCHARGE_HUDDLE: "huddle:",
    TaskKind.DIRECTOR_ROUND: "director:",
    TaskKind.LONG_STAY: "long stay:",
}
"""Talks about how a stay can end, each with the beginning of its signal."""


def open_coverage_task(stay: StayCase, now: datetime) -> None:
    """Open the coverage task once in a stay, and once more after a canceled admission that takes place after all."""
    if stay.course.is_voided:
        return
    why = (
        "No coverage of the member is on file, so nobody knows by which rules the days are reviewed: find it and enter it. "
        "Until then nothing is decided."
    )
    _open_task_once(stay, COVERAGE, now, TaskKind.STATUS_QUESTION, Role.INTAKE, why)


def open_question_tasks(stay: StayCase, now: datetime) -> None:
    phase, look = stay.course.current_phase, stay.require_context()
    _open_level_task(stay, now)
    if stay.course.status_disputed_at is not None:
        why = (
            "After the discharge the hospital tells of another status than before. Days that have passed keep theirs "
            "and their answers: find out what the hospital means, and tell it so."
        )
        said = f"disputed:{stay.course.status_disputed_at.isoformat()}"
        _open_task_once(stay, said, now, TaskKind.STATUS_QUESTION, Role.NURSE, why)
    for question in stay.course.questions:
        _open_task_once(stay, question.signal, now, TaskKind.STATUS_QUESTION, Role.NURSE, question.why)
    if phase is not None and look.move_asks:
        _open_task_once(
            stay, f"move:{phase.since.isoformat()}", now, TaskKind.STATUS_QUESTION, Role.NURSE, look.move_asks
        )
    if look.observation_question_at is not None and now >= look.observation_question_at and _is_under_observation(stay):
        why = "The patient has been under observation for long: ask the hospital whether it discharges or admits."
        _open_task_once(stay, "observation", now, TaskKind.STATUS_QUESTION, Role.NURSE, why)


def silence_question_at(stay: StayCase) -> datetime | None:
    """The instant (UTC) at which people ask what became of the patient, because the hospital has said nothing more.

    Only a stay that waits for nothing but the hospital's next message has one: no review and no task is open, and no end is
    told. It counts from the last look at the stay, which every message and every answer causes, or from the last thing that
    was planned or asked.
    """
    look, course = stay.look, stay.course
    if look is None or look.silence_question_hours is None or course.is_voided or course.discharged_at is not None:
        return None
    if stay.round is not None or stay.open_tasks():
        return None
    planned = (course.planned_for,) if not course.phases else (look.next_review_at, look.observation_question_at)
    answer_due_at = stay.asked.due_at if stay.asked is not None else None
    last: datetime = max(at for at in (stay.looked_at_instant, answer_due_at, *planned) if at is not None)
    return last + timedelta(hours=look.silence_question_hours)


def open_silence_task(stay: StayCase, now: datetime) -> None:
    """Open the question to the hospital after silence. Its answer is a look at the stay, from which the time counts anew."""
    at = silence_question_at(stay)
    if at is None or now < at:
        return
    if stay.course.phases:
        why = "The hospital has told nothing more of the patient, and no discharge: ask whether the patient is still there."
    else:
        why = "The patient was expected, and the hospital has told of no arrival: ask whether the patient came or will come."
    why += " What it says comes as its own message, or is entered as one."
    due = max(stay.require_context().update_due_at, now + timedelta(hours=4))
    stay.add_task(TaskKind.STATUS_QUESTION, Role.NURSE, why, now, due, about=SILENCE)


def close_silence_task(stay: StayCase, at: datetime) -> None:
    """Cancel the question after silence: the hospital has been heard (`at`, UTC)."""
    asked = (task for task in stay.open_tasks(TaskKind.STATUS_QUESTION) if task.about == SILENCE)
    stay.cancel_tasks(at, "the hospital has told more of the stay", *asked)


def _open_level_task(stay: StayCase, now: datetime) -> None:
    """Open one level question at a time, about the phase whose level of care is unknown."""
    phase = stay.phase_without_level(now)
    about = phase.since.isoformat() if phase is not None else None
    for task in stay.open_tasks(TaskKind.LEVEL_QUESTION):
        if phase is None or task.about != about:
            stay.cancel_tasks(now, "the level of care is known", task)
    if phase is None or stay.open_task(TaskKind.LEVEL_QUESTION) is not None:
        return
    unit = f" in the unit '{phase.unit}'" if phase.unit else ""
    when = "is the patient" if phase is stay.course.current_phase else f"was the patient from {stay.local(phase.since)}"
    why = f"At which level of care {when}{unit}? The rulebook does not know, and it is not guessed."
    stay.add_task(TaskKind.LEVEL_QUESTION, Role.NURSE, why, now, stay.require_context().update_due_at, about=about)


def _is_under_observation(stay: StayCase) -> bool:
    phase = stay.course.current_phase
    return stay.course.is_present and phase is not None and phase.status is OrderedStatus.OBSERVATION


def open_long_stay_tasks(stay: StayCase, now: datetime) -> None:
    """Open the talks about a long stay. No day depends on them (42 CFR 409.44(a) for the manner)."""
    look = stay.require_context()
    if look.talks_end_at_discharge and stay.course.discharged_at is not None:
        _close_talks(stay, now)
    for name, at, kind, role, why in variance_signals(stay):
        if stay.course.is_present and now >= at:
            _open_task_once(stay, name, now, kind, role, why)
    begins = look.long_stay_from
    if begins is None or not stay.course.is_present or now < begins:
        return
    today = stay.day(now)
    if stay.last_long_look is None or (today - stay.last_long_look).days >= look.long_stay_every_days:
        stay.last_long_look = today
        midnights = _inpatient_midnights(stay, now)
        why = f"The stay has reached {midnights} days: look at it with the supervisor, and plan how it can end."
        if stay.open_task(TaskKind.LONG_STAY) is None:
            _open_task(stay, TaskKind.LONG_STAY, Role.MEDICAL_DIRECTOR, why, now)


def _close_talks(stay: StayCase, now: datetime) -> None:
    """Close the talks about how the stay can end: the patient has left. They are due anew if the discharge is taken back."""
    talks = stay.open_tasks(*_TALKS)
    stay.cancel_tasks(now, "the patient has left", *talks)
    ended = tuple(_TALKS[task.kind] for task in talks)
    stay.signals = tuple(name for name in stay.signals if not name.startswith(ended)) if ended else stay.signals
    if any(task.kind is TaskKind.LONG_STAY for task in talks):
        stay.last_long_look = None


def variance_signals(stay: StayCase) -> Iterator[tuple[str, datetime, TaskKind, Role, str]]:
    """Both signals with the local midnight at which the stay reaches them."""
    look, admitted = stay.require_context(), stay.course.admitted_at
    if look.gmlos is None or admitted is None:
        return
    usual = f"the usual {look.gmlos} days of DRG {stay.working_drg}"
    yield (
        f"huddle:{stay.working_drg}",
        _reached_at(stay, admitted, look.gmlos + look.huddle_at),
        TaskKind.DISCHARGE_HUDDLE,
        Role.DISCHARGE_PLANNER,
        f"The stay reaches {usual}: plan the discharge together. It is a signal and ends nothing.",
    )
    yield (
        f"director:{stay.working_drg}",
        _reached_at(stay, admitted, look.gmlos + look.director_round_at),
        TaskKind.DIRECTOR_ROUND,
        Role.MEDICAL_DIRECTOR,
        f"The stay is {look.director_round_at} days beyond {usual}: talk to the attending physician. It ends nothing.",
    )


def _reached_at(stay: StayCase, admitted: datetime, midnights: Decimal) -> datetime:
    whole = int(midnights.to_integral_value(rounding=ROUND_CEILING))
    return utc_of_local_time(stay.day(admitted) + max(whole, 0) * DAY, datetime.min.time(), stay.tz)


def _open_task_once(stay: StayCase, name: str, now: datetime, kind: TaskKind, role: Role, why: str) -> None:
    if name not in stay.signals:
        stay.signals = (*stay.signals, name)
        _open_task(stay, kind, role, why, now)


def _open_task(stay: StayCase, kind: TaskKind, role: Role, why: str, now: datetime) -> None:
    stay.add_task(kind, role, why, now, max(stay.require_context().update_due_at, now + timedelta(hours=4)))


def _inpatient_midnights(stay: StayCase, now: datetime) -> int:
    """Midnights since the admission, as an inpatient; 0 before it."""
    admitted = stay.course.admitted_at
    until = stay.course.discharged_at or now
    return midnights_crossed(admitted, until, stay.tz) if admitted is not None and admitted <= until else 0


# -- the level that the hospital ordered -------------------------------------------------------------------------------------

_RANKS: Mapping[LevelOfCare, int] = {
    LevelOfCare.HOME: 0,
    LevelOfCare.ASSISTED_LIVING: 0,
    LevelOfCare.HOME_HEALTH: 1,
    LevelOfCare.HOSPICE: 1,
    LevelOfCare.IOP: 1,
    LevelOfCare.PHP: 1,
    LevelOfCare.EMERGENCY: 2,
    LevelOfCare.OBSERVATION: 3,
    LevelOfCare.RESIDENTIAL: 4,
    LevelOfCare.SNF: 4,
    LevelOfCare.IRF: 5,
    LevelOfCare.LTCH: 5,
    LevelOfCare.PSYCH_IP: 5,
    LevelOfCare.INPATIENT_WARD: 6,
    LevelOfCare.STEPDOWN: 7,
    LevelOfCare.ICU: 8,
}
"""More care stands higher. Levels of one rank are other care and not less."""

_LEAST: Mapping[OrderedStatus | None, LevelOfCare] = {
    None: LevelOfCare.HOME_HEALTH,
    OrderedStatus.EMERGENCY: LevelOfCare.EMERGENCY,
    OrderedStatus.OBSERVATION: LevelOfCare.OBSERVATION,
    OrderedStatus.INPATIENT: LevelOfCare.SNF,
}
"""The least level that each order means; whoever is in a facility, in whatever status, is not at home."""


def is_below_order(stay: StayCase, phase: Phase | None, level: LevelOfCare, *, by_hospital: bool) -> bool:
    """Whether a level is below what the hospital ordered in this phase. A hospital changes the unit's level by saying so, but
    its order only by an order."""
    if phase is None:
        return False
    if _RANKS[level] < _RANKS[_LEAST[phase.status]]:
        return True
    placed = _placed_level(stay, phase)
    if placed is None or _RANKS[level] >= _RANKS[placed]:
        return False
    return not by_hospital or (placed in ACUTE_INPATIENT and level not in ACUTE_INPATIENT)


def is_lower(level: LevelOfCare, than: LevelOfCare) -> bool:
    """Whether one level is less care than another."""
    return _RANKS[level] < _RANKS[than]


def _placed_level(stay: StayCase, phase: Phase) -> LevelOfCare | None:
    """The level at which the hospital's own messages of this phase placed the patient; None is unknown."""
    own = [event for event in effective_events(stay.events.values()) if event.event_id not in stay.spoken]
    before = [event for event in own if event.happened_at <= phase.since or phase is stay.course.current_phase]
    return stay.levels.get(before[-1].event_id) if before else None


def phase_asked_about(stay: StayCase, about: str | None) -> Phase | None:
    """The phase that a level question is about; the present one where it is no longer found."""
    phases = stay.course.phases
    return next((phase for phase in phases if phase.since.isoformat() == about), stay.course.current_phase)


def says_below_order(stay: StayCase, message: StayMessage) -> bool:
    """Whether an update, or an answer about the level, says less than the hospital ordered."""
    match message:
        case ClinicalUpdate(level=LevelOfCare() as level):
            by_hospital = message.actor.kind == "provider"
            return is_below_order(stay, stay.course.current_phase, level, by_hospital=by_hospital)
        case CompleteTask(form={"level": str(said)}) if said in set(LevelOfCare):
            task = stay.tasks.get(message.task_id)
            if task is None or task.kind is not TaskKind.LEVEL_QUESTION:
                return False
            return is_below_order(stay, phase_asked_about(stay, task.about), LevelOfCare(said), by_hospital=False)
        case _:
            return False
