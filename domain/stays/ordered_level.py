"""The level of care that the hospital ordered, and what others say below it: a proposal, which a physician decides.

The hospital's order stands until the hospital changes it. Whoever at the plan says that a lower level would do has proposed a
partial denial (42 CFR 422.566(b)(3), 438.400(b)): it takes a review at the ordered level, a physician's signature and a notice.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind
from domain.stays.case import StayCase
from domain.stays.levels_of_care import ACUTE_INPATIENT, LevelOfCare, OrderedStatus
from domain.stays.messages import ClinicalUpdate, StayMessage
from domain.stays.timeline import Phase, effective_events

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
