"""Parties of a request: the member as the sender names them, and the providers with their NPI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from domain.requests.request import MemberReference, ProviderReference
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.node import FhirNode
from interop.fhir.systems import system_name
from interop.npi import has_npi_check_digit

_NPI = re.compile(r"\d{10}")
_MEMBER_NUMBER = "MB"


@dataclass(frozen=True)
class FoundProvider:
    """A provider found in the Bundle, with the path of the reference that led there."""

    reference: ProviderReference | None
    identity: str
    path: str


def read_member(patient: BundleEntry | None, coverage: BundleEntry | None, claim: FhirNode) -> MemberReference | None:
    """The member id stands on the Patient (type MB), else on the Coverage, else as its subscriber id."""
    patient_node = patient.resource if patient else None
    coverage_node = coverage.resource if coverage else None
    member_id = _member_id(patient_node, coverage_node)
    if member_id is None:
        message = "neither Patient nor Coverage has a member id"
        claim.findings.problem(claim.at("patient"), "umpire-member-id", message, "Patient.identifier of type MB")
        return None
    if patient_node is None:
        return MemberReference(member_id=member_id)
    family, given = _human_name(patient_node)
    return MemberReference(
        member_id=member_id, family_name=family, given_name=given, birth_date=_birth_date(patient_node)
    )


def _member_id(patient: FhirNode | None, coverage: FhirNode | None) -> str | None:
    numbered = _identifier_of_type(patient, _MEMBER_NUMBER)
    covered = _identifier_of_type(coverage, _MEMBER_NUMBER)
    if patient and numbered and covered and numbered != covered:
        message = "Patient and Coverage give different member ids; the Patient's is used"
        patient.findings.note(patient.at("identifier"), "umpire-member-id", message)
    subscriber = coverage.text("subscriberId") if coverage else None
    return numbered or covered or subscriber or _first_identifier(patient)


def _identifier_of_type(node: FhirNode | None, code: str) -> str | None:
    for identifier in node.nodes("identifier") if node else ():
        if identifier.code_in("type", "identifier-type") == code and identifier.text("value"):
            return identifier.text("value")
    return None


def _first_identifier(node: FhirNode | None) -> str | None:
    values = (identifier.text("value") for identifier in node.nodes("identifier")) if node else ()
    return next((value for value in values if value), None)


def _human_name(node: FhirNode) -> tuple[str | None, str | None]:
    names = node.nodes("name")
    preferred = [name for name in names if name.value.get("use") in ("official", "usual")] or list(names)
    if not preferred:
        return None, None
    given = preferred[0].texts("given")
    return preferred[0].text("family") or preferred[0].text("text"), " ".join(given[:1]) or None


def _birth_date(patient: FhirNode) -> date | None:
    value = patient.value.get("birthDate")
    if isinstance(value, str) and len(value) < len("2027-01-31"):
        patient.findings.note(patient.at("birthDate"), "umpire-date", "the birth date is not complete and not used")
        return None
    return patient.day("birthDate")


def find_provider(bundle: RequestBundle, reference: FhirNode | None, origin: BundleEntry) -> FoundProvider | None:
    """The Organization, Practitioner or PractitionerRole behind a reference, or the NPI that the reference gives."""
    if reference is None:
        return None
    entry = bundle.resolve(reference, origin)
    if entry is None:
        return _by_identifier(reference)
    parts = [entry]
    for name in ("practitioner", "organization") if entry.type == "PractitionerRole" else ():
        part = bundle.resolve(entry.resource.node(name), entry)
        parts += [part] if part else []
    return _combine_parts(parts, reference)


def _combine_parts(parts: list[BundleEntry], reference: FhirNode) -> FoundProvider:
    nodes = [part.resource for part in parts]
    npi = next((npi for node in nodes if (npi := _npi(node))), None)
    name = next((name for part in parts if (name := _provider_name(part))), None)
    identity = npi or parts[-1].full_url or parts[-1].local_name
    if npi is None:
        return FoundProvider(None, identity, reference.path)
    found = ProviderReference(
        npi=npi,
        name=name,
        phone=_telecom(nodes, "phone"),
        fax=_telecom(nodes, "fax"),
        address=next((lines for node in nodes if (lines := _address_lines(node))), ()),
    )
    return FoundProvider(found, identity, reference.path)


def _by_identifier(reference: FhirNode) -> FoundProvider | None:
    identifier = reference.node("identifier")
    value = identifier.text("value") if identifier else None
    if identifier is None or value is None or system_name(identifier.text("system") or "") != "npi":
        return None
    if not _NPI.fullmatch(value):
        return None
    return FoundProvider(ProviderReference(npi=value, name=reference.text("display")), value, reference.path)


def _npi(node: FhirNode) -> str | None:
    for identifier in node.nodes("identifier"):
        value = identifier.text("value")
        if value is None or system_name(identifier.text("system") or "") != "npi":
            continue
        if not _NPI.fullmatch(value):
            node.findings.problem(identifier.at("value"), "umpire-npi", "the NPI is not readable", "ten digits")
            return None
        if not has_npi_check_digit(value):
            node.findings.note(identifier.at("value"), "umpire-npi", "the NPI fails its check digit")
        return value
    return None


def _provider_name(part: BundleEntry) -> str | None:
    if part.type == "Organization":
        return part.resource.text("name")
    if part.type == "Practitioner":
        family, given = _human_name(part.resource)
        return " ".join(word for word in (given, family) if word) or None
    return None


def _telecom(nodes: list[FhirNode], kind: str) -> str | None:
    for node in nodes:
        for telecom in node.nodes("telecom"):
            if telecom.text("system") == kind and telecom.text("value"):
                return telecom.text("value")
    return None


def _address_lines(node: FhirNode) -> tuple[str, ...]:
    """Street lines and one line of city, state and ZIP code."""
    if not isinstance(node.value.get("address"), list):
        return ()
    for address in node.nodes("address"):
        place = ", ".join(part for part in (address.text("city"), address.text("state")) if part)
        last = " ".join(part for part in (place, address.text("postalCode")) if part)
        lines = (*address.texts("line"), *((last,) if last else ()))
        if lines:
            return lines
    return ()


def payer_identifier(bundle: RequestBundle, claim: BundleEntry) -> str | None:
    """The plan as the sender addresses it: the insurer's NPI, else its first identifier."""
    insurer = bundle.resolve(claim.resource.node("insurer"), claim)
    if insurer is None:
        return None
    return _npi(insurer.resource) or _first_identifier(insurer.resource)
