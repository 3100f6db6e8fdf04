"""The people in a request."""

from __future__ import annotations

from datetime import date

import pytest

from interop.npi import has_npi_check_digit
from tests.interop.fhir.bundles import (
    NPI,
    X12,
    Json,
    concept,
    first_claim,
    note_rules,
    problem_rules,
    read,
    remove,
    request_bundle,
    resource,
)


def with_identifiers(patient: list[Json], coverage: list[Json], subscriber: str | None = None) -> Json:
    bundle = request_bundle()
    resource(bundle, "Patient")["identifier"] = patient
    resource(bundle, "Coverage")["identifier"] = coverage
    resource(bundle, "Coverage")["subscriberId"] = subscriber
    return bundle


def numbered(value: str) -> Json:
    return {"type": concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MB"), "value": value}


def test_the_member_is_named_as_the_sender_names_them() -> None:
    member = read(request_bundle()).request.member
    assert member.member_id == "MBR1000001"
    assert (member.family_name, member.given_name) == ("Whitfield", "Alma")
    assert member.birth_date == date(1951, 4, 12)


@pytest.mark.parametrize(
    ("bundle", "member_id"),
    [
        (with_identifiers([numbered("Q"), numbered("P")], [numbered("P")], "S"), "P"),
        (with_identifiers([numbered("Q"), numbered("P")], [], "P"), "P"),
        (with_identifiers([{"value": "CHART-1"}, numbered("P")], [numbered("C")], "S"), "C"),
        (with_identifiers([{"value": "CHART-1"}, numbered("P")], [], "S"), "P"),
        (with_identifiers([numbered("O") | {"use": "old"}, numbered("P")], [], "S"), "P"),
        (with_identifiers([numbered("O") | {"period": {"end": "2025-12"}}, numbered("P")], [], "S"), "P"),
        (with_identifiers([numbered("O") | {"use": "old"}], []), "O"),
        (with_identifiers([{"value": "CHART-1"}], [numbered("C")], "S"), "C"),
        (with_identifiers([{"value": "CHART-1"}], [{"type": concept("x", "MB")}], "S"), "S"),
        (with_identifiers([{"value": "CHART-1"}], []), "CHART-1"),
    ],
)
def test_the_member_id_is_looked_for_in_its_order(bundle: Json, member_id: str) -> None:
    assert read(bundle).request.member.member_id == member_id


def test_two_member_ids_that_differ_are_noted() -> None:
    submission = read(with_identifiers([numbered("P")], [numbered("C")]))
    assert note_rules(submission) == {"Bundle.entry[1].resource.identifier": "umpire-member-id"}


def test_a_request_without_any_member_id_is_refused() -> None:
    assert problem_rules(with_identifiers([], [])) == {"Bundle.entry[0].resource.patient": "umpire-member-id"}


def test_a_birth_date_without_a_day_is_noted_and_not_used() -> None:
    bundle = request_bundle()
    resource(bundle, "Patient")["birthDate"] = "1951"
    submission = read(bundle)
    assert submission.request.member.birth_date is None
    assert note_rules(submission) == {"Bundle.entry[1].resource.birthDate": "umpire-date"}


def test_the_requesting_provider_comes_with_its_contact() -> None:
    provider = read(request_bundle()).request.requesting_provider
    assert (provider.npi, provider.name) == ("1999999984", "Riverbend Clinic")
    assert (provider.phone, provider.fax) == ("217-555-0110", "217-555-0111")
    assert provider.address == ("1 Riverbend Way", "Springfield, IL 62703")


def test_a_requesting_provider_without_npi_is_refused() -> None:
    bundle = request_bundle()
    resource(bundle, "Organization", "clinic")["identifier"] = [{"system": "http://example.org/tax", "value": "1"}]
    assert problem_rules(bundle) == {"Bundle.entry[0].resource.provider": "umpire-requester-npi"}


def test_a_requesting_provider_without_a_readable_npi_is_refused() -> None:
    bundle = request_bundle()
    identifiers = resource(bundle, "Organization", "clinic")["identifier"]
    identifiers[0]["value"] = "199999998"
    assert problem_rules(bundle) == {"Bundle.entry[0].resource.provider": "umpire-requester-npi"}
    identifiers.append({"system": NPI, "value": "1999999984"})
    assert read(bundle).request.requesting_provider.npi == "1999999984"


@pytest.mark.parametrize(("kind", "identity"), [("Organization", "insurer"), ("Organization", "supplier")])
def test_an_npi_of_anybody_else_that_cannot_be_read_is_only_noted(kind: str, identity: str) -> None:
    bundle = request_bundle()
    resource(bundle, kind, identity)["identifier"][0] = {"system": NPI, "value": "789312"}
    assert "umpire-npi" in note_rules(read(bundle)).values()


def test_the_plan_may_be_named_by_its_identifier_alone() -> None:
    bundle = remove(request_bundle(), "Organization", "insurer")
    first_claim(bundle)["insurer"] = {"identifier": {"value": "PLAN-7"}}
    resource(bundle, "Coverage")["payor"] = [{"display": "The plan"}]
    assert read(bundle).request.plan_identifier == "PLAN-7"


@pytest.mark.parametrize(
    "old",
    [
        {"use": "official", "family": "Ashgrove", "given": ["A"], "period": {"end": "2020-06-01"}},
        {"use": "official", "family": "Ashgrove", "period": {"end": "2020"}},
        {"use": "maiden", "family": "Ashgrove"},
        {"use": "old", "family": "Ashgrove"},
        {"use": "official", "text": "Alma Ashgrove"},
    ],
)
def test_a_name_in_use_and_in_parts_goes_before_others(old: Json) -> None:
    bundle = request_bundle()
    resource(bundle, "Patient")["name"].insert(0, old)
    assert read(bundle).request.member.family_name == "Whitfield"


def test_a_name_that_ends_later_is_in_use() -> None:
    bundle = request_bundle()
    resource(bundle, "Patient")["name"][0]["period"] = {"end": "2027-01-01"}
    resource(bundle, "Patient")["name"].append({"family": "Later"})
    assert read(bundle).request.member.family_name == "Whitfield"


def test_an_npi_that_fails_its_check_digit_is_noted() -> None:
    bundle = request_bundle()
    resource(bundle, "Organization", "clinic")["identifier"][0]["value"] = "1999999985"
    assert note_rules(read(bundle)) == {"Bundle.entry[3].resource.identifier[0].value": "umpire-npi"}


def test_a_provider_may_be_named_by_npi_alone() -> None:
    bundle = remove(request_bundle(), "Organization", "clinic")
    identifier = {"system": NPI, "value": "1999999984"}
    first_claim(bundle)["provider"] = {"identifier": identifier, "display": "Riverbend Clinic"}
    provider = read(bundle).request.requesting_provider
    assert (provider.npi, provider.name) == ("1999999984", "Riverbend Clinic")


def test_the_plan_is_the_insurers_identifier() -> None:
    assert read(request_bundle()).request.plan_identifier == "1888888884"


def test_who_orders_follows_from_the_order() -> None:
    request = read(request_bundle()).request
    assert request.ordering_practitioner is not None
    assert (request.ordering_practitioner.npi, request.ordering_practitioner.name) == ("1777777719", "Sam Ordering")
    assert request.ordering_practitioner.phone == "217-555-0120"


def test_who_serves_follows_from_the_role() -> None:
    request = read(request_bundle()).request
    assert request.servicing_provider is not None
    assert request.servicing_provider.name == "Breathe Easy Medical Supply"


def test_a_member_of_the_care_team_who_does_not_order_serves() -> None:
    bundle = request_bundle()
    del first_claim(bundle)["careTeam"][1]["role"]
    request = read(bundle).request
    assert request.servicing_provider is not None
    assert request.servicing_provider.npi == "1215000021"


def test_who_refers_does_not_serve() -> None:
    bundle = request_bundle()
    first_claim(bundle)["careTeam"][1]["role"] = concept(X12 + "98", "DN")
    assert read(bundle).request.servicing_provider is None


def test_nobody_is_invented() -> None:
    bundle = request_bundle()
    del first_claim(bundle)["careTeam"]
    del first_claim(bundle)["item"][0]["careTeamSequence"]
    del resource(bundle, "DeviceRequest")["requester"]
    request = read(bundle).request
    assert (request.ordering_practitioner, request.servicing_provider) == (None, None)


def test_a_provider_of_the_care_team_without_npi_is_noted() -> None:
    bundle = request_bundle()
    resource(bundle, "Organization", "supplier")["identifier"] = []
    submission = read(bundle)
    assert submission.request.servicing_provider is None
    assert note_rules(submission) == {"Bundle.entry[0].resource.careTeam[1].provider": "umpire-npi"}


@pytest.mark.parametrize(
    ("npi", "valid"),
    [("1234567893", True), ("1999999984", True), ("1215000013", True), ("1234567890", False), ("1215000017", False)],
)
def test_the_check_digit_of_an_npi_is_luhn_over_80840(npi: str, valid: bool) -> None:
    assert has_npi_check_digit(npi) is valid


def test_the_sender_says_who_and_when() -> None:
    sender = read(request_bundle()).sender
    assert (sender.organization, sender.npi) == ("Riverbend Clinic", "1999999984")
    assert sender.sent_at is not None
    assert sender.sent_at.isoformat() == "2026-11-30T15:00:01+00:00"
