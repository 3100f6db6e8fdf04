"""A valid PAS request Bundle, built in code, for tests to change. Every call gives a fresh Bundle."""

from __future__ import annotations

import base64
import copy
import json
from datetime import UTC, datetime
from typing import Any

from domain.errors import NotReadable, ValidationIssue
from domain.vocabulary import Channel
from interop.reader import read_request
from interop.submission import Submission

Json = dict[str, Any]

RECEIVED_AT = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
SERVER = "http://ehr.example.org/fhir/"
PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
X12 = "https://codesystem.x12.org/005010/"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
FACT = "urn:umpire:fact"
NPI = "http://hl7.org/fhir/sid/us-npi"
PLACE = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
PAS_CODES = "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
TRACE = "urn:trnorg:9012345678"


def concept(system: str, code: str, display: str | None = None) -> Json:
    coding = {"system": system, "code": code}
    return {"coding": [coding | ({"display": display} if display else {})]}


def extension(name: str, **value: Any) -> Json:
    return {"url": PAS + name, **value}


def certification(code: str) -> Json:
    return extension("extension-certificationType", valueCodeableConcept=concept(X12 + "1322", code))


def info_changed(mode: str) -> Json:
    return extension("extension-infoChanged", valueCode=mode)


def info_cancelled(flag: bool = True) -> Json:
    return extension("modifierextension-infoCancelled", valueBoolean=flag)


def entry(resource: Json) -> Json:
    return {"fullUrl": f"{SERVER}{resource['resourceType']}/{resource['id']}", "resource": resource}


def reference(resource: Json) -> Json:
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def patient(member_id: str = "MBR1000001", family: str = "Whitfield", given: str = "Alma") -> Json:
    return {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [
            {
                "type": concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MB"),
                "system": "http://example.org/member-id",
                "value": member_id,
            }
        ],
        "name": [{"use": "official", "family": family, "given": [given]}],
        "gender": "female",
        "birthDate": "1951-04-12",
    }


def coverage(member_id: str = "MBR1000001") -> Json:
    return {
        "resourceType": "Coverage",
        "id": "coverage",
        "identifier": [
            {
                "type": concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MB"),
                "system": "http://example.org/member-id",
                "value": member_id,
            }
        ],
        "status": "active",
        "subscriberId": member_id,
        "beneficiary": {"reference": "Patient/patient"},
        "relationship": concept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
        "payor": [{"reference": "Organization/insurer"}],
    }


def organization(name: str, identity: str, npi: str, kind: str) -> Json:
    return {
        "resourceType": "Organization",
        "id": identity,
        "identifier": [{"system": NPI, "value": npi}],
        "active": True,
        "type": [concept(X12 + "98", kind)],
        "name": name,
        "telecom": [{"system": "phone", "value": "217-555-0110"}, {"system": "fax", "value": "217-555-0111"}],
        "address": [{"line": ["1 Riverbend Way"], "city": "Springfield", "state": "IL", "postalCode": "62703"}],
    }


def practitioner() -> Json:
    return {
        "resourceType": "Practitioner",
        "id": "orderer",
        "identifier": [{"system": NPI, "value": "1777777719"}],
        "name": [{"family": "Ordering", "given": ["Sam"]}],
    }


def practitioner_role() -> Json:
    return {
        "resourceType": "PractitionerRole",
        "id": "orderer-role",
        "practitioner": {"reference": "Practitioner/orderer"},
        "telecom": [{"system": "phone", "value": "217-555-0120"}],
    }


def order(code: str = "E1390") -> Json:
    return {
        "resourceType": "DeviceRequest",
        "id": "order-1",
        "status": "active",
        "intent": "order",
        "codeCodeableConcept": concept(HCPCS, code),
        "subject": {"reference": "Patient/patient"},
        "authoredOn": "2026-11-16",
        "requester": {"reference": "PractitionerRole/orderer-role"},
    }


