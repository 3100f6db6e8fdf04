"""Who a message is about: numbers, names, date of birth; and what a merge joins."""

from __future__ import annotations

from domain.stays.adt import MergedPatient, PatientIdentifier
from interop.hl7.segments import Message, Segment

NEVER_THE_PLANS = frozenset({"MR", "MRN", "PI", "PT", "AN", "VN", "SS", "DL", "PPN", "ANON", "BR", "EI", "NPI", "SB"})
"""Types of identifiers (HL7 table 0203) that a hospital or an authority assigns, and no health plan."""
_THE_FACILITYS = frozenset({"MR", "MRN", "PI", "PT"})


def identifiers(segment: Segment | None, field: int) -> tuple[PatientIdentifier, ...]:
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


def member_ids(message: Message) -> tuple[PatientIdentifier, ...]:
    """Every number that may be the plan's own: PID-3 without those of hospitals and authorities, IN1-36 and IN1-49."""
    found = [one for one in identifiers(message.first("PID"), 3) if one.type not in NEVER_THE_PLANS]
    for insurance in message.segments("IN1"):
        found += [one.model_copy(update={"type": one.type or "MB"}) for one in identifiers(insurance, 36)]
        found += [one for one in identifiers(insurance, 49) if one.type not in NEVER_THE_PLANS]
    return tuple(dict.fromkeys(found))


def patient_key(numbers: tuple[PatientIdentifier, ...]) -> str | None:
    """The facility's own number of the patient: the first of its type, else the first that says no type."""
    own = next((one.value for one in numbers if one.type in _THE_FACILITYS), None)
    return own or next((one.value for one in numbers if one.type is None), None)


def merges(message: Message) -> tuple[MergedPatient, ...]:
    """Each patient that a merge takes away, with the one into whom: MRG belongs to the PID before it."""
    found = []
    into: Segment | None = None
    for segment in message:
        if segment.name == "PID":
            into = segment
        elif segment.name == "MRG":
            found.append(
                MergedPatient(
                    into=identifiers(into, 3),
                    into_account=into.number(18) if into is not None else None,
                    away=identifiers(segment, 1),
                    away_account=segment.number(3),
                    away_visit=segment.number(5),
                )
            )
    return tuple(found)
