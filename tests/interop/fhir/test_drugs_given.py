"""Drugs that were given before, as FHIR resources in a request or among records."""

from __future__ import annotations

import json
from datetime import date

import pytest

from domain.errors import NotReadable
from domain.evidence.clinical_data import ClinicalStatement
from interop.evidence import read_evidence
from tests.interop.fhir.bundles import (
    HCPCS,
    RECEIVED_AT,
    Json,
    add,
    add_supporting_information,
    concept,
    note_rules,
    read,
    request_bundle,
)

NDC = "http://hl7.org/fhir/sid/ndc"


def dispense(**changes: object) -> Json:
    return {
        "resourceType": "MedicationDispense",
        "id": "fill-1",
        "status": "completed",
        "medicationCodeableConcept": concept(NDC, "99999-0200-30"),
        "subject": {"reference": "Patient/patient"},
        "whenHandedOver": "2026-08-01T10:00:00-05:00",
        "daysSupply": {"value": 30, "unit": "d"},
        "quantity": {"value": 30, "unit": "tablet"},
        **changes,
    }


def given(resource: Json) -> tuple[ClinicalStatement, ...]:
    return read(add_supporting_information(request_bundle(), resource)).statements


def test_a_dispense_tells_the_drug_the_day_the_days_and_the_quantity() -> None:
    days, quantity = given(dispense())
    assert (days.code_system, days.code, days.effective) == ("NDC", "99999-0200-30", date(2026, 8, 1))
    assert (days.value, days.unit) == (30, "d")
    assert (quantity.value, quantity.unit, quantity.reference) == (30, "tablet", days.reference)


def test_a_dispense_without_days_is_still_a_drug_that_was_given() -> None:
    bare = dispense()
    del bare["daysSupply"], bare["quantity"]
    (one,) = given(bare)
    assert (one.code, one.value, one.unit) == ("99999-0200-30", None, None)


def test_the_drug_may_stand_in_a_medication_of_its_own() -> None:
    drug = {"resourceType": "Medication", "id": "drug", "code": concept(HCPCS, "C9257")}
    resource = dispense(medicationReference={"reference": "Medication/drug"})
    del resource["medicationCodeableConcept"]
    statements = read(add(add_supporting_information(request_bundle(), resource), drug)).statements
    assert {(one.code_system, one.code) for one in statements} == {("HCPCS", "C9257")}


def test_a_medication_statement_lasts_as_long_as_its_period() -> None:
    taken = {
        "resourceType": "MedicationStatement",
        "id": "taken",
        "status": "completed",
        "medicationCodeableConcept": concept(NDC, "99999-0200-30"),
        "subject": {"reference": "Patient/patient"},
        "effectivePeriod": {"start": "2026-05-01", "end": "2026-07-31"},
    }
    (one,) = given(taken)
    assert (one.effective, one.value, one.unit) == (date(2026, 5, 1), 92, "d")


@pytest.mark.parametrize(
    "change",
    [
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"medicationCodeableConcept": {"text": "methotrexate"}},
        {"whenHandedOver": None},
    ],
)
def test_what_was_not_given_or_cannot_be_told_is_noted_and_left_out(change: Json) -> None:
    resource = {name: value for name, value in (dispense() | change).items() if value is not None}
    submission = read(add_supporting_information(request_bundle(), resource))
    assert submission.statements == ()
    assert "umpire-evidence" in note_rules(submission).values()


def test_a_drug_of_somebody_else_does_not_count() -> None:
    assert given(dispense(subject={"reference": "Patient/another"})) == ()


def whole_record(*resources: Json) -> Json:
    patient = {"resourceType": "Patient", "id": "patient", "identifier": [{"value": "MBR1000001"}]}
    entries = [
        {"fullUrl": f"urn:oid:2.999.{number}", "resource": one} for number, one in enumerate((patient, *resources))
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def test_a_record_with_the_bills_of_its_care_is_read_and_says_what_was_not() -> None:
    subject = {"reference": "Patient/patient"}
    bill = {"resourceType": "Claim", "id": "bill", "use": "claim", "patient": subject}
    other = {"resourceType": "Procedure", "id": "one", "subject": subject}
    document = whole_record(dispense(subject=subject), bill, other, other | {"id": "two"})
    evidence = read_evidence(json.dumps(document).encode(), RECEIVED_AT, "MBR1000001", {})
    assert {one.code for one in evidence.statements} == {"99999-0200-30"}
    assert ["'Procedure'" in remark.message for remark in evidence.remarks] == [True]


@pytest.mark.parametrize("use", ["preauthorization", None])
def test_a_request_is_no_record(use: str | None) -> None:
    asked = {"resourceType": "Claim", "id": "asked"} | ({"use": use} if use else {})
    raw = json.dumps(whole_record(dispense(), asked)).encode()
    with pytest.raises(NotReadable) as refused:
        read_evidence(raw, RECEIVED_AT, "MBR1000001", {})
    assert [problem.path for problem in refused.value.problems] == ["Bundle.entry"]


def test_a_pharmacy_record_that_comes_later_is_read() -> None:
    raw = json.dumps(dispense(subject={"identifier": {"value": "MBR1000001"}})).encode()
    evidence = read_evidence(raw, RECEIVED_AT, "MBR1000001", {})
    assert {one.code for one in evidence.statements} == {"99999-0200-30"}
