"""Orders behind the items of a Claim (requestedService): what stands only there is read from there.

An order that its author took back, that forbids the service, or that is for another patient is none; a remark says so.
"""

from __future__ import annotations

from datetime import date

from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.node import Coding, FhirNode
from interop.fhir.subjects import claim_patient, is_about_another

_NOT_IN_FORCE = frozenset({"revoked", "cancelled", "stopped", "entered-in-error"})
_TIMINGS = ("occurrenceTiming", "occurrenceString")
_OTHER_AMOUNTS = ("quantityRatio", "quantityRange")


def orders_of(bundle: RequestBundle, item: FhirNode) -> tuple[BundleEntry, ...]:
    """The orders in force that the item refers to and that the Bundle holds."""
    references = (extension.node("valueReference") for extension in item.extensions("extension-requestedService"))
    found = (bundle.resolve(reference, bundle.claim) for reference in references)
    return tuple(order for order in found if order is not None and _is_in_force(order, bundle))


def _is_in_force(order: BundleEntry, bundle: RequestBundle) -> bool:
    node = order.resource
    if node.value.get("status") in _NOT_IN_FORCE or node.value.get("doNotPerform") is True:
        where = node.at("doNotPerform" if node.value.get("doNotPerform") is True else "status")
        message = "the order behind the line is not in force and was not read"
        node.findings.note(where, "umpire-order", message, "an order in force", about_service=True)
        return False
    return not is_about_another(order, claim_patient(bundle), bundle)


def ordered_drugs(bundle: RequestBundle, item: FhirNode) -> tuple[Coding, ...]:
    """Codings of the drug that a MedicationRequest behind the item orders."""
    codings: list[Coding] = []
    for order in orders_of(bundle, item):
        codings.extend(order.resource.coded("medicationCodeableConcept"))
        medication = bundle.resolve(order.resource.node("medicationReference"), order)
        codings.extend(medication.resource.coded("code") if medication is not None else ())
    return tuple(codings)


def ordered_quantity(bundle: RequestBundle, item: FhirNode) -> FhirNode | None:
    """The quantity that the first order with one states; an amount in another form is remarked upon."""
    for order in orders_of(bundle, item):
        node = order.resource
        dispensed = node.node("dispenseRequest")
        quantity = node.node("quantityQuantity") or (dispensed.node("quantity") if dispensed else None)
        if quantity is not None:
            return quantity
        for name in _OTHER_AMOUNTS:
            if node.has(name):
                _note_unread(node, name, "the quantity stands only in the order, in a form that is not read")
    return None


def ordered_days(bundle: RequestBundle, item: FhirNode) -> tuple[date | None, date | None]:
    """First and last day that the first order with a date states; a date in another form is remarked upon."""
    for order in orders_of(bundle, item):
        node = order.resource
        day = node.day("occurrenceDateTime")
        if day is not None:
            return day, day
        dispensed = node.node("dispenseRequest")
        period = node.node("occurrencePeriod") or (dispensed.node("validityPeriod") if dispensed else None)
        if period is None and (timing := node.node("occurrenceTiming")) is not None:
            repeat = timing.node("repeat")
            period = repeat.node("boundsPeriod") if repeat else None
        if period is not None:
            return period.day("start"), period.day("end")
        for name in _TIMINGS:
            if node.has(name):
                _note_unread(node, name, "the days stand only in the order, in a form that is not read")
    return None, None


def _note_unread(node: FhirNode, name: str, message: str) -> None:
    node.findings.note(node.at(name), "umpire-order", message, "the item's own quantity and dates", about_service=True)
