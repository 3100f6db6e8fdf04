"""Admission, discharge and transfer events of a stay, as the hospital sends them (HL7 v2 ADT, in words).

A `StayEvent` travels through Temporal, so it names nobody: no name, no birth date, no member number. The member of the stay
is in the store. An `AdtMessage` is the whole message as read, for the store only. All instants are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, Field

from domain.errors import ValidationIssue
from domain.model import Model


class AdtKind(StrEnum):
    """The kind of event, by the trigger (MSH-9.2). `other` is stored and forwarded, and changes nothing by itself."""

    ADMIT = "admit"
    REGISTER = "register"
    PREADMIT = "preadmit"
    TRANSFER = "transfer"
    DISCHARGE = "discharge"
    TO_INPATIENT = "to_inpatient"
    TO_OUTPATIENT = "to_outpatient"
    UPDATE = "update"
    CANCEL_ADMIT = "cancel_admit"
    CANCEL_TRANSFER = "cancel_transfer"
    CANCEL_DISCHARGE = "cancel_discharge"
    MERGE = "merge"
    OTHER = "other"


KIND_BY_TRIGGER: dict[str, AdtKind] = {
    "A01": AdtKind.ADMIT,
    "A02": AdtKind.TRANSFER,
    "A03": AdtKind.DISCHARGE,
    "A04": AdtKind.REGISTER,
    "A05": AdtKind.PREADMIT,
    "A06": AdtKind.TO_INPATIENT,
    "A07": AdtKind.TO_OUTPATIENT,
    "A08": AdtKind.UPDATE,
    "A11": AdtKind.CANCEL_ADMIT,
    "A12": AdtKind.CANCEL_TRANSFER,
    "A13": AdtKind.CANCEL_DISCHARGE,
    "A38": AdtKind.CANCEL_ADMIT,
    "A40": AdtKind.MERGE,
}
_DAY = timedelta(days=1)
CANCEL_KINDS = frozenset({AdtKind.CANCEL_ADMIT, AdtKind.CANCEL_TRANSFER, AdtKind.CANCEL_DISCHARGE})
OPENING_KINDS = frozenset({AdtKind.ADMIT, AdtKind.TO_INPATIENT})
"""These open a stay also of class O, which may be observation; others do not where the class is that of a visit."""


class PatientClass(StrEnum):
    """The patient class (PV1-2), in words. A code that is not in the table is unknown."""

    EMERGENCY = "emergency"
    INPATIENT = "inpatient"
    OBSERVATION = "observation"
    OUTPATIENT = "outpatient"
    PREADMIT = "preadmit"
    RECURRING = "recurring"
    OBSTETRICS = "obstetrics"
    UNKNOWN = "unknown"


class AdmissionType(StrEnum):
    """The type of an admission as the hospital tells it (UB-04 form locator 14, codes 1 to 3), in words."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    ELECTIVE = "elective"


CLASS_BY_CODE: dict[str, PatientClass] = {
    # HL7 table 0004
    "E": PatientClass.EMERGENCY,
    "I": PatientClass.INPATIENT,
    "O": PatientClass.OUTPATIENT,
    "P": PatientClass.PREADMIT,
    "R": PatientClass.RECURRING,
    "B": PatientClass.OBSTETRICS,
    # codes of senders, and the act codes to which notifications map them; S is a short stay, which is not an admission
    "V": PatientClass.OBSERVATION,
    "S": PatientClass.OBSERVATION,
    "SS": PatientClass.OBSERVATION,
    "OBS": PatientClass.OBSERVATION,
    "OBSV": PatientClass.OBSERVATION,
    "OBSENC": PatientClass.OBSERVATION,
    "OBSERVATION": PatientClass.OBSERVATION,
    "ED": PatientClass.EMERGENCY,
    "ER": PatientClass.EMERGENCY,
    "EMER": PatientClass.EMERGENCY,
    "IP": PatientClass.INPATIENT,
    "IMP": PatientClass.INPATIENT,
    "OP": PatientClass.OUTPATIENT,
    "AMB": PatientClass.OUTPATIENT,
    "PRENC": PatientClass.PREADMIT,
    # a commercial account is a bill of a laboratory or the like; N (not applicable) and U (unknown) say nothing about a stay
    "C": PatientClass.OUTPATIENT,
    "N": PatientClass.UNKNOWN,
    "U": PatientClass.UNKNOWN,
    # words
    "EMERGENCY": PatientClass.EMERGENCY,
    "INPATIENT": PatientClass.INPATIENT,
    "OUTPATIENT": PatientClass.OUTPATIENT,
    "AMBULATORY": PatientClass.OUTPATIENT,
    "PREADMIT": PatientClass.PREADMIT,
    "PREADMISSION": PatientClass.PREADMIT,
    "RECURRING": PatientClass.RECURRING,
    "OBSTETRICS": PatientClass.OBSTETRICS,
}
OBSERVATION_PLACES = frozenset({"OBS", "OBSV", "OBSU", "OBSERVATION", "EDOBS", "CDU", "OBV", "OBSERV"})
"""Units, hospital services and patient types of observation: an outpatient there is under observation."""
VISIT_CLASSES = frozenset({PatientClass.OUTPATIENT, PatientClass.RECURRING})
"""Classes of visits that are no hospital stay."""


