"""The timeline of a stay, built from all of its events in the order in which they happened.

Messages arrive late, twice and out of order; some cancel others. Therefore nothing is changed in place: with every new event
the whole timeline is rebuilt from all events. A field that an event leaves out cancels nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pydantic import AwareDatetime, Field

from domain.model import Model
from domain.stays.adt import VISIT_CLASSES, AdmissionType, AdtKind, PatientClass, StayEvent, more_precise, sort_events
from domain.stays.contradictions import CancelReading, CourseDoubt, CourseQuestion, doubt_event, read_cancels
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus, ends_stay, status_after

_RETURN_KINDS = frozenset({AdtKind.ADMIT, AdtKind.REGISTER, AdtKind.TO_INPATIENT})
"""After a discharge only these mean that the patient is back; any other event corrects the past."""

_KINDS_WITH_UNKNOWN_PAST = frozenset({AdtKind.TRANSFER, AdtKind.TO_INPATIENT, AdtKind.TO_OUTPATIENT, AdtKind.DISCHARGE})
"""As the first event of a stay that began earlier, these tell the present location of the patient, and not the earlier one."""


_BEFORE_ADMISSION = frozenset({PatientClass.EMERGENCY, PatientClass.OBSERVATION})


class Phase(Model):
    """A part of the stay with the same status and level. `since` is UTC; `level` None is unknown: ask a person.

    `event_id` is the event that began it; None for the time before the first event, of which only the beginning is known.
    """

    since: AwareDatetime
    status: OrderedStatus | None
    level: LevelOfCare | None
    unit: str | None
    event_id: str | None = None


class StayTimeline(Model):
    """The timeline of a stay as far as reported. None is unknown, or not yet; `planned_for` is an announced admission.

    `began_at` is the first presence in the facility (emergency care included), `admitted_at` the inpatient order.
    `status_disputed_at`: after the discharge the hospital sent another status; the timeline is not changed by that.
    `questions` are contradictions among the messages, for a person.
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
    admission_type: AdmissionType | None = Field(default=None, exclude_if=lambda stated: stated is None)
    voided_at: AwareDatetime | None = None
    status_disputed_at: AwareDatetime | None = None
    questions: tuple[CourseQuestion, ...] = Field(default=(), exclude_if=lambda asked: not asked)

    @property
    def current_phase(self) -> Phase | None:
        """The present (or last) phase."""
        return self.phases[-1] if self.phases else None

    @property
    def is_voided(self) -> bool:
        return self.voided_at is not None

    @property
    def is_present(self) -> bool:
        """Whether the patient is in the facility, as far as reported."""
        return bool(self.phases) and self.discharged_at is None and not self.is_voided

    @property
    def was_emergency(self) -> bool | None:
        """Whether the stay began as an emergency; None when its beginning is not known."""
        if not self.phases or self.phases[0].status is None:
            return None
        return self.phases[0].status is OrderedStatus.EMERGENCY


def build_timeline(
    events: Iterable[StayEvent], levels: Mapping[str, LevelOfCare | None], spoken: Collection[str] = ()
) -> StayTimeline:
    """The timeline after all these events. `levels` has, by event id, the level of care after the event: the
    answer of a person where one was needed, else the rulebook's level for status and unit. `spoken` are the events
    in which a person stated the level: it counts until the hospital sends another unit or status."""
    known = tuple(events)
    folding = _TimelineBuilder(levels, spoken, read_cancels(known, spoken))
    for event in effective_events(known, folding.canceled):
        folding.take(event)
    return folding.course()


def repeated_update_ids(
    events: Iterable[StayEvent], levels: Mapping[str, LevelOfCare | None], spoken: Collection[str] = ()
) -> tuple[str, ...]:
    """The ids of updates that repeat what was known when they happened: the timeline is the same without them.

    What a person stated (`spoken`) is none of them: it may count for a part of the stay that only a later event tells of."""
    known = tuple(events)
    folding = _TimelineBuilder(levels, spoken, read_cancels(known, spoken))
    found = []
    for event in effective_events(known, folding.canceled):
        before = folding.course()
        folding.take(event)
        if event.kind is AdtKind.UPDATE and event.event_id not in spoken and folding.course() == before:
            found.append(event.event_id)
    return tuple(found)


