"""Meanings of the codes in a request.

X12's lists are X12's property: this file holds only the codes that change what Umpire does, in our own wording.
"""

from __future__ import annotations

from domain.vocabulary import CertificationType, CodeSystem, Urgency

CERTIFICATION_OF = {
    "I": CertificationType.INITIAL,
    "R": CertificationType.RENEWAL,
    "S": CertificationType.REVISED,
    "3": CertificationType.CANCEL,
    "4": CertificationType.EXTENSION,
    "1": CertificationType.APPEAL,
    "2": CertificationType.APPEAL,
    "N": CertificationType.APPEAL,
}
"""X12 1322: first request, renewal, change, withdrawal, longer stay; 1 and 2 are appeals, N a reconsideration."""

LEVEL_OF_SERVICE = {"U": Urgency.EXPEDITED, "03": Urgency.EXPEDITED, "E": Urgency.STANDARD}
"""X12 1338: urgent, emergency, elective."""

PRIORITY = {"stat": Urgency.EXPEDITED, "normal": Urgency.STANDARD, "deferred": Urgency.STANDARD}
"""FHIR process priority."""

BEHAVIORAL_SERVICE_TYPES = frozenset(
    {"MH", "A4", "A5", "A6", "A7", "A8", "AI", "AJ", "AK", "CE", "CF", "CG", "CH", "CI", "CJ"}
)
"""X12 1365: mental health, psychiatric care and substance use, by kind of provider and setting. No others."""

PHARMACY_SERVICE_TYPES = frozenset({"88", "89", "90", "91", "92"})
"""X12 1365: services that a pharmacy dispenses."""

PRODUCT_SYSTEMS = {
    "hcpcs": CodeSystem.HCPCS,
    "cpt": CodeSystem.HCPCS,
    "icd-10-pcs": CodeSystem.ICD10PCS,
    "ndc": CodeSystem.NDC,
    "x12/1365": CodeSystem.SERVICE_TYPE,
}
"""HCPCS level I is CPT: senders write either system's address for both levels. In order of preference."""

UNIT_SPELLINGS = {
    "unit": ("un", "unit", "units", "fl", "1"),
    "visit": ("vs", "visit", "visits"),
    "hour": ("hs", "hr", "h", "hour", "hours"),
    "day": ("da", "dy", "d", "day", "days"),
    "week": ("wk", "week", "weeks"),
    "month": ("mo", "mn", "mon", "month", "months"),
    "each": ("ea", "each"),
}
_UNIT_OF = {spelling: word for word, spellings in UNIT_SPELLINGS.items() for spelling in spellings}

LEVEL_OF_CARE_BY_PLACE = {
    "21": "inpatient",
    "31": "skilled_nursing_facility",
    "51": "inpatient_psychiatric",
    "55": "residential",
    "56": "residential",
    "61": "inpatient_rehabilitation",
}
"""CMS place of service codes that are levels of care."""

PLACE_OF_BILL_TYPE = {
    **dict.fromkeys(("11", "12"), "21"),
    **dict.fromkeys(("13", "14"), "22"),
    **dict.fromkeys(("21", "22"), "31"),
    **dict.fromkeys(("32", "33", "34"), "12"),
    **dict.fromkeys(("81", "82"), "34"),
}
"""Kinds of facility and care in a type of bill (NUBC, its first two digits after the zero) as places of service of CMS:
inpatient and outpatient hospital, skilled nursing, home health, hospice. The same digits are other places in each system."""

LEVEL_OF_CARE_OF_ENCOUNTER = {"IMP": "inpatient", "ACUTE": "inpatient", "NONAC": "inpatient", "OBSENC": "observation"}
"""HL7 encounter classes."""

ENCOUNTER_CLASSES = frozenset({"AMB", "EMER", "FLD", "HH", "IMP", "ACUTE", "NONAC", "OBSENC", "PRENC", "SS", "VR"})
"""HL7 encounter classes (v3-ActCode, ActEncounterCode)."""

INPATIENT_ENCOUNTERS = frozenset({"IMP", "ACUTE", "NONAC"})
"""HL7 encounter classes of an admitted patient."""

ONGOING_STATUSES = frozenset({"in-progress", "onleave"})
"""Statuses of an encounter in progress. PAS fixes `planned`; senders write the actual status."""

ENCOUNTER_STATUSES = ONGOING_STATUSES | {"planned", "finished", "cancelled"}
"""Statuses that say whether the patient is there; arrived, triaged and unknown leave it open, and an error says nothing."""

REHABILITATION_SERVICE_TYPES = frozenset({"AB"})
"""X12 1365: rehabilitation of an inpatient."""

ORDERING_ROLES = frozenset({"DK", "ordering"})
SERVICING_ROLES = frozenset({"SJ", "FA", "71", "72", "performing", "rendering"})
OTHER_ROLES = frozenset({"DN", "DQ", "P3", "referring", "supervisor"})
"""Roles in a care team (X12 98 and FHIR): ordering, servicing, and other."""

UNTELLING_ROLES = frozenset({"primary", "assist", "other"})
"""Roles of FHIR that say neither who orders nor who renders the service."""

ROLE_SYSTEMS = ("x12/98", "care-team-role")


def unit_name(sent: str | None) -> str | None:
    """The unit as one singular word; an unknown unit stays as it was sent."""
    return None if sent is None else _UNIT_OF.get(sent.strip().lower(), sent.strip())
