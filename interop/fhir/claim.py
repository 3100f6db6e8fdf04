"""Rules of the Claim itself: elements that the request cannot do without, and elements that only should be there.

Required in every version of the guide: rejected when missing. Required since 2.1 or 2.2 only: a note, because a request
from an older sender is still a request.
"""

from __future__ import annotations

from interop.fhir.bundle import BundleEntry, RequestBundle, references, reject_modifier
from interop.fhir.node import FhirNode
from interop.fhir.systems import profile_name
from interop.issues import IssueCollector, quoted_code

_REQUIRED = {
    "type": "the type of claim",
    "patient": "a Reference to the Patient",
    "created": "the date of creation",
    "insurer": "a Reference to the insurer",
    "provider": "a Reference to the requesting provider",
    "priority": "the priority of processing",
}
_SEQUENCED = ("careTeam", "supportingInfo", "diagnosis", "insurance", "item")
_POINTERS = {"careTeamSequence": "careTeam", "diagnosisSequence": "diagnosis", "informationSequence": "supportingInfo"}
_LATER_ELEMENTS = {"category": "the type of service", "locationCodeableConcept": "the place of service"}
_LATER_EXTENSIONS = {
    "extension-serviceItemRequestType": "the type of request",
    "extension-certificationType": "the type of certification",
}
_KINDS = frozenset(
    (
        *("Claim", "Coverage", "Patient", "Organization", "Practitioner", "PractitionerRole", "Location", "Encounter"),
        *("DeviceRequest", "ServiceRequest", "MedicationRequest", "NutritionOrder", "Medication", "Device"),
        *("DocumentReference", "Binary", "Condition", "Observation", "Procedure", "QuestionnaireResponse"),
    )
)
_CANCELLED = "modifierextension-infoCancelled"


def check_claim(bundle: RequestBundle) -> None:
    """Check the requested Claim; problems go to the bundle's issue collector."""
    claim = bundle.claim.resource
    _check_header(claim)
    for name in _SEQUENCED:
        _check_sequences(claim, name)
    for name in ("item", "supportingInfo"):
        for node in claim.nodes(name):
            _check_modifiers(node)
    existing = {target: {node.whole("sequence") for node in claim.nodes(target)} for target in _POINTERS.values()}
    for item in claim.nodes("item"):
        _check_item(item, existing)
    for member in claim.nodes("careTeam"):
        if member.extension("extension-careTeamClaimScope") is None:
            _note_later(member, "extension(careTeamClaimScope)", "whether the member serves the whole request")
    check_references(bundle)


def _check_header(claim: FhirNode) -> None:
    findings = claim.findings
    for name, expected in (("status", "active"), ("use", "preauthorization")):
        if claim.text(name) != expected:
            what = quoted_code(claim.value.get(name)) if claim.has(name) else "missing"
            findings.problem(claim.at(name), f"pas-claim-{name}", f"the {name} is {what}", expected)
    for name, expected in _REQUIRED.items():
        if not claim.value.get(name):
            findings.problem(claim.at(name), f"pas-claim-{name}", "the element is missing", expected)
    identified = any(identifier.text("value") for identifier in claim.nodes("identifier"))
    if not identified and not isinstance(claim.value.get("identifier"), dict):
        findings.problem(claim.at("identifier"), "pas-claim-identifier", "the element is missing", "system and value")
    if not claim.value.get("insurance"):
        findings.problem(claim.at("insurance"), "pas-claim-insurance", "the element is missing", "a focal coverage")


def _check_sequences(claim: FhirNode, name: str) -> None:
    rule = "spec-22" if name == "supportingInfo" else f"pas-{name}-sequence"
    seen: set[int] = set()
    for node in claim.nodes(name):
        sequence = node.whole("sequence")
        if sequence is None or sequence < 1:
            claim.findings.problem(node.at("sequence"), rule, "there is no sequence number", "a number above zero")
        elif sequence in seen:
            message = f"another {name} has the same sequence number"
            claim.findings.problem(node.at("sequence"), rule, message, "a number of its own")
        else:
            seen.add(sequence)


