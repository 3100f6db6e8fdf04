"""Facility of a message: its name and its NPI. A relay, such as a health information exchange, sends for many."""

from __future__ import annotations

import re

from interop.hl7.segments import Hl7Message, Segment
from interop.npi import has_npi_check_digit


def facility_name(message: Hl7Message, header: Segment, relays: frozenset[str]) -> str:
    """The sending facility: MSH-4 (its name, else its universal id), else EVN-7, else PV1-39 or PV1-3.4, else empty.

    Where EVN-7 and the place of the patient (PV1-3.4) agree on another facility, it is that one. A sender whom the installation
    knows as a relay is no facility itself: the place of the patient counts, else EVN-7 or PV1-39; without them it is unknown.
    """
    evn, visit = message.first("EVN"), message.first("PV1")
    own = evn.number(7) or evn.number(7, 2) if evn is not None else None
    place = visit.number(3, 4) or visit.number(3, 4, 2) if visit is not None else None
    serving = visit.number(39) if visit is not None else None
    if is_relayed(header, relays):
        return place or own or serving or ""
    if own is not None and own.casefold() == (place or "").casefold():
        return own
    return header.number(4) or header.number(4, 2) or own or serving or place or ""


def facility_npi(message: Hl7Message, header: Segment, relays: frozenset[str]) -> str | None:
    """The NPI of the facility in EVN-7, else in MSH-4. That of a relay is nobody's who cares for a patient, and neither is that
    of another place than the patient's."""
    evn, relayed = message.first("EVN"), is_relayed(header, relays)
    if (
        relayed
        and evn is not None
        and (evn.number(7) or "").casefold() != facility_name(message, header, relays).casefold()
    ):
        evn = None
    for segment, field in ((evn, 7), (None if relayed else header, 4)):
        if segment is not None and (segment.text(field, 3) or "").upper() == "NPI":
            npi = segment.text(field, 2) or ""
            if re.fullmatch(r"\d{10}", npi) and has_npi_check_digit(npi):
                return npi
            message.findings.note(f"{segment.name}-{field}", "adt.npi", "the facility's NPI has no right check digit")
    return None


def is_relayed(header: Segment, relays: frozenset[str]) -> bool:
    """Whether the sender (MSH-4, its name or its universal id) is one of these relays, which are in lower case."""
    return any(name is not None and name.casefold() in relays for name in (header.number(4), header.number(4, 2)))
