"""Updates and cancellations."""

from __future__ import annotations

import pytest

from domain.requests.request import RequestAction
from domain.vocabulary import CertificationType
from tests.interop.fhir.bundles import (
    TRACE,
    Json,
    add,
    certification,
    claim,
    concept,
    extension,
    first_claim,
    info_cancelled,
    info_changed,
    item,
    note_rules,
    problem_rules,
    read,
    remove,
    request_bundle,
    resource,
    update_of,
)

CLAIM = "Bundle.entry[0].resource"


def cancel(one: Json) -> None:
    others = [found for found in one["extension"] if not found["url"].endswith("certificationType")]
    one["extension"] = [*others, certification("3"), info_changed("changed")]
    one["modifierExtension"] = [info_cancelled()]


def test_a_claim_that_follows_a_prior_one_is_an_update_of_it() -> None:
    bundle = update_of(request_bundle())
    first_claim(bundle)["item"].append(item(2, "E0431"))
    request = read(bundle).request
    assert request.action is RequestAction.UPDATE
    assert request.prior_submission_id == f"{TRACE}|TRACE-1"
    assert request.trace_numbers == (f"{TRACE}|TRACE-2",)
    assert [line.line_id for line in request.lines] == ["1", "2"]


def test_a_first_request_carries_the_number_that_its_update_will_name() -> None:
    first = read(request_bundle()).request
    assert first.action is RequestAction.INITIAL
    assert read(update_of(request_bundle())).request.prior_submission_id in first.trace_numbers


def test_a_cancelled_item_becomes_a_cancelled_line_and_the_rest_stays() -> None:
    original = request_bundle()
    first_claim(original)["item"].append(item(2, "E0431"))
    bundle = update_of(original)
    cancel(first_claim(bundle)["item"][1])
    request = read(bundle).request
    assert request.action is RequestAction.UPDATE
    assert [line.certification for line in request.lines] == [CertificationType.INITIAL, CertificationType.CANCEL]


def test_when_every_item_is_cancelled_the_request_is() -> None:
    bundle = update_of(request_bundle())
    cancel(first_claim(bundle)["item"][0])
    assert read(bundle).request.action is RequestAction.CANCEL


@pytest.mark.parametrize("with_items", [True, False])
def test_a_whole_claim_can_be_cancelled_with_or_without_its_items(with_items: bool) -> None:
    bundle = update_of(request_bundle())
    first_claim(bundle)["extension"].append(certification("3"))
    if not with_items:
        del first_claim(bundle)["item"]
    request = read(bundle).request
    assert request.action is RequestAction.CANCEL
    assert [line.certification for line in request.lines] == [CertificationType.CANCEL]
    assert request.lines[0].code == "E1390"


def test_either_sign_of_cancellation_is_enough() -> None:
    original = request_bundle()
    first_claim(original)["item"].append(item(2, "E0431"))
    flagged = update_of(original)
    first_claim(flagged)["item"][1]["modifierExtension"] = [info_cancelled()]
    submission = read(flagged)
    assert submission.request.lines[1].certification is CertificationType.CANCEL
    assert "spec-70" in note_rules(submission).values()
    coded = update_of(original)
    first_claim(coded)["item"][1]["extension"][1] = certification("3")
    assert read(coded).request.lines[1].certification is CertificationType.CANCEL


def test_a_cancellation_flag_that_is_false_cancels_nothing() -> None:
    bundle = update_of(request_bundle())
    first_claim(bundle)["item"][0]["modifierExtension"] = [info_cancelled(False)]
    assert read(bundle).request.action is RequestAction.UPDATE


def test_a_cancellation_flag_without_a_value_is_refused() -> None:
    bundle = update_of(request_bundle())
    first_claim(bundle)["item"][0]["modifierExtension"] = [{"url": info_cancelled()["url"]}]
    assert "spec-69" in problem_rules(bundle).values()


def test_the_prior_claim_must_come_along() -> None:
    bundle = update_of(request_bundle())
    bundle["entry"].pop()
    assert problem_rules(bundle) == {f"{CLAIM}.related[0].claim": "spec-65"}


def test_a_claim_cannot_follow_itself() -> None:
    bundle = update_of(request_bundle())
    first_claim(bundle)["related"][0]["claim"]["reference"] = "Claim/claim-2"
    assert problem_rules(bundle)[f"{CLAIM}.related[0].claim"] == "spec-65"


def test_an_item_may_not_be_dropped_silently() -> None:
    original = request_bundle()
    first_claim(original)["item"].append(item(2, "E0431"))
    bundle = update_of(original)
    first_claim(bundle)["item"].pop()
    assert problem_rules(bundle) == {f"{CLAIM}.item": "spec-68"}


def test_a_second_claim_must_be_named_as_prior() -> None:
    bundle = add(request_bundle(), claim() | {"id": "other"})
    assert problem_rules(bundle) == {"Bundle.entry[9].resource": "spec-65"}


def test_another_relationship_is_noted_and_not_followed() -> None:
    bundle = update_of(request_bundle())
    remove(bundle, "Claim", "claim-1")
    relationship = "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship"
    first_claim(bundle)["related"][0]["relationship"] = concept(relationship, "associated")
    submission = read(bundle)
    assert submission.request.action is RequestAction.INITIAL
    assert note_rules(submission) == {f"{CLAIM}.related[0].relationship": "spec-65"}


def test_a_cancellation_of_nothing_is_refused() -> None:
    bundle = request_bundle()
    cancel(first_claim(bundle)["item"][0])
    assert problem_rules(bundle) == {f"{CLAIM}.related": "spec-65"}


def test_a_cancellation_may_name_the_authorization_instead_of_the_prior_claim() -> None:
    bundle = request_bundle()
    first_claim(bundle)["extension"] += [
        certification("3"),
        extension("extension-authorizationNumber", valueString="AUTH-7"),
    ]
    request = read(bundle).request
    assert request.action is RequestAction.CANCEL
    assert request.prior_authorization_number == "AUTH-7"


def test_the_number_of_the_authorization_comes_along() -> None:
    number = extension("extension-authorizationNumber", valueString="AUTH-7")
    on_item = update_of(request_bundle())
    first_claim(on_item)["item"][0]["extension"].append(number)
    assert read(on_item).request.prior_authorization_number == "AUTH-7"
    on_prior = update_of(request_bundle())
    resource(on_prior, "Claim", "claim-1").setdefault("extension", []).append(number)
    assert read(on_prior).request.prior_authorization_number == "AUTH-7"
    on_insurance = request_bundle()
    first_claim(on_insurance)["insurance"][0]["preAuthRef"] = ["AUTH-7"]
    assert read(on_insurance).request.prior_authorization_number == "AUTH-7"


def test_a_number_on_a_first_item_follows_nothing() -> None:
    bundle = request_bundle()
    bundle_item = first_claim(bundle)["item"][0]
    bundle_item["extension"].append(extension("extension-authorizationNumber", valueString="AUTH-7"))
    assert read(bundle).request.prior_authorization_number is None
    bundle_item["extension"][1] = certification("4")
    assert read(bundle).request.prior_authorization_number == "AUTH-7"


def test_a_prior_claim_whose_items_stand_for_a_cancellation_must_number_them() -> None:
    bundle = update_of(request_bundle())
    first_claim(bundle)["extension"].append(certification("3"))
    del first_claim(bundle)["item"]
    del resource(bundle, "Claim", "claim-1")["item"][0]["sequence"]
    assert problem_rules(bundle) == {"Bundle.entry[9].resource.item[0].sequence": "pas-item-sequence"}