def effective_events(events: Iterable[StayEvent], canceled: CancelReading | None = None) -> list[StayEvent]:
    """The events in order, without what cancels take back. A cancel that an earlier release read removes the last transfer
    before it."""
    every = tuple(events)
    canceled = canceled if canceled is not None else read_cancels(every)
    kept: list[StayEvent] = []
    for event in sort_events(every):
        if event.event_id in canceled.left_out or event.event_id in canceled.partial:
            continue
        if event.kind is not AdtKind.CANCEL_TRANSFER:
            kept.append(event)
            continue
        place = next((at for at in reversed(range(len(kept))) if kept[at].kind is AdtKind.TRANSFER), None)
        if place is not None and event.arrival is None:
            del kept[place]
    first = canceled.voided_by
    return kept if first is None else [first, *(event for event in kept if event.kind is not AdtKind.CANCEL_ADMIT)]


class _TimelineBuilder:
    """The timeline while it is built."""

    def __init__(
        self, levels: Mapping[str, LevelOfCare | None], spoken: Collection[str], canceled: CancelReading
    ) -> None:
        self._levels, self._spoken, self.canceled = levels, spoken, canceled
        self._asked: dict[str, CourseQuestion] = {one.signal: one for one in canceled.questions}
        self._said_at: dict[AwareDatetime, LevelOfCare | None] = {}
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
        self.admission_type: AdmissionType | None = None
        self.voided_at: AwareDatetime | None = None
        self.status_disputed_at: AwareDatetime | None = None
        self._left: StayEvent | None = None
        self._returned: list[StayEvent] = []

    def take(self, event: StayEvent) -> None:
        if event.event_id in self._spoken:
            self._said_at[event.happened_at] = self._levels.get(event.event_id)
        elif event.arrival is not None:
            event = self._question(event)
        match event.kind:
            case AdtKind.CANCEL_ADMIT:
                self._clear()
                self.voided_at = event.happened_at
            case AdtKind.MERGE | AdtKind.OTHER:
                return
            case AdtKind.UPDATE if self.voided_at is not None:
                # Corrections of an account continue after an admission was canceled; they bring nobody into the hospital.
                return
            case AdtKind.PREADMIT:
                self.voided_at = None
                self._learn(event)
                self.planned_for = event.admitted_at or event.happened_at
            case AdtKind.UPDATE if event.arrival is not None and self._is_still_planned(event):
                self._learn(event)
                self.planned_for = event.admitted_at or self.planned_for
            case AdtKind.CANCEL_DISCHARGE if event.arrival is not None and self.discharged_at is not None:
                # What the sender knew later than this cancel stands.
                self._learn(event)
            case AdtKind.CANCEL_DISCHARGE:
                self.discharged_at = self.disposition = None
                self._present(event)
            case AdtKind.DISCHARGE if event.event_id in self.canceled.still_in or self._is_overtaken(event):
                self._learn(event)
                self._begin(event, event.happened_at)
            case _ if self._is_after_the_end(event):
                self._correct(event)
            case AdtKind.TO_OUTPATIENT if ends_stay(event):
                # The stay ended; what follows is an outpatient visit like any other.
                self._learn(event)
                self._begin(event, event.happened_at)
                self.discharged_at, self._left = event.happened_at, event
            case _:
                self._present(event)

    def _is_still_planned(self, event: StayEvent) -> bool:
        """Whether an update is one of a plan: nobody has come yet."""
        return event.patient_class is PatientClass.PREADMIT and self.planned_for is not None and not self.phases

    def _question(self, event: StayEvent) -> StayEvent:
        """The event without what cannot be true of it; what contradicts the course becomes a question."""
        found, doubts = doubt_event(event, self.began_at)
        told_left = event.event_id in self.canceled.still_in
        for doubt in doubts:
            if not (told_left and doubt is CourseDoubt.DISCHARGE_AHEAD):
                self._ask(doubt, event)
        if event.overlaps is not None:
            self._ask(CourseDoubt.OTHER_STAY, event, event.overlaps)
        ended = event.kind is AdtKind.DISCHARGE or self.discharged_at is not None
        if event.patient_class is PatientClass.OUTPATIENT and self.phases and not ended:
            self._ask(CourseDoubt.CLASS_OUTPATIENT, event, self.phases[-1].since.isoformat())
        if event.reported_dead and not ended and event.discharged_at is None:
            self._ask(CourseDoubt.REPORTED_DEAD, event, "once")
        if event.class_unread and self.phases and not ended:
            self._ask(CourseDoubt.CLASS_UNREAD, event, self.phases[-1].since.isoformat())
        return found.model_copy(update={"discharged_at": None, "disposition": None}) if told_left else found

    def _ask(self, doubt: CourseDoubt, event: StayEvent, about: str | None = None) -> None:
        found = CourseQuestion(doubt=doubt, about=about or event.event_id, at=event.happened_at)
        self._asked.setdefault(found.signal, found)

    def _is_overtaken(self, event: StayEvent) -> bool:
        """Whether an admission that lies before this discharge was reported after it.

        The emergency department often closes its own visit when it admits somebody; any other contradiction is asked.
        """
        if event.arrival is None:
            return False
        admitted = bool(self.phases) and self.phases[-1].status is OrderedStatus.INPATIENT
        visits = {one.visit_number for one in (*self._returned[-1:], event)}
        if admitted and event.patient_class in _BEFORE_ADMISSION and len(visits - {None}) == 2:
            return True  # under another number: the emergency visit is closed that became this admission
        later = [one for one in self._returned if one.knowledge > event.knowledge]
        if not later:
            return False
        if event.patient_class in _BEFORE_ADMISSION and later[-1].patient_class not in _BEFORE_ADMISSION:
            return True
        self._ask(CourseDoubt.ADMITTED_AFTER_DISCHARGE, event)
        return False

    def _is_after_the_end(self, event: StayEvent) -> bool:
        if self.discharged_at is None:
            return False
        if event.arrival is not None and self._left is not None and event.event_id not in self._spoken:
            return self._is_correction(event, self._left)
        if event.happened_at <= self.discharged_at:
            return False
        return not self._comes_back(event)

    def _is_correction(self, event: StayEvent, left: StayEvent) -> bool:
        """Whether an event only corrects the past of a patient who left, by what the sender knew when."""
        if event.kind is AdtKind.DISCHARGE or self.discharged_at is None:
            return self.discharged_at is not None and event.happened_at > self.discharged_at
        if event.knowledge <= left.knowledge:
            return event.happened_at > self.discharged_at and not self._comes_back(event)
        if not self._is_back(event, left):
            return event.happened_at > self.discharged_at
        self.discharged_at = self.disposition = None
        return False

    def _is_back(self, event: StayEvent, left: StayEvent) -> bool:
        """Whether an event that the sender knew after the discharge says that the patient is there."""
        gone = event.patient_class in VISIT_CLASSES or event.patient_class is PatientClass.PREADMIT
        if event.discharged_at is not None or (gone and event.kind is not AdtKind.UPDATE):
            return False
        if event.kind in _RETURN_KINDS:
            return event.happened_at >= left.happened_at
        if event.kind is AdtKind.TRANSFER and event.happened_at > left.happened_at:
            self._ask(CourseDoubt.MOVED_AFTER_DISCHARGE, event, left.event_id)
            return True
        if event.kind is AdtKind.UPDATE and event.discharge_removed:
            self._ask(CourseDoubt.DISCHARGE_REMOVED, event, left.event_id)
            return True
        if event.kind is AdtKind.UPDATE and event.disposition is None:
            self._ask(CourseDoubt.UPDATED_AFTER_DISCHARGE, event, left.event_id)
        return False

    def _comes_back(self, event: StayEvent) -> bool:
        left, at = self.discharged_at, event.admitted_at or event.happened_at
        return event.kind in _RETURN_KINDS and event.discharged_at is None and left is not None and at > left

    def _correct(self, event: StayEvent) -> None:
        """Correct the end of a stay that is over. Another status for days that have passed raises a question."""
        self._learn(event)
        if event.discharged_at is not None:
            self.discharged_at, self._left = more_precise(event, "discharged_at", self.discharged_at), event
        self.disposition = event.disposition or self.disposition
        self._question_status(event)

    def _question_status(self, event: StayEvent) -> None:
        before = self.phases[-1].status if self.phases else None
        to_visit = event.kind is AdtKind.TO_OUTPATIENT
        if before is not None and (to_visit or status_after(event, before) is not before):
            self.status_disputed_at = event.happened_at

    def _present(self, event: StayEvent) -> None:
        """Apply an event of a patient who is, or was, in the facility."""
        self.voided_at = None
        self._learn(event)
        if self._comes_back(event):
            self.discharged_at = self.disposition = None
        admitted = more_precise(event, "admitted_at", self.admitted_at, event.happened_at)
        at = admitted if event.kind is AdtKind.ADMIT and admitted else event.happened_at
        self._begin(event, at)
        if event.kind is AdtKind.DISCHARGE and self.phases:
            # Where somebody is discharged from is no move; the status is that of the stay.
            self._question_status(event)
        else:
            self._enter(event, at)
        left = event.kind is AdtKind.DISCHARGE or event.discharged_at is not None
        if event.kind in _RETURN_KINDS:
            self._returned.append(event)
        if left and event.kind is not AdtKind.CANCEL_DISCHARGE:
            self._left = event
            own = event.happened_at if event.kind is AdtKind.DISCHARGE else None
            self.discharged_at = more_precise(event, "discharged_at", self.discharged_at, own) or event.happened_at
            self.disposition = event.disposition or self.disposition

    def _begin(self, event: StayEvent, at: AwareDatetime) -> None:
        """Set the beginning of the stay at the first event in the facility; the time before it is unknown."""
        if self.began_at is not None:
            return
        self.began_at = min(at, more_precise(event, "admitted_at", at) or at)
        if self.began_at < at and event.kind in _KINDS_WITH_UNKNOWN_PAST:
            # A level stated for this time may precede a later cancel; it was about this time all the same.
            level = self._said_at.get(self.began_at)
            self.phases.append(Phase(since=self.began_at, status=None, level=level, unit=event.prior_unit))

    def _enter(self, event: StayEvent, at: AwareDatetime) -> None:
        before = self.phases[-1] if self.phases else None
        if before is None and self.began_at is not None:
            at = min(at, self.began_at)
        if before is not None and at <= before.since < event.happened_at:
            # An admission is often backdated to the arrival: then it begins at its own event.
            at = event.happened_at
        status = status_after(event, before.status if before else None)
        unit = event.unit or (before.unit if before else None)
        level = self._levels.get(event.event_id)
        stayed = before is not None and before.status is status and before.unit == unit
        if before is not None and stayed and event.event_id not in self._spoken:
            level = before.level or level
        if before is not None and (before.status, before.level, before.unit) == (status, level, unit):
            return
        if before is not None and before.since >= at:
            at = before.since
            self.phases.pop()
        self.phases.append(Phase(since=at, status=status, level=level, unit=unit, event_id=event.event_id))
        if status is OrderedStatus.OBSERVATION and self.observation_began_at is None:
            self.observation_began_at = at
        if status is OrderedStatus.INPATIENT and self.admitted_at is None:
            self.admitted_at = at
        if status in (OrderedStatus.OBSERVATION, OrderedStatus.EMERGENCY):
            self.admitted_at = None

    def _learn(self, event: StayEvent) -> None:
        self.diagnoses = event.diagnoses or self.diagnoses
        self.attending_npi = event.attending_npi or self.attending_npi
        self.admit_source = event.admit_source or self.admit_source
        self.admission_type = event.admission_type or self.admission_type

    def course(self) -> StayTimeline:
        return StayTimeline(
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
            admission_type=self.admission_type,
            voided_at=self.voided_at,
            status_disputed_at=self.status_disputed_at,
            questions=tuple(self._asked.values()),
        )
