"""Service lines: codes, dates, quantities, places."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.requests.request import ServiceLine
from domain.vocabulary import CertificationType, CodeSystem
from tests.interop.fhir.bundles import (
    HCPCS,
    ICD10CM,
    PAS_CODES,
    PLACE,
    X12,
    Json,
    add,
    certification,
    concept,
    extension,
    first_claim,
    first_item,
    note_rules,
    problem_rules,
    read,
    request_bundle,
    with_item,
)

ITEM = "Bundle.entry[0].resource.item[0]"


def line_of(bundle: Json) -> ServiceLine:
    (line,) = read(bundle).request.lines
    return line


def test_a_line_says_what_when_where_and_how_much() -> None:
    line = line_of(request_bundle())
    assert (line.code_system, line.code) == (CodeSystem.HCPCS, "E1390")
    assert (line.start, line.end) == (date(2026, 12, 7), date(2027, 12, 6))
    assert (line.quantity, line.unit) == (Decimal(12), "month")
    assert (line.place_of_service, line.level_of_care) == ("12", None)
    assert line.diagnoses == ("J44.9",)
    assert line.trace_number == "LINE-0001"
    assert line.certification is CertificationType.INITIAL


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (HCPCS, "e1390", CodeSystem.HCPCS),
        ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets|2026", "E1390", CodeSystem.HCPCS),
        ("http://www.ama-assn.org/go/cpt", "G0151", CodeSystem.HCPCS),
        ("http://www.cms.gov/Medicare/Coding/ICD10", "0SG00AJ", CodeSystem.ICD10PCS),
        ("http://hl7.org/fhir/sid/ndc", "99999-0123-45", CodeSystem.NDC),
        (X12 + "1365", "3", CodeSystem.SERVICE_TYPE),
        ("http://valueset.x12.org/x217/005010/request/2000F/UM/1/03/00/1365", "3", CodeSystem.SERVICE_TYPE),
        ("http://snomed.info/sct", "426854004", CodeSystem.OTHER),
    ],
)
def test_code_systems_are_known_in_every_spelling(system: str, code: str, expected: CodeSystem) -> None:
    line = line_of(with_item(productOrService=concept(system, code)))
    assert (line.code_system, line.code) == (expected, code.upper())


def test_of_several_codings_the_billing_code_counts() -> None:
    codings = [
        {"system": "http://snomed.info/sct", "code": "426854004"},
        {"system": HCPCS, "code": "E1390", "display": "Oxygen concentrator"},
    ]
    line = line_of(with_item(productOrService={"coding": codings}))
    assert (line.code, line.description) == ("E1390", "Oxygen concentrator")


def test_without_a_product_code_the_type_of_service_is_asked_for() -> None:
    absent = concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-applicable")
    line = line_of(with_item(productOrService=absent))
    assert (line.code_system, line.code) == (CodeSystem.SERVICE_TYPE, "18")


@pytest.mark.parametrize("product", [{"text": "some oxygen"}, concept(HCPCS, "E13900"), concept(HCPCS, "E-139")])
def test_what_has_no_readable_code_is_refused(product: Json) -> None:
    bundle = with_item(productOrService=product)
    del first_item(bundle)["category"]
    assert set(problem_rules(bundle)) == {f"{ITEM}.productOrService"}


def test_a_single_day_and_a_period_may_both_be_there() -> None:
    line = line_of(with_item(servicedDate="2026-12-01"))
    assert (line.start, line.end) == (date(2026, 12, 1), date(2027, 12, 6))


def test_a_single_day_is_start_and_end() -> None:
    bundle = with_item(servicedDate="2026-12-09")
    del first_item(bundle)["servicedPeriod"]
    line = line_of(bundle)
    assert (line.start, line.end) == (date(2026, 12, 9), date(2026, 12, 9))


def test_a_period_without_an_end_stays_open() -> None:
    line = line_of(with_item(servicedPeriod={"start": "2026-12-09"}))
    assert (line.start, line.end) == (date(2026, 12, 9), None)


def test_the_day_is_the_one_that_the_sender_wrote() -> None:
    line = line_of(with_item(servicedPeriod={"start": "2026-12-31T23:00:00-06:00", "end": "2027-01-02T01:00:00+05:00"}))
    assert (line.start, line.end) == (date(2026, 12, 31), date(2027, 1, 2))


@pytest.mark.parametrize("category", ["patientEvent", "admissionDates"])
def test_a_line_without_dates_takes_those_of_the_event_or_the_admission(category: str) -> None:
    bundle = request_bundle()
    del first_item(bundle)["servicedPeriod"]
    timing = {"timingPeriod": {"start": "2027-01-12", "end": "2027-01-15"}}
    first_claim(bundle)["supportingInfo"] = [{"sequence": 1, "category": concept(PAS_CODES, category), **timing}]
    line = line_of(bundle)
    assert (line.start, line.end) == (date(2027, 1, 12), date(2027, 1, 15))


def test_no_dates_are_no_dates() -> None:
    bundle = request_bundle()
    del first_item(bundle)["servicedPeriod"]
    line = line_of(bundle)
    assert (line.start, line.end) == (None, None)


@pytest.mark.parametrize("day", ["2026-02-30", "2026-12", "2026", "12/09/2026", "soon"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    assert problem_rules(with_item(servicedDate=day)) == {f"{ITEM}.servicedDate": "umpire-date"}


def test_a_period_cannot_end_before_it_starts() -> None:
    bundle = with_item(servicedPeriod={"start": "2026-12-09", "end": "2026-12-08"})
    assert problem_rules(bundle) == {f"{ITEM}.servicedPeriod.end": "umpire-date"}


@pytest.mark.parametrize("value", [0, -1, 10_000_000_000])
def test_a_quantity_that_nobody_can_authorize_is_refused(value: int) -> None:
    assert problem_rules(with_item(quantity={"value": value})) == {f"{ITEM}.quantity.value": "umpire-quantity"}


@pytest.mark.parametrize("value", ["12", True, {}])
def test_a_quantity_is_a_json_number(value: object) -> None:
    assert problem_rules(with_item(quantity={"value": value})) == {f"{ITEM}.quantity.value": "fhir-json"}


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ({"value": 1, "unit": "visit"}, "visit"),
        ({"value": 1, "unit": "Months", "code": "MO"}, "month"),
        ({"value": 1, "code": "DA"}, "day"),
        ({"value": 1, "unit": "Bottles"}, "Bottles"),
        ({"value": 1}, None),
    ],
)
def test_units_are_one_word_in_the_singular(quantity: Json, unit: str | None) -> None:
    assert line_of(with_item(quantity=quantity)).unit == unit


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("I", CertificationType.INITIAL),
        ("R", CertificationType.RENEWAL),
        ("S", CertificationType.REVISED),
        ("4", CertificationType.EXTENSION),
        ("1", CertificationType.APPEAL),
        ("2", CertificationType.APPEAL),
        ("N", CertificationType.APPEAL),
    ],
)
def test_the_type_of_certification_is_put_into_words(code: str, expected: CertificationType) -> None:
    bundle = request_bundle()
    first_item(bundle)["extension"][1] = certification(code)
    assert line_of(bundle).certification is expected


def test_an_unknown_type_of_certification_is_refused() -> None:
    bundle = request_bundle()
    first_item(bundle)["extension"][1] = certification("Z")
    assert problem_rules(bundle) == {f"{ITEM}.extension(certificationType)": "pas-item-certification"}


@pytest.mark.parametrize(
    ("place", "level"),
    [("21", "inpatient"), ("31", "skilled_nursing_facility"), ("61", "inpatient_rehabilitation"), ("11", None)],
)
def test_places_that_are_levels_of_care_say_so(place: str, level: str | None) -> None:
    assert line_of(with_item(locationCodeableConcept=concept(PLACE, place))).level_of_care == level


def test_the_encounter_of_an_institutional_claim_says_the_level_of_care() -> None:
    bundle = with_item(locationCodeableConcept=concept(PLACE, "22"))
    first_claim(bundle)["type"] = concept("http://terminology.hl7.org/CodeSystem/claim-type", "institutional")
    stay = {
        "resourceType": "Encounter",
        "id": "stay",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OBSENC"},
        "subject": {"reference": "Patient/patient"},
    }
    add(bundle, stay)
    url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Claim.encounter"
    first_claim(bundle)["extension"].append({"url": url, "valueReference": {"reference": "Encounter/stay"}})
    assert line_of(bundle).level_of_care == "observation"


def test_modifiers_come_along() -> None:
    assert line_of(with_item(modifier=[concept(HCPCS, "nu"), concept(HCPCS, "RR")])).modifiers == ("NU", "RR")


def test_a_modifier_is_read_in_the_system_that_is_known_wherever_it_stands() -> None:
    both = {"coding": [{"system": "https://codes.example.org/own", "code": "ZZ"}, {"system": HCPCS, "code": "NU"}]}
    assert line_of(with_item(modifier=[both])).modifiers == ("NU",)


def test_a_modifier_of_a_system_that_is_not_known_stops_every_rule_and_is_no_modifier() -> None:
    request = read(with_item(modifier=[concept("https://codes.example.org/own", "ZZ")])).request
    assert request.lines[0].modifiers == ()
    assert [(remark.rule, remark.about_service) for remark in request.remarks] == [("umpire-code-system", True)]


def test_a_bound_is_no_quantity_to_approve_by_rule() -> None:
    request = read(with_item(quantity={"value": 3, "comparator": ">="})).request
    assert [(remark.rule, remark.about_service) for remark in request.remarks] == [("umpire-quantity", True)]


def test_the_end_of_a_code_range_is_noted() -> None:
    bundle = request_bundle()
    end = extension("extension-productOrServiceCodeEnd", valueCodeableConcept=concept(HCPCS, "E1392"))
    first_item(bundle)["extension"].append(end)
    assert note_rules(read(bundle)) == {f"{ITEM}.extension(productOrServiceCodeEnd)": "spec-25"}


def test_diagnoses_are_written_with_their_dot() -> None:
    bundle = request_bundle()
    first_claim(bundle)["diagnosis"][0]["diagnosisCodeableConcept"] = concept(ICD10CM, "j449")
    assert read(bundle).request.diagnoses == ("J44.9", "J96.11")


def test_a_diagnosis_may_be_a_condition_of_the_bundle() -> None:
    bundle = request_bundle()
    condition = {
        "resourceType": "Condition",
        "id": "copd",
        "code": concept(ICD10CM, "J44.1"),
        "subject": {"reference": "Patient/patient"},
    }
    add(bundle, condition)
    first_claim(bundle)["diagnosis"][0] = {"sequence": 1, "diagnosisReference": {"reference": "Condition/copd"}}
    assert read(bundle).request.diagnoses[0] == "J44.1"


def test_a_diagnosis_in_another_code_system_is_noted_and_left_out() -> None:
    bundle = request_bundle()
    first_claim(bundle)["diagnosis"][0]["diagnosisCodeableConcept"] = concept("http://snomed.info/sct", "13645005")
    submission = read(bundle)
    assert submission.request.diagnoses == ("J96.11",)
    assert "umpire-diagnosis" in note_rules(submission).values()
