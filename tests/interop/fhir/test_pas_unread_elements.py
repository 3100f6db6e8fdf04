"""An element of a request that nobody reads is remarked upon; nothing that decides something is passed over in silence."""

from __future__ import annotations

from typing import Any

import pytest

from domain.vocabulary import Circumstance, CodeSystem, ServiceKind
from tests.interop.fhir.bundles import (
    ACT_CODE,
    HCPCS,
    ICD10CM,
    PAS_CODES,
    PLACE,
    X12,
    Json,
    add,
    add_supporting_information,
    concept,
    extension,
    first_claim,
    first_item,
    note_rules,
    problem_rules,
    read,
    reference,
    request_bundle,
    resource,
    with_encounter,
    with_item,
)

NUBC = "https://www.nubc.org/CodeSystem/RevenueCodes"
ABSENT = concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-applicable")
ELSEWHERE = "https://codes.example.org/own"


def with_claim(**changes: Any) -> Json:
    bundle = request_bundle()
    first_claim(bundle).update(changes)
    return bundle


def with_extension(name: str, **value: Any) -> Json:
    bundle = request_bundle()
    first_item(bundle)["extension"].append(extension(name, **value))
    return bundle


def about_service(bundle: Json) -> list[bool]:
    return [remark.about_service for remark in read(bundle).request.remarks]


def test_a_revenue_code_is_kept_beside_the_service() -> None:
    (line,) = read(with_item(revenue=concept(NUBC, "0120"))).request.lines
    assert (line.code, line.revenue_code) == ("E1390", "0120")


def test_without_a_code_of_the_service_the_revenue_code_is_what_is_asked_for() -> None:
    bundle = with_item(productOrService=ABSENT, revenue=concept(NUBC, "0120"))
    del first_item(bundle)["category"]
    (line,) = read(bundle).request.lines
    assert (line.code, line.code_system, line.description) == ("0120", CodeSystem.OTHER, "Revenue code 0120")


def test_a_revenue_code_of_an_unknown_system_is_a_remark_about_the_service() -> None:
    assert about_service(with_item(revenue=concept(ELSEWHERE, "0120"))) == [True]


@pytest.mark.parametrize(("end", "rules"), [("2036-12-13", set()), ("2036-12-14", {"umpire-span"})])
def test_nobody_asks_for_care_of_more_than_ten_years_at_once(end: str, rules: set[str]) -> None:
    bundle = with_item(servicedPeriod={"start": "2026-12-07", "end": end})
    if rules:
        assert set(problem_rules(bundle).values()) == rules
    else:
        assert str(read(bundle).request.lines[0].end) == end


def test_two_services_in_one_line_are_a_remark_about_the_service() -> None:
    both = {"coding": [*concept(HCPCS, "E1390")["coding"], *concept(HCPCS, "E1391")["coding"]]}
    assert about_service(with_item(productOrService=both)) == [True]


def test_the_type_of_service_is_read_also_where_the_place_says_the_level_of_care() -> None:
    bundle = with_item(locationCodeableConcept=concept(PLACE, "21"), category=concept(ELSEWHERE, "MH"))
    assert about_service(bundle) == [True]


@pytest.mark.parametrize(
    ("bundle", "stops_rules"),
    [
        (with_extension("extension-nursingHomeLevelOfCare", valueCodeableConcept=concept(X12 + "1337", "2")), True),
        (with_extension("extension-epsdtIndicator", valueBoolean=True), True),
        (with_extension("extension-revenueUnitRateLimit", valueDecimal=100), False),
        (with_item(bodySite=concept(ELSEWHERE, "knee")), False),
        (with_claim(procedure=[{"sequence": 1, "procedureCodeableConcept": ABSENT}]), True),
        (with_claim(accident={"date": "2026-11-01"}), False),
        (with_claim(implicitRules="https://rules.example.org/own"), True),
        (with_claim(subType=concept(ELSEWHERE, "emergency")), False),
    ],
    ids=[
        "nursing home",
        "screening of a child",
        "rate",
        "body site",
        "procedure",
        "accident",
        "implicit rules",
        "kind within the type",
    ],
)
def test_what_no_reader_uses_is_remarked_upon(bundle: Json, stops_rules: bool) -> None:
    (remark,) = read(bundle).request.remarks
    assert (remark.rule, remark.about_service) == ("umpire-unread", stops_rules)


def test_an_extension_of_the_guide_that_is_not_known_stops_every_rule_and_any_other_none() -> None:
    bundle = request_bundle()
    first_claim(bundle)["extension"][0]["url"] = first_claim(bundle)["extension"][0]["url"].replace("Code", "")
    assert about_service(bundle) == [True]
    first_claim(bundle)["extension"][0]["url"] = "http://example.org/level-of-service"
    assert about_service(bundle) == []


