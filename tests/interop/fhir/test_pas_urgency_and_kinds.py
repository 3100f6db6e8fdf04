"""The urgency and the kind of service of a request."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.vocabulary import AskedBy, ServiceKind, Urgency
from tests.interop.fhir.bundles import (
    X12,
    Json,
    add,
    concept,
    extension,
    first_claim,
    item,
    note_rules,
    problem_rules,
    read,
    request_bundle,
)

CLAIM_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"
PRIORITY = "http://terminology.hl7.org/CodeSystem/processpriority"


def with_urgency(level: str | None, priority: str) -> Json:
    bundle = request_bundle()
    first_claim(bundle)["priority"] = concept(PRIORITY, priority)
    coded = concept(X12 + "1338", level or "")
    levels = [extension("extension-levelOfServiceCode", valueCodeableConcept=coded)] if level else []
    first_claim(bundle)["extension"] = levels
    return bundle


@pytest.mark.parametrize(
    ("level", "priority", "urgency"),
    [
        ("U", "normal", Urgency.EXPEDITED),
        ("03", "normal", Urgency.EXPEDITED),
        ("E", "stat", Urgency.EXPEDITED),
        (None, "stat", Urgency.EXPEDITED),
        ("E", "normal", Urgency.STANDARD),
        (None, "deferred", Urgency.STANDARD),
    ],
)
def test_a_request_is_expedited_when_level_or_priority_says_so(
    level: str | None, priority: str, urgency: Urgency
) -> None:
    assert read(with_urgency(level, priority)).request.urgency.urgency is urgency


def test_a_provider_asks_and_what_the_physician_thinks_stays_unknown() -> None:
    urgency = read(with_urgency("U", "stat")).request.urgency
    assert urgency.asked_by is AskedBy.PROVIDER
    assert urgency.physician_statement is None


def test_an_urgency_that_is_not_known_is_noted_and_left_to_a_clinician() -> None:
    submission = read(with_urgency("Q", "normal"))
    assert "umpire-urgency" in note_rules(submission).values()
    assert submission.request.urgency.urgency is Urgency.EXPEDITED and submission.request.urgency.unread


@pytest.mark.parametrize("element", ["priority", "level"])
def test_an_urgency_in_an_unknown_code_system_is_never_silently_standard(element: str) -> None:
    bundle = with_urgency("E", "normal")
    unknown = concept("https://codes.example.org/urgency", "R")
    if element == "priority":
        first_claim(bundle)["priority"] = unknown
    else:
        first_claim(bundle)["extension"] = [extension("extension-levelOfServiceCode", valueCodeableConcept=unknown)]
    submission = read(bundle)
    assert submission.request.urgency.urgency is Urgency.EXPEDITED and submission.request.urgency.unread
    assert "umpire-urgency" in {remark.rule for remark in submission.request.remarks}


def test_an_urgency_in_words_alone_is_left_to_a_clinician() -> None:
    bundle = request_bundle()
    first_claim(bundle)["priority"] = {"text": "as soon as can be"}
    assert read(bundle).request.urgency.unread


def test_an_address_with_a_known_misspelling_is_understood() -> None:
    bundle = request_bundle()
    first_claim(bundle)["priority"] = concept("http://terminology/hl7.org/CodeSystem/processpriority", "stat")
    urgency = read(bundle).request.urgency
    assert urgency.urgency is Urgency.EXPEDITED and not urgency.unread


def test_a_request_that_is_understood_carries_no_remark() -> None:
    assert read(request_bundle()).request.remarks == ()


@pytest.mark.parametrize(
    ("element", "path"),
    [("locationCodeableConcept", "item[0].locationCodeableConcept"), ("category", "item[0].category")],
)
def test_a_code_of_a_line_in_an_unknown_system_is_a_remark_about_the_service(element: str, path: str) -> None:
    bundle = request_bundle()
    first_claim(bundle)["item"][0][element] = concept("https://codes.example.org/local", "12")
    (remark,) = read(bundle).request.remarks
    assert remark.path == f"Bundle.entry[0].resource.{path}"
    assert remark.line_id == "1" and remark.about_service


def test_a_service_in_an_unknown_code_system_is_a_remark_about_the_service() -> None:
    bundle = request_bundle()
    first_claim(bundle)["item"][0]["productOrService"] = concept("https://codes.example.org/local", "OXY")
    assert [remark.about_service for remark in read(bundle).request.remarks] == [True]


def test_a_claim_of_an_unknown_type_is_a_remark_about_the_whole_request() -> None:
    bundle = request_bundle()
    first_claim(bundle)["type"] = concept("https://codes.example.org/local", "drugs")
    (remark,) = read(bundle).request.remarks
    assert remark.about_service and remark.line_id is None


def test_a_certification_type_in_an_unknown_system_is_a_problem() -> None:
    bundle = request_bundle()
    unknown = concept("https://codes.example.org/certification", "3")
    first_claim(bundle)["item"][0]["extension"][1] = extension(
        "extension-certificationType", valueCodeableConcept=unknown
    )
    assert "pas-item-certification" in problem_rules(bundle).values()


def test_the_event_dates_of_the_first_guide_are_read() -> None:
    bundle = request_bundle()
    del first_claim(bundle)["item"][0]["servicedPeriod"]
    category = concept("http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASSupportingInfoType", "patientEvent")
    first_claim(bundle)["supportingInfo"] = [{"sequence": 1, "category": category, "timingDate": "2027-02-03"}]
    assert read(bundle).request.lines[0].start == date(2027, 2, 3)


def test_a_timed_entry_of_an_unknown_category_is_a_remark_about_the_service() -> None:
    bundle = request_bundle()
    category = concept("https://codes.example.org/local", "patientEvent")
    first_claim(bundle)["supportingInfo"] = [{"sequence": 1, "category": category, "timingDate": "2027-02-03"}]
    assert [remark.about_service for remark in read(bundle).request.remarks] == [True]


def with_claim(claim_type: str = "professional", *items: Json, **changes: Any) -> Json:
    bundle = request_bundle()
    first_claim(bundle)["type"] = concept(CLAIM_TYPE, claim_type)
    first_claim(bundle)["item"] = list(items) or first_claim(bundle)["item"]
    for one in first_claim(bundle)["item"]:
        one.update(changes)
    return bundle


def kind_of(bundle: Json) -> ServiceKind:
    return read(bundle).request.service_kind


def test_equipment_is_medical() -> None:
    assert kind_of(request_bundle()) is ServiceKind.MEDICAL


@pytest.mark.parametrize("code", ["J1745", "Q5103", "C9399", "Q0138", "Q0139", "Q2055", "Q4081", "Q5151"])
def test_a_drug_code_under_the_medical_benefit_is_a_part_b_drug(code: str) -> None:
    assert kind_of(with_claim("professional", item(code=code))) is ServiceKind.PART_B_DRUG


@pytest.mark.parametrize("code", ["Q0091", "C9600", "C9728", "Q4100", "G0463", "E1390"])
def test_a_procedure_under_a_temporary_code_is_no_drug(code: str) -> None:
    assert kind_of(with_claim("professional", item(code=code))) is ServiceKind.MEDICAL


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "1657974"),
        ("http://hl7.org/fhir/sid/ndc", "99999012345"),
        ("https://bluebutton.cms.gov/resources/codesystem/hcpcs", "J1745"),
        ("urn:oid:2.16.840.1.113883.6.14", "J1745"),
        ("https://codes.example.org/unknown", "J1745"),
    ],
)
def test_a_drug_is_one_under_whatever_address(system: str, code: str) -> None:
    assert kind_of(with_claim("professional", productOrService=concept(system, code))) is ServiceKind.PART_B_DRUG


def test_what_a_medication_request_orders_is_a_drug() -> None:
    bundle = with_claim("professional", item(code="G0463"))
    medication = {"resourceType": "MedicationRequest", "id": "rx", "status": "active", "intent": "order"}
    add(bundle, medication | {"subject": {"reference": "Patient/patient"}})
    ordered = extension("extension-requestedService", valueReference={"reference": "MedicationRequest/rx"})
    first_claim(bundle)["item"][0]["extension"].append(ordered)
    assert kind_of(bundle) is ServiceKind.PART_B_DRUG


def test_one_drug_line_makes_a_drug_request() -> None:
    assert kind_of(with_claim("professional", item(1, "G0463"), item(2, "J1745"))) is ServiceKind.PART_B_DRUG


def test_a_pharmacy_claim_is_for_a_pharmacy_drug() -> None:
    ndc = concept("http://hl7.org/fhir/sid/ndc", "99999012345")
    assert kind_of(with_claim("pharmacy", productOrService=ndc)) is ServiceKind.PHARMACY_DRUG


def test_what_a_pharmacy_dispenses_is_a_pharmacy_drug() -> None:
    assert kind_of(with_claim("professional", category=concept(X12 + "1365", "88"))) is ServiceKind.PHARMACY_DRUG


@pytest.mark.parametrize("category", ["MH", "A6", "AI", "CF"])
def test_behavioral_service_types_make_a_behavioral_request(category: str) -> None:
    assert kind_of(with_claim("professional", category=concept(X12 + "1365", category))) is ServiceKind.BEHAVIORAL


@pytest.mark.parametrize("category", ["1", "A9", "AE", "48", "A3"])
def test_other_service_types_are_not_behavioral(category: str) -> None:
    assert kind_of(with_claim("professional", category=concept(X12 + "1365", category))) is ServiceKind.MEDICAL


def test_a_mixed_request_is_medical() -> None:
    behavioral = item(1, "H0004") | {"category": concept(X12 + "1365", "MH")}
    assert kind_of(with_claim("professional", behavioral, item(2))) is ServiceKind.MEDICAL
