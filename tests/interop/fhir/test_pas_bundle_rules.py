"""The Bundle's own rules, each with its requirement key."""

from __future__ import annotations

import pytest

from tests.interop.fhir.bundles import (
    Json,
    add,
    add_supporting_information,
    claim,
    document,
    extension,
    first_claim,
    note_rules,
    problem_rules,
    read,
    remove,
    request_bundle,
    resource,
    update_of,
)


def without(name: str) -> Json:
    bundle = request_bundle()
    del bundle[name]
    return bundle


def test_a_bundle_must_be_a_collection() -> None:
    assert problem_rules(request_bundle() | {"type": "batch"}) == {"Bundle.type": "pas-bundle-type"}
    assert problem_rules(without("type")) == {"Bundle.type": "pas-bundle-type"}


def test_a_transaction_must_be_identified() -> None:
    assert problem_rules(without("identifier")) == {"Bundle.identifier": "pas-bundle-identifier"}
    nameless = request_bundle() | {"identifier": {"system": "http://example.org"}}
    assert problem_rules(nameless) == {"Bundle.identifier": "pas-bundle-identifier"}


def test_a_transaction_may_be_identified_without_a_system() -> None:
    assert read(request_bundle() | {"identifier": {"value": "TX-9"}}).request.submission_id == "TX-9"


def test_a_bundle_must_say_when_it_was_made() -> None:
    assert problem_rules(without("timestamp")) == {"Bundle.timestamp": "pas-bundle-timestamp"}
    assert problem_rules(request_bundle() | {"timestamp": "2026-11-30"}) == {"Bundle.timestamp": "umpire-date"}


def test_the_claim_must_come_first() -> None:
    bundle = request_bundle()
    bundle["entry"].reverse()
    assert problem_rules(bundle) == {"Bundle.entry[0].resource": "spec-12"}


def test_a_bundle_without_a_claim_is_no_request() -> None:
    assert problem_rules(remove(request_bundle(), "Claim")) == {"Bundle.entry[0].resource": "spec-12"}


@pytest.mark.parametrize("entries", [[], None])
def test_an_empty_bundle_is_refused(entries: list[Json] | None) -> None:
    assert problem_rules(request_bundle() | {"entry": entries}) == {"Bundle.entry": "pas-bundle-entry"}


def test_references_to_object_identifiers_resolve() -> None:
    bundle = request_bundle()
    bundle["entry"][1]["fullUrl"] = "urn:oid:2.999.17.4"
    for holder, name in ((first_claim(bundle), "patient"), (resource(bundle, "Coverage"), "beneficiary")):
        holder[name]["reference"] = "urn:oid:2.999.17.4"
    resource(bundle, "DeviceRequest")["subject"]["reference"] = "URN:OID:2.999.17.4"
    assert read(bundle).request.member.family_name == "Whitfield"
    assert read(bundle).request.remarks == ()


def test_an_entry_without_a_resource_is_refused() -> None:
    bundle = request_bundle()
    bundle["entry"].append({"fullUrl": "http://ehr.example.org/fhir/Patient/gone"})
    assert problem_rules(bundle) == {"Bundle.entry[9].resource": "pas-bundle-entry"}


@pytest.mark.parametrize("url", [None, "patient", "urn:oid:3.2", "urn:oid:1..2", "ftp://example.org/Patient/1"])
def test_every_entry_needs_an_address_that_can_be_referred_to(url: str | None) -> None:
    bundle = request_bundle()
    bundle["entry"][1]["fullUrl"] = url
    assert problem_rules(bundle) == {"Bundle.entry[1].fullUrl": "spec-16"}


def test_a_resource_may_not_be_there_twice() -> None:
    bundle = request_bundle()
    bundle["entry"].append(bundle["entry"][1])
    assert problem_rules(bundle) == {"Bundle.entry[9].fullUrl": "spec-14"}


def test_urn_uuid_addresses_and_references_work() -> None:
    bundle = request_bundle()
    uuid = "urn:uuid:227A595D-D89A-5012-A4BB-B08B1A205A73"
    bundle["entry"][1]["fullUrl"] = uuid.lower()
    first_claim(bundle)["patient"]["reference"] = uuid
    resource(bundle, "Coverage")["beneficiary"]["reference"] = uuid
    resource(bundle, "DeviceRequest")["subject"]["reference"] = uuid
    assert read(bundle).request.member.family_name == "Whitfield"


def test_absolute_and_versioned_references_work() -> None:
    bundle = request_bundle()
    first_claim(bundle)["patient"]["reference"] = "http://ehr.example.org/fhir/Patient/patient/_history/3"
    assert read(bundle).request.member.family_name == "Whitfield"


def test_contained_resources_can_be_referred_to() -> None:
    bundle = request_bundle()
    the_claim = first_claim(bundle)
    the_claim["contained"] = [resource(bundle, "Organization", "clinic") | {"id": "inside"}]
    the_claim["provider"] = {"reference": "#inside"}
    assert read(bundle).request.requesting_provider.npi == "1999999984"


