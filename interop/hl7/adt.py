"""Reader of one ADT message: domain types out, or NotReadable with the problem, its position and the remedy.

MSH-9.2 names the event; EVN-1 often disagrees and is used only when MSH-9.2 is empty. Unknown segments
(Z segments among them) are ignored.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.stays.adt import (
    CANCEL_KINDS,
    CLASS_BY_CODE,
    KIND_BY_TRIGGER,
    AdtKind,
    AdtMessage,
    PatientClass,
    StayEvent,
    TimeDoubt,
    patient_class,
)
from interop.hl7 import patient
from interop.hl7.envelope import ends_with_segment, is_terminated
from interop.hl7.facility import facility_name, facility_npi
from interop.hl7.segments import Hl7Message, Segment, parse_message
from interop.hl7.times import TimeReader, birth_date, offset_of
from interop.icd10 import icd10_code
from interop.issues import IssueCollector, not_readable, quoted_code
from interop.npi import has_npi_check_digit

_INSTANTS = {"PV1-44": "admitted_at", "PV1-45": "discharged_at"}
_PLACED = frozenset({AdtKind.ADMIT, AdtKind.REGISTER, AdtKind.TRANSFER, AdtKind.TO_INPATIENT, AdtKind.TO_OUTPATIENT})
"""Kinds of events whose time places the patient."""
REJECTED = frozenset(
    {"adt.no_header", "adt.separators", "adt.syntax", "adt.too_large", "adt.not_adt", "adt.no_trigger", "adt.truncated"}
)
"""Rules broken by bytes that are no ADT message or an incomplete one: the sender has to send it again."""
_MIN_FIELDS = {"MSH": 12, "EVN": 2, "PID": 5, "PV1": 19, "MRG": 1, "DG1": 6}
"""Number of fields that a last segment without its line end must have to count as complete."""
_ICD10_NAMES = frozenset({"I10", "I10C", "ICD10", "ICD-10", "ICD10CM", "ICD-10-CM", "10"})


@dataclass(frozen=True)
class ParsedAdt:
    """The segments of one message, parsed once; `sha256` is the message's identity (one kind of line end, no framing).

    `read` is cheap, so that it can be repeated with other zones within a transaction.
    """

    message: Hl7Message
    is_terminated: bool
    ends_with_segment: bool
    relays: frozenset[str] = frozenset()

    @property
    def sha256(self) -> str:
        return self.message.digest

    def read(
        self, received_at: datetime, facility_zone: ZoneInfo | None = None, member_zone: ZoneInfo | None = None
    ) -> AdtMessage:
        """The message with its instants. Raises NotReadable."""
        return _read(self, received_at, facility_zone, member_zone)


def parse_adt(raw: bytes, relays: frozenset[str] = frozenset()) -> ParsedAdt:
    """The message's segments. All work on foreign bytes is here, and grows with their number only. Raises NotReadable.

    `relays` are the names, in lower case, of senders that send for other facilities.
    """
    return ParsedAdt(parse_message(raw), is_terminated(raw), ends_with_segment(raw), relays)


def read_adt(
    raw: bytes, received_at: datetime, facility_zone: ZoneInfo | None = None, member_zone: ZoneInfo | None = None
) -> AdtMessage:
    """Reads one message. The same bytes always give the same AdtMessage.

    `received_at` is the aware instant of arrival; the zones are for instants without an offset. Raises NotReadable.
    """
    return parse_adt(raw).read(received_at, facility_zone, member_zone)


def _read(
    parsed: ParsedAdt, received_at: datetime, facility_zone: ZoneInfo | None, member_zone: ZoneInfo | None
) -> AdtMessage:
    if received_at.tzinfo is None:
        raise ValueError("received_at must be an aware datetime")
    message = parsed.message.with_findings_of_its_own()
    findings = message.findings
    header = message.first("MSH")
    assert header is not None, "split lets nothing through that does not begin with MSH"
    if (header.text(9) or "").upper() != "ADT":
        found = (
            f"the message is {quoted_code(header.text(9))}"
            if header.text(9)
            else "nothing says what kind of message it is"
        )
        raise not_readable("MSH-9.1", "adt.not_adt", found, "an ADT message")
    trigger = _trigger(message, header)
    kind = KIND_BY_TRIGGER.get(trigger, AdtKind.OTHER)
    _require_complete(message, kind, parsed)
    times = TimeReader(findings, received_at, facility_zone, offset_of(header.text(7)), member_zone)
    event = _event(parsed, message, header, trigger, times, received_at)
    pid = message.first("PID")
    return AdtMessage(
        control_id=header.number(10) or "",
        sending_application=header.number(3) or "",
        sending_facility=header.number(4) or header.number(4, 2) or "",
        trigger=trigger,
        event=event,
        facility_npi=facility_npi(message, header, parsed.relays),
        member_ids=patient.member_ids(message),
        patient_key=patient.patient_key(patient.read_identifiers(pid, 3)),
        family_name=pid.text(5) if pid else None,
        given_name=pid.text(5, 2) if pid else None,
        birth_date=birth_date(pid.text(7)) if pid else None,
        sex=pid.text(8) if pid else None,
        account_number=pid.number(18) if pid else None,
        merges=patient.read_merges(message),
        further_patients=patient.read_further_patients(message),
        lacks_zone=times.lacks_zone,
        is_test=(header.text(11) or "").upper() in ("T", "D"),
        notes=findings.notes,
    )


def _trigger(message: Hl7Message, header: Segment) -> str:
    trigger = (header.number(9, 2) or "").upper()
    event = message.first("EVN")
    said = (event.number(1) or "").upper() if event is not None else ""
    if not trigger and not said:
        raise not_readable("MSH-9.2", "adt.no_trigger", "nothing says what happened", "a trigger event, such as A01")
    if trigger and said and trigger != said:
        text = f"EVN-1 says {quoted_code(said)} and MSH-9.2 {quoted_code(trigger)}: the header counts"
        message.findings.note("EVN-1", "adt.trigger_differs", text)
    if not trigger:
        message.findings.note("MSH-9.2", "adt.trigger_missing", "the trigger event is taken from EVN-1")
    if (header.text(11) or "P").upper() not in ("P", "T", "D"):
        message.findings.note(
            "MSH-11", "adt.processing", "nobody knows this kind of processing; it was read as production"
        )
    if not header.text(10):
        message.findings.note("MSH-10", "adt.control_id", "the message has no control id")
    return trigger or said


def _require_complete(message: Hl7Message, kind: AdtKind, parsed: ParsedAdt) -> None:
    """Raises NotReadable when the message was cut off: its end mark or what it must hold is missing.

    A frame's end block is an end mark; where the last segment has no line end besides, its fields are counted too.
    """
    last = message.last
    needed = {
        AdtKind.OTHER: ("PID",),
        AdtKind.MERGE: ("PID", "MRG"),
    }.get(kind, ("PID", "PV1"))
    missing = [name for name in needed if message.first(name) is None]
    short = message.last_name == last.name and last.length < _MIN_FIELDS.get(last.name, 0)
    cut = not parsed.is_terminated or (not parsed.ends_with_segment and short)
    if missing or cut or not re.fullmatch(r"[A-Z][A-Z0-9]{2}", message.last_name):
        where = missing[0] if missing else message.last_name
        text = f"the segment {where} is missing" if missing else "the message has no end: part of it may be missing"
        raise not_readable(where if missing else "message", "adt.truncated", text, "the whole message, sent again")


def _event(
    parsed: ParsedAdt, message: Hl7Message, header: Segment, trigger: str, times: TimeReader, received_at: datetime
) -> StayEvent:
    kind = KIND_BY_TRIGGER.get(trigger, AdtKind.OTHER)
    evn, visit = message.first("EVN"), message.first("PV1")
    merge, pid = message.first("MRG"), message.first("PID")
    sent = times.past_instant(header.text(7), "MSH-7")
    recorded = (times.past_instant(evn.text(2), "EVN-2") if evn else None) or sent or received_at
    # A cancel may name an event that was entered ahead of its time.
    happening = times.instant if kind in CANCEL_KINDS else times.past_instant
    occurred = happening(evn.text(6), "EVN-6") if evn else None
    if evn is None:
        times.findings.note(
            "EVN", "adt.no_event_segment", "the message says nowhere when it happened; its sending counts"
        )
    # For a cancel EVN-6 is the time of the canceled event; EVN-2 is the time of the cancellation.
    happened = recorded if kind in CANCEL_KINDS else occurred or recorded
    unit = visit.text(3) if visit else None
    service = visit.text(10) if visit else None
    code = visit.text(2) if visit else None
    admitted = _admitted(visit, kind, times)
    left = times.past_instant(visit.text(45), "PV1-45") if visit else None
    return StayEvent(
        event_id=_event_id(parsed, header),
        kind=kind,
        happened_at=happened,
        recorded_at=recorded,
        patient_class=patient_class(code or "", unit, service, visit.text(18) if visit else None),
        facility=facility_name(message, header, parsed.relays),
        visit_number=visit.number(19) if visit else None,
        unit=unit,
        prior_unit=visit.text(6) if visit else None,
        hospital_service=service,
        admit_source=visit.text(14) if visit else None,
        disposition=visit.text(36) if visit else None,
        admitted_at=admitted,
        discharged_at=left,
        diagnoses=_diagnoses(message, times.findings),
        attending_npi=_attending(visit, times.findings),
        prior_visit_number=merge.number(5) if merge else None,
        sent_at=sent,
        sequence=_sequence(header),
        trigger=trigger,
        undoes_at=occurred if kind in CANCEL_KINDS else None,
        discharge_removed=True if visit is not None and visit.is_null(45) else None,
        reported_dead=True if pid is not None and (pid.text(30) or "").upper() == "Y" else None,
        class_unread=True if code and code.strip().upper() not in CLASS_BY_CODE else None,
        days_alone=tuple(name for path, name in _INSTANTS.items() if path in times.days_alone) or None,
        time_doubts=_time_doubts(kind, times) or None,
    )


def _time_doubts(kind: AdtKind, times: TimeReader) -> tuple[TimeDoubt, ...]:
    """Each doubt about the times that place the event. Plans lie ahead, and a cancel's own time is EVN-2."""
    found = []
    if times.unsure_of_two & {"EVN-2", "EVN-6"}:
        found.append(TimeDoubt.TWICE)
    if kind is AdtKind.DISCHARGE and times.ahead & {"EVN-6", "PV1-45"}:
        found.append(TimeDoubt.DISCHARGE_AHEAD)
    elif kind in _PLACED and times.ahead & {"EVN-6", "PV1-44"}:
        found.append(TimeDoubt.AHEAD)
    return tuple(found)


