"""Updates and cancellations: a Claim that follows a prior one (spec-63 to spec-72)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.requests.request import RequestAction
from interop.fhir.bundle import Entry, RequestBundle
from interop.fhir.claim import is_cancelled
from interop.fhir.node import Node

_CANCEL = "3"


@dataclass(frozen=True)
class Change:
    """What the Claim does to an earlier one. `items` are the lines to read: the prior's if a whole cancel has none."""

    action: RequestAction
    prior: Entry | None
    items: tuple[Node, ...]
    whole_cancel: bool


def read_change(bundle: RequestBundle) -> Change:
    """Reads and checks what the Claim does; problems stand in the bundle's findings."""
    claim = bundle.claim
    prior = _prior(bundle, claim)
    whole = _is_whole_cancel(claim.resource)
    items = claim.resource.nodes("item")
    if whole and not items and prior is not None:
        items = prior.resource.nodes("item")
    _check_items(claim.resource, items)
    if prior is not None:
        _check_nothing_dropped(claim.resource, prior.resource, whole)
    cancelled = [cancels(item) for item in items]
    related = prior is not None or _names_prior(claim.resource)
    if whole or (related and cancelled and all(cancelled)):
        action = RequestAction.CANCEL
    else:
        action = RequestAction.UPDATE if related else RequestAction.INITIAL
    if not related and not bundle.findings.refused:
        _check_standing_alone(claim.resource, items, whole)
    return Change(action=action, prior=prior, items=items, whole_cancel=whole)


def cancels(item: Node) -> bool:
    """An item is withdrawn when it says so by infoCancelled or by certification type 3; each alone is clear enough."""
    return is_cancelled(item) or certification_code(item) == _CANCEL


def certification_code(node: Node) -> str | None:
    extension = node.extension("extension-certificationType")
    return extension.code_in("valueCodeableConcept", "x12/1322") if extension else None


def authorization_number(node: Node) -> str | None:
    extension = node.extension("extension-authorizationNumber")
    return extension.text("valueString") if extension else None


def _is_whole_cancel(claim: Node) -> bool:
    return certification_code(claim) == _CANCEL


def _related_prior(claim: Node) -> list[Node]:
    found = []
    for related in claim.nodes("related"):
        if related.code_in("relationship", "related-claim") == "prior":
            found.append(related)
        else:
            message = "the relationship to the other claim is not 'prior' and was not followed"
            claim.findings.note(related.at("relationship"), "spec-65", message, "prior")
    return found


def _names_prior(claim: Node) -> bool:
    return any(related.code_in("relationship", "related-claim") == "prior" for related in claim.nodes("related"))


def _prior(bundle: RequestBundle, claim: Entry) -> Entry | None:
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


def _check_items(claim: Node, items: tuple[Node, ...]) -> None:
    if not items and not claim.value.get("item"):
        claim.findings.problem(claim.at("item"), "pas-claim-item", "nothing is asked for", "at least one item")
    for item in items:
        if is_cancelled(item) and certification_code(item) != _CANCEL:
            message = "the item is cancelled without certification type 3; it was read as cancelled"
            claim.findings.note(item.at("extension(certificationType)"), "spec-70", message, "3")


def _check_nothing_dropped(claim: Node, prior: Node, whole_cancel: bool) -> None:
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


def _check_standing_alone(claim: Node, items: tuple[Node, ...], whole_cancel: bool) -> None:
    """A cancellation must say of what: by the prior claim, or at least by the authorization's number."""
    if not (whole_cancel or any(cancels(item) for item in items)):
        return
    if any(authorization_number(node) for node in (claim, *items)):
        return
    message = "a cancellation that does not name what it cancels"
    claim.findings.problem(claim.at("related"), "spec-65", message, "the prior Claim, or its authorization number")
