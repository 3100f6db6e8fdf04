"""Reasons for which an ADT message goes to a person: the rule, the place, and the way out."""

from __future__ import annotations

from domain.errors import ValidationIssue

_RESOLVED = "and 'umpire inbox resolve' with what was done"


def two_patients() -> ValidationIssue:
    """The issue of a message about more than one patient that is no swap."""
    text = "the message is about more than one patient, and only one of them would be looked at"
    return ValidationIssue(path="PID", rule="adt.two_patients", message=text, expected="a message for each patient")


def class_unknown() -> ValidationIssue:
    """The issue of a message that would open a stay and does not say its class."""
    text = "the patient class is not known, so nobody can tell whether this is a hospital stay; none was opened"
    wanted = "a class of HL7 table 0004; or a person who asks the hospital, and 'umpire admit --by-hand'"
    return ValidationIssue(path="PV1-2", rule="stay.class_unknown", message=text, expected=wanted)


def number_of_another(prior: str, stay: str) -> ValidationIssue:
    """The issue of a message that gives one stay a number of another."""
    text = f"the message gives stay {prior} a number under which stay {stay} is on file"
    wanted = f"a person who checks whether both are one stay, {_RESOLVED}"
    return ValidationIssue(path="MRG-5", rule="stay.joining", message=text, expected=wanted)


def zone_unknown() -> ValidationIssue:
    """The issue of a time that nobody can place."""
    text, wanted = "a time has no offset and its time zone is not known", "an offset, or the facility's zone"
    return ValidationIssue(path="EVN-2", rule="adt.zone_unknown", message=text, expected=wanted)


def joining(trigger: str, stays: tuple[str, ...]) -> ValidationIssue:
    """The issue of an event that joins, moves, links or deletes what these stays are about."""
    text = f"{trigger} joins, moves, links or deletes patients, accounts or visits of stays on file: {', '.join(stays)}"
    wanted = f"a person who checks its effect on them, {_RESOLVED}"
    return ValidationIssue(path="MSH-9.2", rule="stay.joining", message=text, expected=wanted)


def event_unknown(trigger: str, stay: str) -> ValidationIssue:
    """The issue of an event about a stay that is none of HL7."""
    text = f"nobody knows what the event {trigger} says about stay {stay}"
    wanted = f"an event of HL7 (A01 to A62); or a person who asks the hospital, {_RESOLVED}"
    return ValidationIssue(path="MSH-9.2", rule="stay.event_unknown", message=text, expected=wanted)


def no_identity() -> ValidationIssue:
    """The issue of a message that does not say which stay it is about."""
    text = "neither a visit number nor an account, nor patient number with time of admission, says which stay it is"
    wanted = "the message again with it, or the admission entered with 'umpire admit --by-hand'"
    return ValidationIssue(path="PV1-19", rule="stay.no_identity", message=text, expected=wanted)


def no_facility() -> ValidationIssue:
    """The issue of a message that does not say which facility it is from."""
    text, wanted = "the sending facility is not stated", "the sending facility in MSH-4"
    return ValidationIssue(path="MSH-4", rule="stay.no_facility", message=text, expected=wanted)
