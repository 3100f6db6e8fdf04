"""The course of a stay, folded from everything that was said of it, in the order in which it happened.

Messages come late, twice and out of order; some take back what others said. Therefore nothing is changed in place: whenever
something new is heard, the whole course is folded anew from all events. What is silent takes nothing back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import AwareDatetime

from domain.adt import AdtKind, PatientClass, StayEvent, in_order
from domain.levels_of_care import LevelOfCare, OrderedStatus
from domain.model import Model

_STATUS = {
    PatientClass.EMERGENCY: OrderedStatus.EMERGENCY,
    PatientClass.OBSERVATION: OrderedStatus.OBSERVATION,
    PatientClass.INPATIENT: OrderedStatus.INPATIENT,
    PatientClass.OBSTETRICS: OrderedStatus.INPATIENT,
}
"""A class that is not here (outpatient, preadmit, recurring, unknown) says nothing of the ordered status."""

_INTO_INPATIENT = frozenset({AdtKind.ADMIT, AdtKind.TO_INPATIENT})


class Phase(Model):
    """A part of the stay in which status and level stayed the same. `since` is UTC; `level` None is unknown: ask a person."""

    since: AwareDatetime
    status: OrderedStatus | None
    level: LevelOfCare | None
    unit: str | None


class Course(Model):
    """How the stay went as far as anybody said. None is unknown, or not yet; `planned` is an admission that is announced.

    `began_at` is the first presence in the facility (emergency care included), `admitted_at` the inpatient order.
    """

    phases: tuple[Phase, ...] = ()
    planned_for: AwareDatetime | None = None
    began_at: AwareDatetime | None = None
    observation_began_at: AwareDatetime | None = None
    admitted_at: AwareDatetime | None = None
    discharged_at: AwareDatetime | None = None
    disposition: str | None = None
    diagnoses: tuple[str, ...] = ()
    attending_npi: str | None = None
    admit_source: str | None = None
    voided_at: AwareDatetime | None = None

    @property
    def now_in(self) -> Phase | None:
        """The present (or last) phase."""
        return self.phases[-1] if self.phases else None

    @property
    def is_voided(self) -> bool:
        return self.voided_at is not None

    @property
    def is_present(self) -> bool:
        """Whether the patient is in the facility, as far as anybody said."""
        return bool(self.phases) and self.discharged_at is None and not self.is_voided

    @property
    def was_emergency(self) -> bool | None:
        """Whether the stay began as an emergency; None when its beginning is not known."""
        if not self.phases or self.phases[0].status is None:
            return None
        return self.phases[0].status is OrderedStatus.EMERGENCY


def fold(events: Iterable[StayEvent], levels: Mapping[str, LevelOfCare | None]) -> Course:
    """The course after all these events. `levels` tells by event id at which level of care the event puts the patient: the
    answer of a person where one was needed, else what the rulebook's table says of status and unit."""
    folding = _Folding(levels)
    for event in in_order(events):
        folding.take(event)
    return folding.course()


def without_effect(events: Iterable[StayEvent], levels: Mapping[str, LevelOfCare | None]) -> tuple[str, ...]:
    """The ids of updates that repeat what was known when they happened: the course is the same without them."""
    folding, found = _Folding(levels), []
    for event in in_order(events):
        before = folding.course()
        folding.take(event)
        if event.kind is AdtKind.UPDATE and folding.course() == before:
            found.append(event.event_id)
    return tuple(found)


