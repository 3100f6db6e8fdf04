"""Urgency and kind of service of a request, as far as the law distinguishes kinds."""

from __future__ import annotations

import re

from domain.requests.remarks import URGENCY_RULE
from domain.requests.request import UrgencyClaim
from domain.vocabulary import AskedBy, ServiceKind, Urgency
from interop.fhir.bundle import RequestBundle
from interop.fhir.codes import BEHAVIORAL_SERVICE_TYPES, LEVEL_OF_SERVICE, PHARMACY_SERVICE_TYPES, PRIORITY
from interop.fhir.node import FhirNode
from interop.fhir.orders import ordered_drugs, orders_of
from interop.issues import quoted_code

_UNREAD = "unread"
_DRUG_CODE = re.compile(r"J\d{4}|C9[0-4]\d{2}|Q01(3[89]|44|6\d|7\d|8[01])|Q02[2-4]\d|Q2\d{3}|Q4081|Q5\d{3}|Q999\d")
"""HCPCS drugs and biologicals: J codes, the temporary C codes of drugs, and the Q codes of drugs."""

_DRUG_SYSTEMS = frozenset({"ndc", "rxnorm"})


def read_urgency(claim: FhirNode) -> UrgencyClaim:
    """Expedited when the level of service or the priority says so. The provider requests it; neither
    code states a physician's opinion of the standard time, so `physician_statement` stays unknown.

    Where one of them is there and not understood, nobody knows how urgent the request is: it is expedited until a clinician
    has decided.
    """
    level = claim.extension("extension-levelOfServiceCode")
    said = [_urgency(claim, "priority", "priority", PRIORITY)]
    if level is not None:
        said.append(_urgency(level, "valueCodeableConcept", "x12/1338", LEVEL_OF_SERVICE))
    if Urgency.EXPEDITED in said:
        return UrgencyClaim(urgency=Urgency.EXPEDITED, asked_by=AskedBy.PROVIDER)
    if _UNREAD in said:
        return UrgencyClaim(urgency=Urgency.EXPEDITED, asked_by=AskedBy.PROVIDER, unread=True)
    return UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER)


def _urgency(node: FhirNode, name: str, system: str, meanings: dict[str, Urgency]) -> Urgency | str | None:
    """The urgency of the element; `_UNREAD` when it is there and not understood."""
    code = node.code_in(name, system)
    if code in meanings:
        return meanings[code]
    if code is None and not node.is_unread(name, system):
        return None
    what = quoted_code(code) if code is not None else "in a code system that is not known here"
    message = f"the urgency is {what} and was not understood; a clinician decides how urgent the request is"
    node.findings.note(node.at(name), URGENCY_RULE, message, "one of " + ", ".join(meanings))
    return _UNREAD


def read_service_kind(bundle: RequestBundle, items: tuple[FhirNode, ...]) -> ServiceKind:
    """Pharmacy claims and dispensing are pharmacy drugs; drug codes on other claims fall under the medical benefit.

    One drug line makes the request a drug request: its shorter clock then holds for all. Behavioral only when every
    item's type of service is.
    """
    claim = bundle.claim.resource
    categories = [item.read_code("category", "the type of service", "x12/1365") for item in claim.nodes("item")]
    claim_type = claim.read_code("type", "the type of claim", "claim-type")
    if claim_type == "pharmacy" or any(code in PHARMACY_SERVICE_TYPES for code in categories):
        return ServiceKind.PHARMACY_DRUG
    prescribed = bundle.resolve(claim.node("prescription"), bundle.claim)
    if (prescribed is not None and prescribed.type == "MedicationRequest") or any(
        _is_drug(bundle, item) for item in items
    ):
        return ServiceKind.PART_B_DRUG
    if categories and all(code in BEHAVIORAL_SERVICE_TYPES for code in categories):
        return ServiceKind.BEHAVIORAL
    return ServiceKind.MEDICAL


def _is_drug(bundle: RequestBundle, item: FhirNode) -> bool:
    """Whether the item or the order behind it is a drug: by RxNorm, by national drug code, by a drug code of HCPCS under
    whatever address, or because a MedicationRequest orders it. In doubt it is one: the shorter clock harms nobody."""
    if any(order.type == "MedicationRequest" for order in orders_of(bundle, item)):
        return True
    codings = (*item.coded("productOrService"), *ordered_drugs(bundle, item))
    return any(coding.system in _DRUG_SYSTEMS or _DRUG_CODE.fullmatch(coding.code.upper()) for coding in codings)
