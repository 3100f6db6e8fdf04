"""Stay numbers: the same facility and visit make the same stay.

Like case numbers, stay numbers travel in workflow ids. They are keyed hashes that tell nobody who the member is.
"""

from __future__ import annotations

from domain.case_numbers import CasePrefix, keyed_number
from domain.stays.adt import AdtMessage

StayIdentity = tuple[str, ...]


def identity_of(message: AdtMessage) -> StayIdentity | None:
    """The identity of a stay, the best first: facility and visit number (PV1-19), else facility and account (PID-18), else
    facility, the facility's own patient number, and the instant of admission (PV1-44).

    The last one is used because nobody is admitted to the same place twice at the same instant, and because every message of
    a stay repeats that instant. None when all three are missing: a guess could join two people's stays.
    """
    event = message.event
    facility = facility_key(event.facility)
    if event.visit_number:
        return ("visit", facility, event.visit_number)
    if message.account_number:
        return ("account", facility, message.account_number)
    if message.patient_key and event.admitted_at:
        return ("admission", facility, message.patient_key, event.admitted_at.isoformat())
    return None


def facility_key(facility: str) -> str:
    """A facility's name for comparison: letter case and spacing make no difference."""
    return " ".join(facility.split()).upper()


def stay_id_for(identity: StayIdentity, key: bytes) -> str:
    """The stay number, for example ``ST-7K3QX2MDVH5A``: sixty bits of HMAC-SHA256 under the installation's key."""
    return keyed_number(CasePrefix.STAY, ["stay", *identity], key)