def _check_item(item: FhirNode, existing: dict[str, set[int | None]]) -> None:
    if not item.value.get("productOrService"):
        message, expected = "nothing says what is asked for", "a coded product or service"
        item.findings.problem(item.at("productOrService"), "pas-item-productOrService", message, expected)
    for name, expected in _LATER_ELEMENTS.items():
        if not item.value.get(name):
            _note_later(item, name, expected)
    for extension, expected in _LATER_EXTENSIONS.items():
        if item.extension(extension) is None:
            _note_later(item, f"extension({extension.removeprefix('extension-')})", expected)
    for pointer, target in _POINTERS.items():
        _check_pointers(item, pointer, existing[target], target)


def _check_pointers(item: FhirNode, pointer: str, existing: set[int | None], target: str) -> None:
    sequences = item.value.get(pointer) or []
    if not isinstance(sequences, list):
        item.findings.problem(item.at(pointer), "fhir-json", "the element has the wrong JSON type", "a list")
        return
    for index, sequence in enumerate(sequences):
        if not isinstance(sequence, int) or sequence not in existing:
            where = item.at(f"{pointer}[{index}]")
            item.findings.problem(where, "pas-item-pointer", f"no {target} has this sequence number", f"a {target}")


def _note_later(node: FhirNode, name: str, expected: str) -> None:
    node.findings.note(node.at(name), "spec-23", "the element is missing; the request was read without it", expected)


def _check_modifiers(node: FhirNode) -> None:
    for extension in node.nodes("modifierExtension"):
        if profile_name(extension.text("url") or "") != _CANCELLED:
            reject_modifier(extension)
        elif extension.boolean("valueBoolean") is None:
            extension.findings.problem(
                extension.at("valueBoolean"), "spec-69", "the cancellation says neither yes nor no", "true or false"
            )


def is_cancelled(node: FhirNode) -> bool:
    """Whether infoCancelled is set on an item or a piece of supporting information (spec-69)."""
    return any(
        profile_name(extension.text("url") or "") == _CANCELLED and extension.boolean("valueBoolean") is True
        for extension in node.nodes("modifierExtension")
    )


def check_references(bundle: RequestBundle) -> None:
    """Check that the Bundle holds what the Claim and its Coverage refer to; references from elsewhere get a note (spec-13).

    A prior Claim's own prior claim is correctly absent (spec-66), and whether the prior Claim itself is here is the
    update's rule (spec-65).
    """
    claim = bundle.claim
    for entry in bundle.entries:
        needed = entry is claim or entry.type == "Coverage"
        report = bundle.findings.problem if needed else bundle.findings.note
        for path, literal in references(entry.resource):
            if path.startswith(f"{entry.resource.path}.related") and entry.type == "Claim":
                continue
            if bundle.find(literal, entry) is None:
                message = f"what this refers to{_kind(literal)} is not in the Bundle"
                report(path, "spec-13", message, "every resource that is referred to")


def _kind(literal: str) -> str:
    kind = literal.split("/")[-2] if "/" in literal else ""
    return f", {kind}," if kind in _KINDS else ""


def check_subject(
    coverage: BundleEntry | None, patient: BundleEntry | None, bundle: RequestBundle, findings: IssueCollector
) -> None:
    """Check that the coverage is the patient's own: otherwise the request would be decided for another person."""
    if coverage is None or patient is None:
        return
    beneficiary = bundle.resolve(coverage.resource.node("beneficiary"), coverage)
    if beneficiary is not None and beneficiary.resource.path != patient.resource.path:
        where = coverage.resource.at("beneficiary")
        findings.problem(where, "umpire-beneficiary", "the coverage belongs to another Patient", "the Claim's patient")