def item(sequence: int = 1, code: str = "E1390", certified: str = "I") -> Json:
    return {
        "extension": [
            extension("extension-serviceItemRequestType", valueCodeableConcept=concept(X12 + "1525", "HS")),
            certification(certified),
            extension("extension-itemTraceNumber", valueIdentifier={"system": TRACE, "value": f"LINE-{sequence:04d}"}),
        ],
        "sequence": sequence,
        "careTeamSequence": [1],
        "diagnosisSequence": [1],
        "category": concept(X12 + "1365", "18"),
        "productOrService": concept(HCPCS, code),
        "servicedPeriod": {"start": "2026-12-07", "end": "2027-12-06"},
        "locationCodeableConcept": concept(PLACE, "12"),
        "quantity": {"value": 12, "unit": "Months", "system": X12 + "673", "code": "MO"},
    }


def claim() -> Json:
    return {
        "resourceType": "Claim",
        "id": "claim-1",
        "extension": [extension("extension-levelOfServiceCode", valueCodeableConcept=concept(X12 + "1338", "E"))],
        "identifier": [{"system": TRACE, "value": "TRACE-1"}],
        "status": "active",
        "type": concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
        "use": "preauthorization",
        "patient": {"reference": "Patient/patient"},
        "created": "2026-11-30T09:00:00-06:00",
        "insurer": {"reference": "Organization/insurer"},
        "provider": {"reference": "Organization/clinic"},
        "priority": concept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
        "careTeam": [
            {
                "extension": [extension("extension-careTeamClaimScope", valueBoolean=True)],
                "sequence": 1,
                "provider": {"reference": "PractitionerRole/orderer-role"},
            },
            {
                "extension": [extension("extension-careTeamClaimScope", valueBoolean=True)],
                "sequence": 2,
                "provider": {"reference": "Organization/supplier"},
                "role": concept(X12 + "98", "SJ"),
            },
        ],
        "diagnosis": [
            {"sequence": 1, "diagnosisCodeableConcept": concept(ICD10CM, "J44.9")},
            {"sequence": 2, "diagnosisCodeableConcept": concept(ICD10CM, "J96.11")},
        ],
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/coverage"}}],
        "item": [item()],
    }


def request_bundle() -> Json:
    """A first request for home oxygen, complete and without a fault."""
    the_order = order()
    the_claim = claim()
    the_claim["item"][0]["extension"].append(
        extension("extension-requestedService", valueReference=reference(the_order))
    )
    resources = [
        the_claim,
        patient(),
        coverage(),
        organization("Riverbend Clinic", "clinic", "1999999984", "1P"),
        organization("Example Health", "insurer", "1888888884", "PR"),
        organization("Breathe Easy Medical Supply", "supplier", "1215000021", "1P"),
        practitioner_role(),
        practitioner(),
        the_order,
    ]
    return {
        "resourceType": "Bundle",
        "id": "request",
        "meta": {"profile": [PAS + "profile-pas-request-bundle"]},
        "identifier": {"system": "http://example.org/transactions", "value": "TX-1"},
        "type": "collection",
        "timestamp": "2026-11-30T09:00:01-06:00",
        "entry": [entry(resource) for resource in resources],
    }


def first_claim(bundle: Json) -> Json:
    return resource(bundle, "Claim")


def first_item(bundle: Json) -> Json:
    found: Json = first_claim(bundle)["item"][0]
    return found


def with_item(**changes: Any) -> Json:
    """A request whose first item has other elements."""
    bundle = request_bundle()
    first_item(bundle).update(changes)
    return bundle


def with_encounter(kind: Json, status: str) -> Json:
    """A request of a patient with an encounter of a class, a Coding, and a status."""
    stay = {
        "resourceType": "Encounter",
        "id": "stay",
        "status": status,
        "class": kind,
        "subject": {"reference": "Patient/patient"},
    }
    bundle = add(request_bundle(), stay)
    first_claim(bundle)["extension"].append(extension("extension-Claim.encounter", valueReference=reference(stay)))
    return bundle


def resource(bundle: Json, kind: str, identity: str | None = None) -> Json:
    for one in bundle["entry"]:
        found: Json = one["resource"]
        if found["resourceType"] == kind and identity in (None, found["id"]):
            return found
    raise KeyError(kind)


def add(bundle: Json, *resources: Json) -> Json:
    bundle["entry"].extend(entry(one) for one in resources)
    return bundle