def patient_class(code: str, unit: str | None, service: str | None, patient_type: str | None = None) -> PatientClass:
    """The class of PV1-2 with PV1-3.1, PV1-10 and PV1-18.

    The rule: a code of observation is observation. Class O is observation when its unit, service or patient type is one of
    OBSERVATION_PLACES, because table 0004 has no code for it; otherwise it is outpatient. A code that is not known is unknown.
    """
    found = CLASS_BY_CODE.get(code.strip().upper(), PatientClass.UNKNOWN)
    places = {place.strip().upper() for place in (unit, service, patient_type) if place}
    if found is PatientClass.OUTPATIENT and places & OBSERVATION_PLACES:
        return PatientClass.OBSERVATION
    return found


class TimeDoubt(StrEnum):
    """The doubt that the reading has about a time of an event."""

    AHEAD = "ahead"
    """A time that lies after the receipt, and was not used."""
    DISCHARGE_AHEAD = "discharge_ahead"
    """The discharge is told for a time after the receipt: it has not happened yet."""
    TWICE = "twice"
    """A local time that comes twice on its day; nothing says which one is meant."""


class StayEvent(Model):
    """One event of a stay.

    `event_id` follows from the stored message, so a repeat has the same one. `happened_at` is when it took place; for a cancel
    it is the time of the cancel. `recorded_at` is when the sender wrote it down, `sent_at` when the sender sent it, `sequence`
    the sender's own counting (MSH-13), `arrival` the order of receipt; an event without `arrival` was read by an earlier
    release, and is judged as then. `undoes_at` is when the event took place that a cancel takes back (EVN-6).
    `discharge_removed`: the sender expressly empties the time of discharge. `overlaps` is another stay of the member at the
    facility that had not ended when this event opened its own. `unit` and `prior_unit` are points of care.
    `class_unread`: the patient class is there and not known. `reported_dead`: the sender says so of the patient (PID-30), in
    whatever message. `days_alone` names the instants of which the sender gave only the
    day; they are its beginning.
    `diagnoses` are ICD-10-CM codes in the sender's order. `prior_visit_number` is the visit that a merge took away.
    """

    event_id: str
    kind: AdtKind
    happened_at: AwareDatetime
    recorded_at: AwareDatetime
    patient_class: PatientClass = PatientClass.UNKNOWN
    facility: str
    visit_number: str | None = None
    unit: str | None = None
    prior_unit: str | None = None
    hospital_service: str | None = None
    admit_source: str | None = None
    disposition: str | None = None
    admitted_at: AwareDatetime | None = None
    discharged_at: AwareDatetime | None = None
    diagnoses: tuple[str, ...] = ()
    attending_npi: str | None = None
    admission_type: AdmissionType | None = Field(default=None, exclude_if=lambda stated: stated is None)
    prior_visit_number: str | None = None
    sent_at: AwareDatetime | None = Field(default=None, exclude_if=lambda stated: stated is None)
    sequence: int | None = Field(default=None, exclude_if=lambda stated: stated is None)
    arrival: int | None = Field(default=None, exclude_if=lambda stated: stated is None)
    undoes_at: AwareDatetime | None = Field(default=None, exclude_if=lambda stated: stated is None)
    discharge_removed: bool | None = Field(default=None, exclude_if=lambda stated: stated is None)
    trigger: str | None = Field(default=None, exclude_if=lambda stated: stated is None)
    overlaps: str | None = Field(default=None, exclude_if=lambda stated: stated is None)
    reported_dead: bool | None = Field(default=None, exclude_if=lambda stated: stated is None)
    class_unread: bool | None = Field(default=None, exclude_if=lambda stated: stated is None)
    days_alone: tuple[str, ...] | None = Field(default=None, exclude_if=lambda stated: stated is None)
    time_doubts: tuple[TimeDoubt, ...] | None = Field(default=None, exclude_if=lambda stated: stated is None)

    @property
    def knowledge(self) -> tuple[datetime, datetime, int, int]:
        """The instant at which the sender knew, for comparison: written down, sent, counted, received."""
        return (
            self.recorded_at,
            self.sent_at or self.recorded_at,
            -1 if self.sequence is None else self.sequence,
            -1 if self.arrival is None else self.arrival,
        )


