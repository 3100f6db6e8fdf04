"""Cancels of a stay, and contradictions among its messages: what contradicts is asked, never absorbed.

Two axes of time: when something happened, and when the sender knew it (`StayEvent.knowledge`). A cancel takes back what was
known before it and what it names (EVN-6), also when that happened later or by another clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from domain.model import Model
from domain.stays.adt import CANCEL_KINDS, AdtKind, PatientClass, StayEvent, TimeDoubt


class CourseDoubt(StrEnum):
    """The kind of contradiction."""

    MOVED_AFTER_DISCHARGE = "moved_after_discharge"
    DISCHARGE_REMOVED = "discharge_removed"
    UPDATED_AFTER_DISCHARGE = "updated_after_discharge"
    ADMITTED_AFTER_DISCHARGE = "admitted_after_discharge"
    NOTHING_CANCELED = "nothing_canceled"
    MOVE_NOT_ON_FILE = "move_not_on_file"
    ADMISSION_TAKEN_BACK = "admission_taken_back"
    PLAN_TAKEN_BACK = "plan_taken_back"
    CLASS_OUTPATIENT = "class_outpatient"
    IMPLAUSIBLE_TIME = "implausible_time"
    STILL_A_PATIENT = "still_a_patient"
    ON_LEAVE = "on_leave"
    OTHER_STAY = "other_stay"
    CLASS_UNREAD = "class_unread"
    DISCHARGE_AHEAD = "discharge_ahead"
    REPORTED_DEAD = "reported_dead"
    TIME_AHEAD = "time_ahead"
    TIME_TWICE = "time_twice"


_IF_WRONG = "If the stay's course is wrong, enter what happened with 'umpire admit --by-hand'."
WHY = {
    CourseDoubt.MOVED_AFTER_DISCHARGE: "After the discharge the hospital reports a move. The patient counts as present, "
    "so that no day goes unreviewed: find out whether the discharge was a mistake.",
    CourseDoubt.DISCHARGE_REMOVED: "The hospital took the time of discharge back without canceling the discharge. The "
    "patient counts as present: find out whether that is so.",
    CourseDoubt.UPDATED_AFTER_DISCHARGE: "After the discharge the hospital sends an update without a time of discharge. "
    "Find out whether the patient is still, or again, in the hospital.",
    CourseDoubt.ADMITTED_AFTER_DISCHARGE: "After it reported the discharge, the hospital reports an admission that lies "
    "before it. Find out whether the patient is in the hospital.",
    CourseDoubt.NOTHING_CANCELED: "The hospital cancels a discharge that is not on file, and another one stands. Find out "
    "whether the patient is in the hospital.",
    CourseDoubt.MOVE_NOT_ON_FILE: "The hospital cancels a move that is not on file, so nothing was changed. Find out in "
    "which unit the patient is, and since when.",
    CourseDoubt.ADMISSION_TAKEN_BACK: "The hospital cancels the admission of a patient who was in its care before it. The "
    "patient counts as present, as before the admission: find out whether that is so.",
    CourseDoubt.PLAN_TAKEN_BACK: "The hospital cancels a planned admission of a patient who counts as present. Find out "
    "whether the patient is in the hospital.",
    CourseDoubt.CLASS_OUTPATIENT: "The hospital reports the patient as an outpatient. That may mean observation, or the "
    "end of the stay: find out which, and since when.",
    CourseDoubt.IMPLAUSIBLE_TIME: "A time in a message of the hospital cannot be right (a discharge before the admission, "
    "or a year that does not fit), and was not used. Find out when it happened.",
    CourseDoubt.STILL_A_PATIENT: "The hospital reports a discharge, and in the same message that the patient is still a "
    "patient. The patient counts as present: find out whether that is so.",
    CourseDoubt.ON_LEAVE: "The hospital reports a leave of absence, or its change or end, or a change of a pending "
    "admission. Find out on which days the patient was in the hospital.",
    CourseDoubt.OTHER_STAY: "The member has another stay at this facility that has not ended, or is planned for these days. "
    "Find out whether both are one stay.",
    CourseDoubt.CLASS_UNREAD: "The hospital reports a patient class that is not known here, and the status was left as it "
    "was. Find out whether the patient is an inpatient, under observation or an outpatient, and since when.",
    CourseDoubt.DISCHARGE_AHEAD: "The hospital reports a discharge for a time that has not come yet. The patient counts as "
    "present: find out whether and when the patient leaves.",
    CourseDoubt.REPORTED_DEAD: "The hospital reports in a message other than a discharge that the patient has died, and has "
    "sent no discharge. Find out before anybody writes to the family, and when the stay ended.",
    CourseDoubt.TIME_AHEAD: "A time in a message of the hospital lies ahead, and was not used. Find out when it happened.",
    CourseDoubt.TIME_TWICE: "The hospital gives a local time that comes twice on its day, as clocks are set back; it was read "
    "as the first one. Find out when it happened.",
}


class CourseQuestion(Model):
    """A contradiction that an event raises. `about` tells questions of one kind apart."""

    doubt: CourseDoubt
    about: str
    at: AwareDatetime

    @property
    def signal(self) -> str:
        return f"{self.doubt.value}:{self.about}"

    @property
    def why(self) -> str:
        return f"{WHY[self.doubt]} {_IF_WRONG}"


_SAME = timedelta(minutes=1)
_ADMISSIONS = frozenset({AdtKind.ADMIT, AdtKind.TO_INPATIENT})
_ARRIVALS = frozenset({PatientClass.EMERGENCY, PatientClass.OBSERVATION})
_TARGETS = {
    AdtKind.CANCEL_DISCHARGE: frozenset({AdtKind.DISCHARGE}),
    AdtKind.CANCEL_TRANSFER: frozenset({AdtKind.TRANSFER}),
    AdtKind.CANCEL_ADMIT: _ADMISSIONS | {AdtKind.REGISTER, AdtKind.PREADMIT},
}


@dataclass
class CancelReading:
    """`left_out` are events that did not take place; `still_in` are discharges that were none, of which the rest is true;
    `voided_by` is the cancel that ended the stay as if it had never been; `partial` are cancels of the admission only."""

    left_out: set[str] = field(default_factory=set)
    still_in: set[str] = field(default_factory=set)
    partial: set[str] = field(default_factory=set)
    voided_by: StayEvent | None = None
    questions: list[CourseQuestion] = field(default_factory=list)


def read_cancels(events: Iterable[StayEvent], spoken: Iterable[str] = ()) -> CancelReading:
    """The events that the cancels among these take back, in the order in which the sender knew of them.

    Cancels that an earlier release read (without `arrival`) are not looked at here.
    """
    found, own = CancelReading(), set(spoken)
    every = sorted((event for event in events if event.event_id not in own), key=lambda event: event.knowledge)
    for cancel in every:
        if cancel.kind not in CANCEL_KINDS or cancel.arrival is None:
            continue
        target = _target(cancel, every, found)
        match cancel.kind:
            case AdtKind.CANCEL_TRANSFER:
                _take_move_back(cancel, target, found)
            case AdtKind.CANCEL_DISCHARGE:
                _take_discharge_back(cancel, target, every, found)
            case _:
                _take_admission_back(cancel, target, every, found)
    return found


def _target(cancel: StayEvent, events: list[StayEvent], found: CancelReading) -> StayEvent | None:
    """The event that a cancel means: the one it names; else the last one known before it; else the last one received."""
    gone = found.left_out | found.still_in
    fitting = [event for event in events if event.kind in _TARGETS[cancel.kind] and event.event_id not in gone]
    named = [event for event in fitting if _names(cancel, event)]
    known = [event for event in fitting if event.knowledge < cancel.knowledge]
    received = [event for event in fitting if (event.arrival or 0) < (cancel.arrival or 0)]
    if named or known:
        return (named or known)[-1]
    return max(received, key=lambda event: event.arrival or 0, default=None)


def _names(cancel: StayEvent, event: StayEvent) -> bool:
    if cancel.undoes_at is None:
        return False
    own = event.discharged_at if event.kind is AdtKind.DISCHARGE else event.admitted_at
    return any(at is not None and abs(at - cancel.undoes_at) < _SAME for at in (event.happened_at, own))


def _take_move_back(cancel: StayEvent, target: StayEvent | None, found: CancelReading) -> None:
    if target is not None:
        found.left_out.add(target.event_id)
    else:
        _ask(found, CourseDoubt.MOVE_NOT_ON_FILE, cancel)


def _take_discharge_back(
    cancel: StayEvent, target: StayEvent | None, events: list[StayEvent], found: CancelReading
) -> None:
    """The patient is in bed: no discharge that was known before counts, wherever it was reported."""
    told = {
        event.event_id
        for event in events
        if event.knowledge < cancel.knowledge and (event.kind is AdtKind.DISCHARGE or event.discharged_at is not None)
    }
    if target is not None:
        told.add(target.event_id)
    found.still_in |= told
    if not told and any(event.kind is AdtKind.DISCHARGE for event in events):
        _ask(found, CourseDoubt.NOTHING_CANCELED, cancel)


def _take_admission_back(
    cancel: StayEvent, target: StayEvent | None, events: list[StayEvent], found: CancelReading
) -> None:
    """The whole stay, or only the admission of a patient who was under emergency care or observation before it."""
    before = [event for event in events if event.knowledge < cancel.knowledge and event.event_id not in found.left_out]
    cared_for = any(event.patient_class in _ARRIVALS and event is not target for event in before)
    admitted = [event for event in before if event.kind in _ADMISSIONS and event.patient_class not in _ARRIVALS]
    named = target is not None and target.kind in _ADMISSIONS and _names(cancel, target)
    present = any(event.kind is not AdtKind.PREADMIT and event.kind not in CANCEL_KINDS for event in before)
    if cancel.trigger == "A38" and present:
        found.partial.add(cancel.event_id)
        _ask(found, CourseDoubt.PLAN_TAKEN_BACK, cancel)
    elif cared_for and admitted and (named or cancel.patient_class in _ARRIVALS):
        meant = target if named and target is not None else admitted[-1]
        found.left_out.add(meant.event_id)
        found.partial.add(cancel.event_id)
        _ask(found, CourseDoubt.ADMISSION_TAKEN_BACK, cancel)
    else:
        found.left_out |= {event.event_id for event in before}
        if target is not None:
            found.left_out.add(target.event_id)
        found.voided_by = cancel
        found.questions.clear()


def _ask(found: CancelReading, doubt: CourseDoubt, event: StayEvent) -> None:
    found.questions.append(CourseQuestion(doubt=doubt, about=event.event_id, at=event.happened_at))


STILL_A_PATIENT = frozenset(str(code) for code in range(30, 40))
"""Discharge dispositions of somebody who has not left (HL7 table 0112: 31 to 39 are a State's own words for it)."""
LONGEST_STAY = timedelta(days=366)
"""An admission longer before its own message has a wrong year, as far as anybody can tell."""
_LEAVE_TRIGGERS = frozenset({"A21", "A22", "A27", "A52", "A53"})
"""Leaves of absence and their cancels, and a pending admission that is canceled."""


_TIME_DOUBTS = {
    TimeDoubt.AHEAD: CourseDoubt.TIME_AHEAD,
    TimeDoubt.DISCHARGE_AHEAD: CourseDoubt.DISCHARGE_AHEAD,
    TimeDoubt.TWICE: CourseDoubt.TIME_TWICE,
}


def _end_of(event: StayEvent, left: datetime) -> datetime:
    """The latest instant that the discharge may mean: the end of its day, where only the day is known."""
    return left + timedelta(days=1) if "discharged_at" in (event.days_alone or ()) else left


def doubt_event(event: StayEvent, began_at: datetime | None) -> tuple[StayEvent, list[CourseDoubt]]:
    """The event without what cannot be true of it, and the doubts about it. `began_at` is the stay's beginning so far."""
    changes: dict[str, object] = {}
    doubts: list[CourseDoubt] = []
    admitted, left = event.admitted_at, event.discharged_at
    began = admitted or began_at
    if admitted is not None and event.kind is not AdtKind.PREADMIT and event.happened_at - admitted > LONGEST_STAY:
        changes["admitted_at"] = None
        doubts.append(CourseDoubt.IMPLAUSIBLE_TIME)
    elif left is not None and began is not None and _end_of(event, left) < began:
        changes["discharged_at"] = None
        doubts.append(CourseDoubt.IMPLAUSIBLE_TIME)
    if event.disposition in STILL_A_PATIENT and (event.kind is AdtKind.DISCHARGE or left is not None):
        changes |= {"discharged_at": None, "disposition": None}
        if event.kind is AdtKind.DISCHARGE:
            changes["kind"] = AdtKind.UPDATE
        doubts.append(CourseDoubt.STILL_A_PATIENT)
    for doubt in event.time_doubts or ():
        doubts.append(_TIME_DOUBTS[doubt])
    if TimeDoubt.DISCHARGE_AHEAD in (event.time_doubts or ()) and event.kind is AdtKind.DISCHARGE:
        changes |= {"kind": AdtKind.UPDATE, "discharged_at": None, "disposition": None}
    if event.kind is AdtKind.OTHER and event.trigger in _LEAVE_TRIGGERS:
        doubts.append(CourseDoubt.ON_LEAVE)
    return (event.model_copy(update=changes) if changes else event), doubts