class _Folding:
    """The course while it is folded; every event that can be taken back keeps what was before it."""

    def __init__(self, levels: Mapping[str, LevelOfCare | None]) -> None:
        self._levels = levels
        self._clear()

    def _clear(self) -> None:
        self.phases: list[Phase] = []
        self.planned_for: AwareDatetime | None = None
        self.began_at: AwareDatetime | None = None
        self.observation_began_at: AwareDatetime | None = None
        self.admitted_at: AwareDatetime | None = None
        self.discharged_at: AwareDatetime | None = None
        self.disposition: str | None = None
        self.diagnoses: tuple[str, ...] = ()
        self.attending_npi: str | None = None
        self.admit_source: str | None = None
        self.voided_at: AwareDatetime | None = None
        self._before_transfer: list[Phase] | None = None

    def take(self, event: StayEvent) -> None:
        match event.kind:
            case AdtKind.CANCEL_ADMIT:
                self._clear()
                self.voided_at = event.happened_at
                return
            case AdtKind.CANCEL_DISCHARGE:
                self.discharged_at = self.disposition = None
            case AdtKind.CANCEL_TRANSFER:
                if self._before_transfer is not None:
                    self.phases, self._before_transfer = self._before_transfer, None
                return
            case AdtKind.MERGE | AdtKind.OTHER:
                return
            case AdtKind.PREADMIT:
                self._learn(event)
                self.planned_for = event.admitted_at or event.happened_at
                return
            case AdtKind.TRANSFER:
                self._before_transfer = list(self.phases)
            case AdtKind.TO_OUTPATIENT if event.patient_class not in _STATUS:
                # The stay ended; what follows is an outpatient visit like any other.
                self._learn(event)
                self.discharged_at = event.happened_at
                return
        self._present(event)

    def _present(self, event: StayEvent) -> None:
        """What an event says of somebody who is, or was, in the facility."""
        self.voided_at = None
        self._learn(event)
        at = event.admitted_at if event.kind is AdtKind.ADMIT and event.admitted_at else event.happened_at
        if self.began_at is None:
            self.began_at = min(at, event.admitted_at or at)
        self._enter(event, at)
        left = event.kind is AdtKind.DISCHARGE or event.discharged_at is not None
        if left and event.kind is not AdtKind.CANCEL_DISCHARGE:
            self.discharged_at = event.discharged_at or event.happened_at
            self.disposition = event.disposition or self.disposition

    def _enter(self, event: StayEvent, at: AwareDatetime) -> None:
        before = self.phases[-1] if self.phases else None
        status = self._status(event) or (before.status if before else None)
        unit = event.unit or (before.unit if before else None)
        level = self._levels.get(event.event_id) or (
            before.level if before and before.status is status and before.unit == unit else None
        )
        if before is not None and (before.status, before.level, before.unit) == (status, level, unit):
            return
        if before is not None and before.since >= at:
            at = before.since
            self.phases.pop()
        self.phases.append(Phase(since=at, status=status, level=level, unit=unit))
        if status is OrderedStatus.OBSERVATION and self.observation_began_at is None:
            self.observation_began_at = at
        if status is OrderedStatus.INPATIENT and self.admitted_at is None:
            self.admitted_at = at
        if status in (OrderedStatus.OBSERVATION, OrderedStatus.EMERGENCY):
            self.admitted_at = None

    def _status(self, event: StayEvent) -> OrderedStatus | None:
        """What the hospital ordered, as far as this event says: its class, and for an admission the admission itself."""
        found = _STATUS.get(event.patient_class)
        if found is None and event.kind in _INTO_INPATIENT and event.patient_class is PatientClass.UNKNOWN:
            return OrderedStatus.INPATIENT if event.kind is AdtKind.TO_INPATIENT else None
        return found

    def _learn(self, event: StayEvent) -> None:
        self.diagnoses = event.diagnoses or self.diagnoses
        self.attending_npi = event.attending_npi or self.attending_npi
        self.admit_source = event.admit_source or self.admit_source

    def course(self) -> Course:
        return Course(
            phases=tuple(self.phases),
            planned_for=self.planned_for,
            began_at=self.began_at,
            observation_began_at=self.observation_began_at,
            admitted_at=self.admitted_at,
            discharged_at=self.discharged_at,
            disposition=self.disposition,
            diagnoses=self.diagnoses,
            attending_npi=self.attending_npi,
            admit_source=self.admit_source,
            voided_at=self.voided_at,
        )