class PatientIdentifier(Model):
    """A number of the patient, as the sender gives it: who assigned it, and of which type (HL7 table 0203)."""

    value: str
    authority: str | None = None
    type: str | None = None


class MergedPatient(Model):
    """A merge of two patients: everything of the second goes to the first."""

    into: tuple[PatientIdentifier, ...]
    into_account: str | None = None
    away: tuple[PatientIdentifier, ...]
    away_account: str | None = None
    away_visit: str | None = None


class FurtherPatient(Model):
    """A patient beside the first one of a message, with account and visit."""

    numbers: tuple[PatientIdentifier, ...]
    account: str | None = None
    visit: str | None = None


class AdtMessage(Model):
    """A message as it was read. Holds health information and stays in the store.

    `member_ids` are the numbers that could be the plan's (from PID-3 and IN1), `patient_key` is the sender's own number of
    the patient. `lacks_zone` tells that an instant came without an offset and nobody knows the zone; `notes` are departures
    from the format that did not stop the reading.
    """

    control_id: str
    sending_application: str
    sending_facility: str
    trigger: str
    event: StayEvent
    facility_npi: str | None = None
    member_ids: tuple[PatientIdentifier, ...] = ()
    patient_key: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    account_number: str | None = None
    merges: tuple[MergedPatient, ...] = ()
    further_patients: tuple[FurtherPatient, ...] = ()
    lacks_zone: bool = False
    is_test: bool = False
    notes: tuple[ValidationIssue, ...] = ()


def opens_stay(event: StayEvent) -> bool:
    """Whether this event opens a stay that was not announced.

    An admission does, and so does any event of a patient in the hospital whose admission never arrived. An outpatient visit
    does not, a canceled admission does not, and neither does an event that concerns no stay.
    """
    if event.kind in OPENING_KINDS or event.kind is AdtKind.TO_OUTPATIENT:
        return True
    if event.kind in (AdtKind.CANCEL_ADMIT, AdtKind.MERGE, AdtKind.OTHER):
        return False
    return event.patient_class not in VISIT_CLASSES


def tells_no_class(event: StayEvent) -> bool:
    """Whether nobody can tell from this event that it is about a hospital stay: its class is unknown, and a person is asked.

    A change to inpatient says its class by itself.
    """
    return event.patient_class is PatientClass.UNKNOWN and event.kind is not AdtKind.TO_INPATIENT


_SORTED_LAST = CANCEL_KINDS | {AdtKind.MERGE}


def sort_events(events: Iterable[StayEvent]) -> tuple[StayEvent, ...]:
    """The events in the order in which they happened, not in which they arrived.

    At the same instant an update follows what it updates, and a cancel follows what it cancels; else what was written down,
    sent, counted and received first stands first.
    """

    def place(event: StayEvent) -> tuple[datetime, int, tuple[datetime, datetime, int, int], str]:
        late = 2 if event.kind in _SORTED_LAST else 1 if event.kind is AdtKind.UPDATE else 0
        return (event.happened_at, late, event.knowledge, event.event_id)

    return tuple(sorted(events, key=place))


def more_precise(event: StayEvent, name: str, *known: datetime | None) -> datetime | None:
    """The event's instant of this name; where it is a day alone, the first known instant on that day, which says the same more
    precisely. Days are counted from the beginning that the event gives, for want of a zone."""
    stated: datetime | None = getattr(event, name)
    if stated is None or name not in (event.days_alone or ()):
        return stated
    return next((at for at in known if at is not None and stated <= at < stated + _DAY), stated)


COMPARED_FIELDS = {
    "patient_class": "patient class",
    "unit": "unit",
    "hospital_service": "hospital service",
    "diagnoses": "diagnoses",
    "admitted_at": "time of admission",
    "discharged_at": "time of discharge",
    "disposition": "disposition",
    "attending_npi": "attending physician",
}


EMPTY_VALUES = (None, (), PatientClass.UNKNOWN)
"""Values of a field that an event leaves out."""


def changed_fields(before: StayEvent, after: StayEvent) -> tuple[str, ...]:
    """The fields in which an event differs from the one before it, in words and without values.

    A field that the later event leaves out is no change, and neither is an unknown class.
    """
    found = []
    for name, words in COMPARED_FIELDS.items():
        old, new = getattr(before, name), getattr(after, name)
        if name in (after.days_alone or ()):
            new = more_precise(after, name, old)
        if new not in EMPTY_VALUES and old != new:
            found.append(words)
    return tuple(found)


def last_known_event(events: Iterable[StayEvent]) -> StayEvent | None:
    """The last event, with earlier values in the fields that it leaves out."""
    known: StayEvent | None = None
    for event in sort_events(events):
        said = {name: value for name in COMPARED_FIELDS if (value := getattr(event, name)) not in EMPTY_VALUES}
        known = (known or event).model_copy(update={"happened_at": event.happened_at} | said)
    return known