@pytest.mark.parametrize(
    ("kind", "place", "level"),
    [
        ("0111", "21", "inpatient"),
        ("11", "21", "inpatient"),
        ("21", "31", "skilled_nursing_facility"),
        ("131", "22", None),
    ],
)
def test_a_type_of_bill_is_no_place_of_service_with_the_same_digits(kind: str, place: str, level: str | None) -> None:
    (line,) = read(
        with_item(locationCodeableConcept=concept("https://www.nubc.org/CodeSystem/TypeOfBill", kind))
    ).request.lines
    assert (line.place_of_service, line.level_of_care) == (place, level)


@pytest.mark.parametrize(("system", "code"), [("https://www.nubc.org/CodeSystem/TypeOfBill", "0891"), (PLACE, "ZZ")])
def test_a_place_that_cannot_be_told_is_a_remark_about_the_service(system: str, code: str) -> None:
    bundle = with_item(locationCodeableConcept=concept(system, code))
    assert read(bundle).request.lines[0].place_of_service is None and about_service(bundle) == [True]


def test_a_place_by_reference_is_remarked_upon() -> None:
    bundle = with_item(locationAddress={"city": "Springfield"})
    del first_item(bundle)["locationCodeableConcept"]
    assert about_service(bundle) == [True]


def test_days_that_stand_only_in_the_billable_period_are_remarked_upon() -> None:
    bundle = with_claim(billablePeriod={"start": "2026-12-07"})
    assert about_service(bundle) == []
    del first_item(bundle)["servicedPeriod"]
    assert about_service(bundle) == [True]


def test_what_a_prescription_orders_is_a_drug() -> None:
    order = {"resourceType": "MedicationRequest", "id": "rx", "status": "active"}
    bundle = add(with_claim(prescription=reference(order)), order)
    assert read(bundle).request.service_kind is ServiceKind.PART_B_DRUG


@pytest.mark.parametrize("kind", [{"system": ELSEWHERE, "code": "IMP"}, {"system": ACT_CODE, "code": "WARD"}])
def test_a_class_of_encounter_that_is_not_known_admits_nobody_and_is_remarked_upon(kind: Json) -> None:
    bundle = with_encounter(kind, "in-progress")
    assert read(bundle).hospital_stay is None and about_service(bundle) == [True]


@pytest.mark.parametrize(("status", "remarks"), [("in-progress", []), ("planned", []), ("unknown", [True])])
def test_an_encounter_that_does_not_say_whether_it_goes_on_is_remarked_upon(status: str, remarks: list[bool]) -> None:
    assert about_service(with_encounter({"system": ACT_CODE, "code": "IMP"}, status)) == remarks


@pytest.mark.parametrize("role", [concept(ELSEWHERE, "SJ"), concept(X12 + "98", "ZZ")])
def test_a_role_in_the_care_team_that_is_not_known_is_remarked_upon(role: Json) -> None:
    bundle = request_bundle()
    first_claim(bundle)["careTeam"][1]["role"] = role
    submission = read(bundle)
    assert note_rules(submission) == {"Bundle.entry[0].resource.careTeam[1].role": "umpire-code-system"}
    assert submission.request.servicing_provider is not None


def test_the_general_roles_of_fhir_need_no_remark() -> None:
    bundle = request_bundle()
    first_claim(bundle)["careTeam"][0]["role"] = concept(
        "http://terminology.hl7.org/CodeSystem/claimcareteamrole", "primary"
    )
    assert read(bundle).request.remarks == ()


def test_a_coverage_that_is_not_active_is_remarked_upon() -> None:
    bundle = request_bundle()
    resource(bundle, "Coverage")["status"] = "cancelled"
    assert about_service(bundle) == [False]


def info(sequence: int, category: Json, **timing: Any) -> Json:
    return {"sequence": sequence, "category": category, **timing}


def test_days_of_a_stay_are_those_of_admission_and_discharge() -> None:
    bundle = with_claim(
        supportingInfo=[
            info(1, concept(PAS_CODES, "admissionDates"), timingDate="2026-11-20"),
            info(2, concept(PAS_CODES, "dischargeDates"), timingDate="2026-11-24"),
        ]
    )
    del first_item(bundle)["servicedPeriod"]
    first_item(bundle)["locationCodeableConcept"] = concept(PLACE, "21")
    request = read(bundle).request
    assert [str(day) for day in (request.lines[0].start, request.lines[0].end)] == ["2026-11-20", "2026-11-24"]
    assert Circumstance.HOSPITALIZED not in (request.circumstances or ())


def test_days_of_an_unknown_kind_are_remarked_upon() -> None:
    bundle = with_claim(supportingInfo=[info(1, concept(PAS_CODES, "otherDates"), timingDate="2026-11-20")])
    assert about_service(bundle) == [True]


def test_a_condition_whose_state_cannot_be_read_does_not_count_and_is_remarked_upon() -> None:
    condition = {
        "resourceType": "Condition",
        "id": "condition",
        "subject": {"reference": "Patient/patient"},
        "code": concept(ICD10CM, "J44.9"),
        "verificationStatus": concept(ELSEWHERE, "refuted"),
    }
    bundle = add_supporting_information(request_bundle(), condition)
    assert read(bundle).statements == () and about_service(bundle) == [False]
