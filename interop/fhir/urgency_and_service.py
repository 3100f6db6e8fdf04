"""Urgency and kind of service of a request, as far as the law distinguishes kinds."""

from __future__ import annotations

import re

from domain.requests.request import ServiceLine, UrgencyClaim
from domain.vocabulary import AskedBy, CodeSystem, ServiceKind, Urgency
from interop.fhir.codes import BEHAVIORAL_SERVICE_TYPES, LEVEL_OF_SERVICE, PHARMACY_SERVICE_TYPES, PRIORITY
from interop.fhir.node import FhirNode
from interop.issues import quoted_code

_DRUG_CODE = re.compile(r"J\d{4}|Q51\d{2}")


def read_urgency(claim: FhirNode) -> UrgencyClaim:
    """Expedited when the level of service or the priority says so. The provider requests it; neither
    code states a physician's opinion of the standard time, so `physician_statement` stays unknown."""
    level = claim.extension("extension-levelOfServiceCode")
    said = (
        _urgency_of_code(claim, level.code_in("valueCodeableConcept", "x12/1338") if level else None, LEVEL_OF_SERVICE),
        _urgency_of_code(claim, claim.code_in("priority", "priority"), PRIORITY),
    )
    urgent = Urgency.EXPEDITED if Urgency.EXPEDITED in said else Urgency.STANDARD
    return UrgencyClaim(urgency=urgent, asked_by=AskedBy.PROVIDER)


def _urgency_of_code(claim: FhirNode, code: str | None, meanings: dict[str, Urgency]) -> Urgency | None:
    if code is not None and code not in meanings:
        message = f"the urgency {quoted_code(code)} is not known and was not counted"
        claim.findings.note(claim.path, "umpire-urgency", message, "one of " + ", ".join(meanings))
    return meanings.get(code or "")


def read_service_kind(claim: FhirNode, lines: tuple[ServiceLine, ...]) -> ServiceKind:
    """Pharmacy claims and dispensing are pharmacy drugs; drug codes on other claims fall under the medical benefit.

    One drug line makes the request a drug request: its shorter clock then holds for all. Behavioral only when every
    item's type of service is.
    """
    categories = [item.code_in("category", "x12/1365") for item in claim.nodes("item")]
    if claim.code_in("type", "claim-type") == "pharmacy" or any(code in PHARMACY_SERVICE_TYPES for code in categories):
        return ServiceKind.PHARMACY_DRUG
    if any(_is_drug(line) for line in lines):
        return ServiceKind.PART_B_DRUG
    if categories and all(code in BEHAVIORAL_SERVICE_TYPES for code in categories):
        return ServiceKind.BEHAVIORAL
    return ServiceKind.MEDICAL


def _is_drug(line: ServiceLine) -> bool:
    """HCPCS J codes and biosimilars (Q51xx), and national drug codes."""
    if line.code_system is CodeSystem.NDC:
        return True
    return line.code_system is CodeSystem.HCPCS and bool(_DRUG_CODE.fullmatch(line.code))
