"""The Claim's rules: what must be there, what only should."""

from __future__ import annotations

from typing import Any

import pytest

from tests.interop.fhir.bundles import (
    concept,
    first_claim,
    first_item,
    note_rules,
    patient,
    problem_rules,
    read,
    request_bundle,
    resource,
)

CLAIM = "Bundle.entry[0].resource"


@pytest.mark.parametrize("name", ["status", "use", "type", "created", "insurer", "priority", "identifier", "insurance"])
def test_what_every_version_requires_is_missed(name: str) -> None:
    bundle = request_bundle()
    del first_claim(bundle)[name]
    assert problem_rules(bundle) == {f"{CLAIM}.{name}": f"pas-claim-{name}"}


def test_the_patient_and_the_provider_are_missed() -> None:
    bundle = request_bundle()
    del first_claim(bundle)["patient"]
    del first_claim(bundle)["provider"]
    assert problem_rules(bundle) == {
        f"{CLAIM}.patient": "pas-claim-patient",
        f"{CLAIM}.provider": "pas-claim-provider",
    }


@pytest.mark.parametrize(("name", "value"), [("status", "draft"), ("use", "claim"), ("use", "predetermination")])
def test_only_an_active_preauthorization_is_a_request(name: str, value: str) -> None:
    bundle = request_bundle()
    first_claim(bundle)[name] = value
    assert problem_rules(bundle) == {f"{CLAIM}.{name}": f"pas-claim-{name}"}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("supportingInfo", {"sequence": 1, "category": concept("x", "y")}),
        ("diagnosis", {"sequence": 1, "diagnosisCodeableConcept": concept("x", "y")}),
        ("item", None),
    ],
)
def test_sequence_numbers_are_unique(element: str, value: Any) -> None:
    bundle = request_bundle()
    the_claim = first_claim(bundle)
    twice = value or the_claim[element][0]
    the_claim[element] = [twice, dict(twice)]
    rule = "spec-22" if element == "supportingInfo" else f"pas-{element}-sequence"
    assert problem_rules(bundle)[f"{CLAIM}.{element}[1].sequence"] == rule


@pytest.mark.parametrize("sequence", [None, 0, -1])
def test_a_sequence_number_is_above_zero(sequence: int | None) -> None:
    bundle = request_bundle()
    first_item(bundle)["sequence"] = sequence
    assert problem_rules(bundle) == {f"{CLAIM}.item[0].sequence": "pas-item-sequence"}


@pytest.mark.parametrize("pointer", ["careTeamSequence", "diagnosisSequence", "informationSequence"])
def test_an_item_points_to_what_is_there(pointer: str) -> None:
    bundle = request_bundle()
    first_item(bundle)[pointer] = [99]
    assert problem_rules(bundle) == {f"{CLAIM}.item[0].{pointer}[0]": "pas-item-pointer"}


@pytest.mark.parametrize("name", ["category", "locationCodeableConcept"])
def test_what_only_newer_versions_require_is_noted(name: str) -> None:
    bundle = request_bundle()
    del first_item(bundle)[name]
    assert note_rules(read(bundle)) == {f"{CLAIM}.item[0].{name}": "spec-23"}


def test_a_request_in_the_shape_of_older_versions_is_read() -> None:
    bundle = request_bundle()
    first_item(bundle)["extension"] = []
    for member in first_claim(bundle)["careTeam"]:
        del member["extension"]
    assert set(note_rules(read(bundle)).values()) == {"spec-23"}


def test_must_support_elements_may_be_missing() -> None:
    bundle = request_bundle()
    the_claim = first_claim(bundle)
    for name in ("extension", "careTeam", "diagnosis"):
        del the_claim[name]
    for name in ("careTeamSequence", "diagnosisSequence", "servicedPeriod", "quantity"):
        del first_item(bundle)[name]
    for name in ("birthDate", "gender"):
        del resource(bundle, "Patient")[name]
    assert read(bundle).notes == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("item", {"sequence": 1}), ("item", ["text"]), ("insurance", "x"), ("careTeam", [None])],
)
def test_a_wrong_json_type_is_named_with_its_path(name: str, value: Any) -> None:
    bundle = request_bundle()
    first_claim(bundle)[name] = value
    assert "fhir-json" in problem_rules(bundle).values()


def test_the_coverage_must_be_the_patients_own() -> None:
    bundle = request_bundle()
    other = patient("MBR1000002", "Okafor", "Desmond") | {"id": "other"}
    bundle["entry"].append({"fullUrl": "http://ehr.example.org/fhir/Patient/other", "resource": other})
    resource(bundle, "Coverage")["beneficiary"]["reference"] = "Patient/other"
    assert problem_rules(bundle) == {"Bundle.entry[2].resource.beneficiary": "umpire-beneficiary"}


def test_the_patient_must_be_a_patient() -> None:
    bundle = request_bundle()
    first_claim(bundle)["patient"]["reference"] = "Organization/clinic"
    assert problem_rules(bundle)[f"{CLAIM}.patient"] == "pas-reference-type"


def test_the_focal_coverage_is_the_one_that_counts() -> None:
    bundle = request_bundle()
    second = resource(bundle, "Coverage") | {"id": "second"}
    bundle["entry"].append({"fullUrl": "http://ehr.example.org/fhir/Coverage/second", "resource": second})
    insurance = [
        {"sequence": 1, "focal": False, "coverage": {"reference": "Coverage/second"}},
        {"sequence": 2, "focal": True, "coverage": {"reference": "Coverage/coverage"}},
    ]
    first_claim(bundle)["insurance"] = insurance
    assert read(bundle).request.member.member_id == "MBR1000001"
    insurance[1]["focal"] = False
    assert problem_rules(bundle) == {f"{CLAIM}.insurance": "pas-claim-insurance"}
    insurance[0]["focal"] = insurance[1]["focal"] = True
    assert problem_rules(bundle) == {f"{CLAIM}.insurance": "pas-claim-insurance"}
