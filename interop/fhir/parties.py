"""Parties of a request: the member as the sender names them, and the providers with their NPI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from domain.requests.request import MemberReference, ProviderReference
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.node import FhirNode
from interop.fhir.systems import system_name
from interop.limits import one_line
from interop.npi import has_npi_check_digit

_NPI = re.compile(r"\d{10}")
_MEMBER_NUMBER = "MB"


@dataclass(frozen=True)
class FoundProvider:
    """A provider found in the Bundle, with the path of the reference that led there."""

    reference: ProviderReference | None
    identity: str
    path: str


def read_member(
    patient: BundleEntry | None, coverage: BundleEntry | None, claim: FhirNode, on: date
) -> MemberReference | None:
    """The member as the sender names them on this day. Of several member ids (type MB) of the Patient the one that the
    Coverage gives as well counts, for the Coverage says which plan is asked; else the Coverage's own, the Patient's, and
    the subscriber id. Numbers and names that have ended do not count while there are others."""
    patient_node = patient.resource if patient else None
    coverage_node = coverage.resource if coverage else None
    member_id = _member_id(patient_node, coverage_node, on)
    if member_id is None:
        message = "neither Patient nor Coverage has a member id"
        claim.findings.problem(claim.at("patient"), "umpire-member-id", message, "Patient.identifier of type MB")
        return None
    if patient_node is None:
        return MemberReference(member_id=member_id)
    family, given = _human_name(patient_node, on)
    return MemberReference(
        member_id=member_id, family_name=family, given_name=given, birth_date=_birth_date(patient_node)
    )


def _member_id(patient: FhirNode | None, coverage: FhirNode | None, on: date) -> str | None:
    numbered = _member_numbers(patient, on)
    covered = _member_numbers(coverage, on)
    subscriber = coverage.text("subscriberId") if coverage else None
    both = next((number for number in numbered if number in covered or number == subscriber), None)
    if both is None and patient and numbered and covered:
        message = "Patient and Coverage give different member ids; the Coverage's is used"
        patient.findings.note(patient.at("identifier"), "umpire-member-id", message)
    return both or next(iter((*covered, *numbered)), None) or subscriber or _first_identifier(patient)


def _member_numbers(node: FhirNode | None, on: date) -> tuple[str, ...]:
    """The member ids of the Patient or Coverage; those that have ended only when there is no other."""
    of_type = [
        identifier
        for identifier in (node.nodes("identifier") if node else ())
        if identifier.code_in("type", "identifier-type") == _MEMBER_NUMBER and identifier.text("value")
    ]
    current = [identifier for identifier in of_type if not _has_ended(identifier, on)] or of_type
    return tuple(value for identifier in current if (value := identifier.text("value")))


def _has_ended(node: FhirNode, on: date | None) -> bool:
    """Whether a name or a number is an old one, by its use or by the end of its period before this day (None: any end)."""
    period = node.node("period")
    end = period.value.get("end") if period else None
    ended = isinstance(end, str) and (on is None or end < on.isoformat()[: len(end)])
    return ended or node.value.get("use") in ("old", "maiden")


def _first_identifier(node: FhirNode | None) -> str | None:
    values = (identifier.text("value") for identifier in node.nodes("identifier")) if node else ()
    return next((value for value in values if value), None)


def _human_name(node: FhirNode, on: date | None = None) -> tuple[str | None, str | None]:
    """Family and first given name of the name in use: a current one before an ended one, an official or usual one before
    others, one in parts before one that is only text, which stands as the family name."""
    names = sorted(
        node.nodes("name"),
        key=lambda name: (
            _has_ended(name, on),
            name.value.get("use") not in ("official", "usual"),
            not name.value.get("family"),
        ),
    )
    if not names:
        return None, None
    given = names[0].texts("given")
    return names[0].line("family") or names[0].line("text"), one_line(" ".join(given[:1])) or None


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
    return FoundProvider(ProviderReference(npi=value, name=reference.line("display")), value, reference.path)


def _npi(node: FhirNode) -> str | None:
    """The first readable NPI. One that cannot be read is only noted: where an NPI is needed, its absence is the problem."""
    for identifier in node.nodes("identifier"):
        value = identifier.text("value")
        if value is None or system_name(identifier.text("system") or "") != "npi":
            continue
        if not _NPI.fullmatch(value):
            node.findings.note(identifier.at("value"), "umpire-npi", "the NPI is not readable", "ten digits")
            continue
        if not has_npi_check_digit(value):
            node.findings.note(identifier.at("value"), "umpire-npi", "the NPI fails its check digit")
        return value
    return None


def _provider_name(part: BundleEntry) -> str | None:
    if part.type == "Organization":
        return part.resource.line("name")
    if part.type == "Practitioner":
        family, given = _human_name(part.resource)
        return " ".join(word for word in (given, family) if word) or None
    return None


def _telecom(nodes: list[FhirNode], kind: str) -> str | None:
    for node in nodes:
        for telecom in node.nodes("telecom"):
            if telecom.text("system") == kind and telecom.line("value"):
                return telecom.line("value")
    return None


def _address_lines(node: FhirNode) -> tuple[str, ...]:
    """Street lines and one line of city, state and ZIP code."""
    if not isinstance(node.value.get("address"), list):
        return ()
    for address in node.nodes("address"):
        place = ", ".join(part for part in (address.line("city"), address.line("state")) if part)
        last = " ".join(part for part in (place, address.line("postalCode")) if part)
        lines = (*map(one_line, address.texts("line")), *((last,) if last else ()))
        if lines:
            return lines
    return ()


def payer_identifier(bundle: RequestBundle, claim: BundleEntry) -> str | None:
    """The plan as the sender addresses it: the insurer's NPI, else its first identifier."""
    reference = claim.resource.node("insurer")
    insurer = bundle.resolve(reference, claim)
    if insurer is None:
        identifier = reference.node("identifier") if reference else None
        return identifier.text("value") if identifier else None
    return _npi(insurer.resource) or _first_identifier(insurer.resource)