def _sequence(header: Segment) -> int | None:
    said = header.text(13) or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else None


def _admitted(visit: Segment | None, kind: AdtKind, times: TimeReader) -> datetime | None:
    """PV1-44; a planned admission may lie ahead, also in an update or the cancel of the plan; any other one may not."""
    if visit is None:
        return None
    planned = patient_class(visit.text(2) or "", None, None) is PatientClass.PREADMIT
    if kind is AdtKind.PREADMIT or (planned and kind in (AdtKind.UPDATE, AdtKind.CANCEL_ADMIT)):
        return times.instant(visit.text(44), "PV1-44")
    return times.past_instant(visit.text(44), "PV1-44")


def _attending(visit: Segment | None, findings: IssueCollector) -> str | None:
    if visit is None:
        return None
    for number in visit.repetitions(7):
        npi = visit.text(7, 1, repetition=number) or ""
        named = {visit.text(7, 9, repetition=number), visit.text(7, 13, repetition=number)}
        if re.fullmatch(r"\d{10}", npi) and "NPI" in named:
            if has_npi_check_digit(npi):
                return npi
            findings.note("PV1-7", "adt.npi", "the attending physician's NPI has no right check digit")
    return None


def _diagnoses(message: Hl7Message, findings: IssueCollector) -> tuple[str, ...]:
    """ICD-10-CM codes of DG1-3 (or its alternate), in order; what is deleted (DG1-21) or of another system is left out."""
    found: dict[str, None] = {}
    for segment in message.segments("DG1"):
        if (segment.text(21) or "").upper() == "D":
            continue
        method = segment.text(2)
        codes = [(segment.text(3, 1), segment.text(3, 3) or method), (segment.text(3, 4), segment.text(3, 6))]
        code = next((one for one, system in codes if one and (system or "").upper() in _ICD10_NAMES), None)
        if code is None:
            findings.note("DG1-3", "adt.diagnosis", "a diagnosis is not coded in ICD-10-CM and was left out")
        elif (spelt := icd10_code(code)) is None:
            findings.note("DG1-3", "adt.diagnosis", "a diagnosis has no right ICD-10-CM code and was left out")
        else:
            found[spelt] = None
    return tuple(found)


def _event_id(parsed: ParsedAdt, header: Segment) -> str:
    """An id from sender, control id and content, so that a reused control id names another event."""
    parts = [header.number(3) or "", header.number(4) or "", header.number(10) or "", parsed.sha256]
    return "EV-" + hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:24]
