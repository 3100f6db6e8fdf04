"""Patient of a message: numbers, names, date of birth; and the patients that a merge joins."""

from __future__ import annotations

from domain.stays.adt import FurtherPatient, MergedPatient, PatientIdentifier
from interop.hl7.segments import Hl7Message, Segment

NON_PLAN_ID_TYPES = frozenset({"MR", "MRN", "PI", "PT", "AN", "VN", "SS", "DL", "PPN", "ANON", "BR", "EI", "NPI", "SB"})
"""Types of identifiers (HL7 table 0203) that a hospital or an authority assigns, never a health plan."""
FACILITY_ID_TYPES = frozenset({"MR", "MRN", "PI", "PT"})


def read_identifiers(segment: Segment | None, field: int) -> tuple[PatientIdentifier, ...]:
    """The numbers in a field of identifiers (CX), in order."""
    if segment is None:
        return ()
    found = []
    for number in segment.repetitions(field):
        value = segment.number(field, 1, repetition=number)
        if value is not None:
            authority = segment.text(field, 4, repetition=number)
            kind = segment.text(field, 5, repetition=number)
            found.append(PatientIdentifier(value=value, authority=authority, type=kind.upper() if kind else None))
    return tuple(found)


def member_ids(message: Hl7Message) -> tuple[PatientIdentifier, ...]:
    """Every number that may be the plan's own: PID-3 without those of hospitals and authorities, IN1-36 and IN1-49."""
    found = [one for one in read_identifiers(message.first("PID"), 3) if one.type not in NON_PLAN_ID_TYPES]
    for insurance in message.segments("IN1"):
        found += [one.model_copy(update={"type": one.type or "MB"}) for one in read_identifiers(insurance, 36)]
        found += [one for one in read_identifiers(insurance, 49) if one.type not in NON_PLAN_ID_TYPES]
    return tuple(dict.fromkeys(found))


def patient_key(numbers: tuple[PatientIdentifier, ...]) -> str | None:
    """The facility's own number of the patient: the first of its type, else the first without a type."""
    own = next((one.value for one in numbers if one.type in FACILITY_ID_TYPES), None)
    return own or next((one.value for one in numbers if one.type is None), None)


def read_further_patients(message: Hl7Message) -> tuple[FurtherPatient, ...]:
    """Every patient after the first one, with the visit that follows: a swap of beds names two."""
    found: list[FurtherPatient] = []
    for segment in message:
        if segment.name == "PID":
            numbers = read_identifiers(segment, 3)
            found.append(FurtherPatient(numbers=numbers, account=segment.number(18)))
        elif segment.name == "PV1" and found:
            found[-1] = found[-1].model_copy(update={"visit": segment.number(19)})
    return tuple(found[1:])


def read_merges(message: Hl7Message) -> tuple[MergedPatient, ...]:
    """Each patient that a merge removes, with the patient who remains: MRG belongs to the PID before it."""
    found = []
    into: Segment | None = None
    for segment in message:
        if segment.name == "PID":
            into = segment
        elif segment.name == "MRG":
            found.append(
                MergedPatient(
                    into=read_identifiers(into, 3),
                    into_account=into.number(18) if into is not None else None,
                    away=read_identifiers(segment, 1),
                    away_account=segment.number(3),
                    away_visit=segment.number(5),
                )
            )
    return tuple(found)