def remove(bundle: Json, kind: str, identity: str | None = None) -> Json:
    gone = resource(bundle, kind, identity)
    bundle["entry"] = [one for one in bundle["entry"] if one["resource"] is not gone]
    return bundle


def add_supporting_information(
    bundle: Json, supporting: Json, title: str = "Clinic note", control: str = "CTL-1"
) -> Json:
    """Adds a resource and points to it from the Claim as supporting information."""
    add(bundle, supporting)
    infos = first_claim(bundle).setdefault("supportingInfo", [])
    infos.append(
        {
            "extension": [
                extension(
                    "extension-documentInformation",
                    extension=[
                        {"url": "reportTypeCode", "valueCodeableConcept": concept(X12 + "755", "OZ")},
                        {"url": "controlNumber", "valueString": control},
                        {"url": "description", "valueString": title},
                    ],
                )
            ],
            "sequence": len(infos) + 1,
            "category": concept("http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes", "additionalInformation"),
            "valueReference": reference(supporting),
        }
    )
    return bundle


def document(content: bytes = b"Clinic note", identity: str = "note", **attachment: Any) -> Json:
    data = {"contentType": "text/plain", "data": base64.b64encode(content).decode()}
    return {
        "resourceType": "DocumentReference",
        "id": identity,
        "status": "current",
        "type": concept(LOINC, "34117-2"),
        "subject": {"reference": "Patient/patient"},
        "content": [{"attachment": attachment or data}],
    }


def observation(code: Json, value: Json, identity: str = "observation", **changes: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "code": code,
        "subject": {"reference": "Patient/patient"},
        "effectiveDateTime": "2026-10-28T10:30:00-05:00",
        **value,
        **changes,
    }


def percent(value: float) -> Json:
    return {"valueQuantity": {"value": value, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}}


def _pointing(link_id: str, evidence: Json) -> Json:
    return {"linkId": f"{link_id}.evidence", "answer": [{"valueReference": reference(evidence)}]}


def questionnaire_response(answers: Json, identity: str = "answers", evidence: Json | None = None) -> Json:
    """Answers by link id, each a FHIR answer without the evidence; `evidence` is a resource that each points to."""
    items = []
    for link_id, answer in answers.items():
        pointing = {} if evidence is None else {"item": [_pointing(link_id, evidence)]}
        items.append({"linkId": link_id, "answer": [answer | pointing]})
    return {
        "resourceType": "QuestionnaireResponse",
        "id": identity,
        "status": "completed",
        "subject": {"reference": "Patient/patient"},
        "authored": "2026-11-16T14:00:00-06:00",
        "item": items,
    }


def update_of(bundle: Json) -> Json:
    """The same request again as an update of itself, nothing changed yet."""
    updated = copy.deepcopy(bundle)
    prior = copy.deepcopy(first_claim(bundle))
    the_claim = first_claim(updated)
    the_claim["id"] = "claim-2"
    the_claim["identifier"] = [{"system": TRACE, "value": "TRACE-2"}]
    the_claim["related"] = [
        {
            "claim": reference(prior),
            "relationship": concept("http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship", "prior"),
        }
    ]
    updated["identifier"]["value"] = "TX-2"
    updated["entry"][0] = entry(the_claim)
    return add(updated, prior)


def as_bytes(document: Any) -> bytes:
    return json.dumps(document).encode()


def read(document: Any, channel: Channel = Channel.FHIR_PAS) -> Submission:
    return read_request(as_bytes(document), RECEIVED_AT, channel)


def problems(document: Any) -> tuple[ValidationIssue, ...]:
    """The problems of a rejected document; fails when it is accepted."""
    raw = document if isinstance(document, bytes) else as_bytes(document)
    try:
        read_request(raw, RECEIVED_AT, Channel.FHIR_PAS)
    except NotReadable as refused:
        return refused.problems
    raise AssertionError("the document was read")


def problem_rules(document: Any) -> dict[str, str]:
    """Path and rule of every problem."""
    return {problem.path: problem.rule for problem in problems(document)}


def note_rules(submission: Submission) -> dict[str, str]:
    """Path and rule of every note."""
    return {note.path: note.rule for note in submission.notes}
