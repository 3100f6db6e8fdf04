"""Updates and cancellations: rules of a Claim that follows a prior one (spec-63 to spec-72)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.requests.request import RequestAction
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.claim import is_cancelled
from interop.fhir.node import FhirNode

_CANCEL = "3"


@dataclass(frozen=True)
class ClaimChange:
    """The effect of the Claim on an earlier one. `items` are the lines to read: the prior's if a whole cancel has none."""

    action: RequestAction
    prior: BundleEntry | None
    items: tuple[FhirNode, ...]
    whole_cancel: bool


def read_change(bundle: RequestBundle) -> ClaimChange:
    """Read and check the effect of the Claim; problems go to the bundle's issue collector."""
    claim = bundle.claim
    prior = _prior(bundle, claim)
    whole = _is_whole_cancel(claim.resource)
    items = claim.resource.nodes("item")
    if whole and not items and prior is not None:
        items = prior.resource.nodes("item")
    _check_items(claim.resource, items)
    if prior is not None:
        _check_nothing_dropped(claim.resource, prior.resource, whole)
    cancelled = [is_cancellation(item) for item in items]
    related = prior is not None or _names_prior(claim.resource)
    if whole or (related and cancelled and all(cancelled)):
        action = RequestAction.CANCEL
    else:
        action = RequestAction.UPDATE if related else RequestAction.INITIAL
    if not related and not bundle.findings.refused:
        _check_without_prior(claim.resource, items, whole)
    return ClaimChange(action=action, prior=prior, items=items, whole_cancel=whole)


def is_cancellation(item: FhirNode) -> bool:
    """Whether an item is withdrawn, by infoCancelled or by certification type 3; either alone is enough."""
    return is_cancelled(item) or certification_code(item) == _CANCEL


def certification_code(node: FhirNode) -> str | None:
    extension = node.extension("extension-certificationType")
    if extension is None:
        return None
    if extension.is_unread("valueCodeableConcept", "x12/1322"):
        message = "the type of certification is not in a code system that is known here"
        where = extension.at("valueCodeableConcept")
        extension.findings.problem(where, "pas-item-certification", message, "a code of X12 1322")
    return extension.code_in("valueCodeableConcept", "x12/1322")


def authorization_number(node: FhirNode) -> str | None:
    extension = node.extension("extension-authorizationNumber")
    return extension.text("valueString") if extension else None


def _is_whole_cancel(claim: FhirNode) -> bool:
    return certification_code(claim) == _CANCEL


def _related_prior(claim: FhirNode) -> list[FhirNode]:
    found = []
    for related in claim.nodes("related"):
        if related.code_in("relationship", "related-claim") == "prior":
            found.append(related)
        else:
            message = "the relationship to the other claim is not 'prior' and was not followed"
            claim.findings.note(related.at("relationship"), "spec-65", message, "prior", about_service=True)
    return found


def _names_prior(claim: FhirNode) -> bool:
    return any(related.code_in("relationship", "related-claim") == "prior" for related in claim.nodes("related"))


def _prior(bundle: RequestBundle, claim: BundleEntry) -> BundleEntry | None:
    related = _related_prior(claim.resource)
    for extra in related[1:]:
        bundle.findings.problem(
            extra.path, "pas-claim-related", "there is more than one prior claim", "one prior claim"
        )
    if not related:
        claims = bundle.of_type("Claim")
        if len(claims) > 1:
            message = "a second Claim that the first does not name as its prior claim"
            bundle.findings.problem(
                claims[1].resource.path, "spec-65", message, "Claim.related with relationship prior"
            )
        return None
    prior = bundle.resolve(related[0].node("claim"), claim)
    if prior is None or prior.type != "Claim" or prior is claim:
        where = related[0].at("claim")
        bundle.findings.problem(where, "spec-65", "the prior Claim is not in the Bundle", "the Claim to be changed")
        return None
    return prior


def _check_items(claim: FhirNode, items: tuple[FhirNode, ...]) -> None:
    if not items and not claim.value.get("item"):
        claim.findings.problem(claim.at("item"), "pas-claim-item", "nothing is asked for", "at least one item")
    for item in items:
        if is_cancelled(item) and certification_code(item) != _CANCEL:
            message = "the item is cancelled without certification type 3; it was read as cancelled"
            claim.findings.note(item.at("extension(certificationType)"), "spec-70", message, "3")


def _check_nothing_dropped(claim: FhirNode, prior: FhirNode, whole_cancel: bool) -> None:
    for name in ("item", "supportingInfo"):
        now = {node.whole("sequence") for node in claim.nodes(name)}
        if whole_cancel and not now:
            continue
        gone = [sequence for node in prior.nodes(name) if (sequence := node.whole("sequence")) not in now]
        for sequence in gone:
            message = f"the prior claim's {name} {sequence} is gone instead of cancelled"
            claim.findings.problem(
                claim.at(name), "spec-68", message, "all earlier entries, with their sequence numbers"
            )


def _check_without_prior(claim: FhirNode, items: tuple[FhirNode, ...], whole_cancel: bool) -> None:
    """Check that a cancellation names its target: the prior claim, or at least the authorization's number."""
    if not (whole_cancel or any(is_cancellation(item) for item in items)):
        return
    if any(authorization_number(node) for node in (claim, *items)):
        return
    message = "a cancellation that does not name what it cancels"
    claim.findings.problem(claim.at("related"), "spec-65", message, "the prior Claim, or its authorization number")