@pytest.mark.parametrize(
    ("kind", "identity", "path"),
    [
        ("Coverage", "coverage", "Bundle.entry[0].resource.insurance[0].coverage"),
        ("PractitionerRole", "orderer-role", "Bundle.entry[0].resource.careTeam[0].provider"),
        ("DeviceRequest", "order-1", "Bundle.entry[0].resource.item[0].extension[3].valueReference"),
    ],
)
def test_what_the_claim_refers_to_must_be_there(kind: str, identity: str, path: str) -> None:
    assert problem_rules(remove(request_bundle(), kind, identity))[path] == "spec-13"


def test_what_the_coverage_refers_to_must_be_there() -> None:
    bundle = request_bundle()
    resource(bundle, "Coverage")["payor"][0]["reference"] = "Organization/nobody"
    assert problem_rules(bundle) == {"Bundle.entry[2].resource.payor[0]": "spec-13"}


def test_what_is_referred_to_farther_away_is_only_noted() -> None:
    bundle = remove(request_bundle(), "Practitioner")
    notes = note_rules(read(bundle))
    assert notes["Bundle.entry[6].resource.practitioner"] == "spec-13"


def test_an_unknown_modifier_extension_is_refused_wherever_it_changes_a_meaning() -> None:
    bundle = request_bundle()
    modifier = {"url": "http://example.org/not-really", "valueBoolean": True}
    bundle["modifierExtension"] = [modifier]
    resource(bundle, "Patient")["modifierExtension"] = [modifier]
    first_claim(bundle)["modifierExtension"] = [modifier]
    first_claim(bundle)["item"][0]["modifierExtension"] = [modifier]
    assert problem_rules(bundle) == {
        "Bundle.modifierExtension[0]": "spec-25",
        "Bundle.entry[0].resource.modifierExtension[0]": "spec-25",
        "Bundle.entry[1].resource.modifierExtension[0]": "spec-25",
        "Bundle.entry[0].resource.item[0].modifierExtension[0]": "spec-25",
    }


def test_unknown_elements_and_extensions_are_ignored() -> None:
    bundle = request_bundle() | {"weather": "fine"}
    first_claim(bundle)["mood"] = {"coding": 7}
    first_claim(bundle)["extension"].append({"url": "http://example.org/unknown", "valueString": "x"})
    first_claim(bundle)["item"][0]["extension"].append(extension("extension-epsdtIndicator", valueBoolean=False))
    assert read(bundle).notes == ()


@pytest.mark.parametrize("profile", ["profile-pas-response-bundle", "profile-pas-inquiry-response-bundle"])
def test_an_answer_is_refused_as_an_answer(profile: str) -> None:
    bundle = request_bundle()
    bundle["meta"]["profile"] = [f"http://hl7.org/fhir/us/davinci-pas/StructureDefinition/{profile}"]
    bundle["entry"][0]["resource"] = {"resourceType": "ClaimResponse", "id": "answer"}
    assert problem_rules(bundle) == {"Bundle.entry[0].resource": "umpire-answer"}


@pytest.mark.parametrize("profile", ["profile-pas-inquiry-request-bundle", "profile-pas-inquiry-request-bundle|2.2.1"])
def test_an_inquiry_is_refused_as_an_inquiry(profile: str) -> None:
    bundle = request_bundle()
    bundle["meta"]["profile"] = [f"http://hl7.org/fhir/us/davinci-pas/StructureDefinition/{profile}"]
    assert problem_rules(bundle) == {"Bundle.meta.profile": "umpire-inquiry"}


def test_an_inquiry_claim_makes_the_bundle_an_inquiry() -> None:
    bundle = request_bundle()
    first_claim(bundle)["meta"] = {"profile": ["http://example.org/profile-claim-inquiry"]}
    assert problem_rules(bundle) == {"Bundle.entry[0].resource.meta.profile": "umpire-inquiry"}


def test_a_bundle_without_profiles_is_read() -> None:
    assert read(without("meta")).request.lines[0].code == "E1390"


def test_the_prior_claim_of_the_prior_claim_may_not_be_there() -> None:
    bundle = add(update_of(request_bundle()), claim() | {"id": "claim-0"})
    assert problem_rules(bundle) == {"Bundle.entry[10].resource": "spec-66"}


def test_all_problems_are_told_at_once() -> None:
    bundle = add_supporting_information(request_bundle(), document())
    bundle["type"] = "batch"
    del bundle["identifier"]
    del first_claim(bundle)["insurer"]
    first_claim(bundle)["item"][0]["quantity"]["value"] = -3
    resource(bundle, "DocumentReference")["content"][0]["attachment"]["data"] = "not base64!"
    assert problem_rules(bundle) == {
        "Bundle.type": "pas-bundle-type",
        "Bundle.identifier": "pas-bundle-identifier",
        "Bundle.entry[0].resource.insurer": "pas-claim-insurer",
        "Bundle.entry[0].resource.item[0].quantity.value": "umpire-quantity",
        "Bundle.entry[9].resource.content[0].attachment.data": "umpire-base64",
    }


def test_a_reference_without_its_target_does_not_hide_the_rest() -> None:
    bundle = request_bundle()
    first_claim(bundle)["careTeam"][0]["provider"] = {"reference": "Practitioner/nobody"}
    assert problem_rules(bundle) == {"Bundle.entry[0].resource.careTeam[0].provider": "spec-13"}
