"""Short names of code systems, the same for every spelling of an address.

PAS senders write X12 systems as code system or value set addresses, http or https, with or without a version, and some
send object identifiers. Unknown systems keep their address without scheme, so that equal ones stay equal.
"""

from __future__ import annotations

import re
from functools import lru_cache

_X12 = re.compile(r"(?:codesystem|valueset)\.x12\.org/(?:[^|]*/)?(\d+[a-z]?)")

_NAMES = {
    "www.cms.gov/medicare/coding/hcpcsreleasecodesets": "hcpcs",
    "www.cms.gov/medicare/coding/medhcpcsgeninfo": "hcpcs",
    "terminology.hl7.org/codesystem/hcpcs": "hcpcs",
    "terminology.hl7.org/codesystem/hcpcs-level-ii": "hcpcs",
    "urn:oid:2.16.840.1.113883.6.285": "hcpcs",
    "urn:oid:2.16.840.1.113883.6.14": "hcpcs",
    "bluebutton.cms.gov/resources/codesystem/hcpcs": "hcpcs",
    "www.ama-assn.org/go/cpt": "cpt",
    "urn:oid:2.16.840.1.113883.6.12": "cpt",
    "www.cms.gov/medicare/coding/icd10": "icd-10-pcs",
    "hl7.org/fhir/sid/icd-10-pcs": "icd-10-pcs",
    "urn:oid:2.16.840.1.113883.6.4": "icd-10-pcs",
    "hl7.org/fhir/sid/icd-10-cm": "icd-10-cm",
    "urn:oid:2.16.840.1.113883.6.90": "icd-10-cm",
    "hl7.org/fhir/sid/ndc": "ndc",
    "urn:oid:2.16.840.1.113883.6.69": "ndc",
    "loinc.org": "loinc",
    "www.loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "snomed.info/sct": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "unitsofmeasure.org": "ucum",
    "hl7.org/fhir/sid/us-npi": "npi",
    "urn:oid:2.16.840.1.113883.4.6": "npi",
    "www.cms.gov/medicare/coding/place-of-service-codes/place_of_service_code_set": "place-of-service",
    "www.cms.gov/medicare/coding/place-of-service-codes": "place-of-service",
    "www.nubc.org/codesystem/typeofbill": "type-of-bill",
    "terminology.hl7.org/codesystem/ahanubctypeofbill": "type-of-bill",
    "urn:oid:2.16.840.1.113883.6.301.1": "type-of-bill",
    "terminology.hl7.org/codesystem/v2-0203": "identifier-type",
    "hl7.org/fhir/us/carin-bb/codesystem/c4bbidentifiertype": "carin-identifier-type",
    "terminology.hl7.org/codesystem/claim-type": "claim-type",
    "hl7.org/fhir/ex-claimtype": "claim-type",
    "terminology.hl7.org/codesystem/processpriority": "priority",
    "terminology/hl7.org/codesystem/processpriority": "priority",
    "hl7.org/fhir/processpriority": "priority",
    "hl7.org/fhir/codesystem/processpriority": "priority",
    "terminology.hl7.org/codesystem/claimcareteamrole": "care-team-role",
    "hl7.org/fhir/claimcareteamrole": "care-team-role",
    "www.nubc.org/codesystem/revenuecodes": "revenue",
    "www.nubc.org/revenue-code": "revenue",
    "nubc.org/revenuecodes": "revenue",
    "terminology.hl7.org/codesystem/ahanubcrevenuecodes": "revenue",
    "urn:oid:2.16.840.1.113883.6.301.3": "revenue",
    "terminology.hl7.org/codesystem/ex-relatedclaimrelationship": "related-claim",
    "hl7.org/fhir/ex-relatedclaimrelationship": "related-claim",
    "terminology.hl7.org/codesystem/data-absent-reason": "data-absent",
    "terminology.hl7.org/codesystem/v3-actcode": "act-code",
    "hl7.org/fhir/v3/actcode": "act-code",
    "urn:oid:2.16.840.1.113883.5.4": "act-code",
    "hl7.org/fhir/us/davinci-pas/codesystem/pastempcodes": "pas",
    "hl7.org/fhir/us/davinci-pas/codesystem/passupportinginfotype": "pas",
    "terminology.hl7.org/codesystem/condition-clinical": "condition-clinical",
    "terminology.hl7.org/codesystem/condition-ver-status": "condition-verification",
    "urn:umpire:fact": "umpire-fact",
    "urn:umpire:circumstance": "umpire-circumstance",
}


@lru_cache(maxsize=4096)
def system_name(address: str) -> str:
    """``x12/1322``, ``loinc``, ``hcpcs`` …; an unknown address in lower case, without scheme and version."""
    bare = address.strip().partition("|")[0].lower()
    bare = re.sub(r"^https?://", "", bare).rstrip("/")
    x12 = _X12.fullmatch(bare)
    return f"x12/{x12.group(1)}" if x12 else _NAMES.get(bare, bare)


@lru_cache(maxsize=4096)
def profile_name(address: str) -> str:
    """The last part of a profile or extension address, without version: ``extension-certificationType``."""
    return address.strip().partition("|")[0].rstrip("/").rsplit("/", 1)[-1]
