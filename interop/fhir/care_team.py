"""Ordering and servicing providers of a request, from the care team and the orders that the items refer to."""

from __future__ import annotations

from dataclasses import dataclass

from domain.requests.request import ProviderReference
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.codes import ORDERING_ROLES, OTHER_ROLES, ROLE_SYSTEMS, SERVICING_ROLES, UNTELLING_ROLES
from interop.fhir.node import FhirNode
from interop.fhir.orders import orders_of
from interop.fhir.parties import FoundProvider, find_provider

_KNOWN_ROLES = ORDERING_ROLES | SERVICING_ROLES | OTHER_ROLES | UNTELLING_ROLES


@dataclass(frozen=True)
class CareTeam:
    ordering: ProviderReference | None
    servicing: ProviderReference | None


def read_care_team(bundle: RequestBundle, requester: str | None) -> CareTeam:
    """The ordering provider: by role, else the requester of the order. The servicing provider: by role, else the order's
    performer, else a member without a known role who is neither of the others. Providers without NPI are left out with a note.
    """
    members = _members(bundle)
    orders = _orders(bundle)
    ordering = _with_role(members, ORDERING_ROLES) or _first(bundle, orders, "requester")
    servicing = _with_role(members, SERVICING_ROLES) or _first(bundle, orders, "performer")
    if servicing is None:
        known = {requester, ordering.identity if ordering else None}
        servicing = next((found for found, role in members if role is None and found.identity not in known), None)
    return CareTeam(ordering=_reference_with_npi(ordering, bundle), servicing=_reference_with_npi(servicing, bundle))


def _members(bundle: RequestBundle) -> list[tuple[FoundProvider, str | None]]:
    """Care team members in their order, each with its known role, if any; referring and similar roles are left out."""
    found = []
    for node in bundle.claim.resource.nodes("careTeam"):
        roles = _roles(node)
        member = find_provider(bundle, node.node("provider"), bundle.claim)
        if member is not None and not roles & OTHER_ROLES:
            telling = roles & (ORDERING_ROLES | SERVICING_ROLES)
            found.append((member, min(telling) if telling else None))
    return found


def _roles(member: FhirNode) -> set[str]:
    """The roles of the member, as far as they are of a known system. A role that says nothing here is remarked upon."""
    roles = {coding.code for coding in member.coded("role") if coding.system in ("", *ROLE_SYSTEMS)}
    unread = member.is_unread("role", *ROLE_SYSTEMS) or roles - _KNOWN_ROLES
    if unread and not roles & _KNOWN_ROLES:
        message = "the role of a member of the care team is not known here; the member was taken to have none"
        expected = "a role of X12 98 or claimcareteamrole: who orders, who renders the service"
        member.findings.note(member.at("role"), "umpire-code-system", message, expected)
    return roles


def _orders(bundle: RequestBundle) -> list[BundleEntry]:
    return [order for item in bundle.claim.resource.nodes("item") for order in orders_of(bundle, item)]


def _with_role(members: list[tuple[FoundProvider, str | None]], roles: frozenset[str]) -> FoundProvider | None:
    return next((found for found, role in members if role in roles), None)


def _first(bundle: RequestBundle, orders: list[BundleEntry], element: str) -> FoundProvider | None:
    for order in orders:
        for reference in _references(order.resource, element):
            found = find_provider(bundle, reference, order)
            if found is not None:
                return found
    return None


def _references(order: FhirNode, element: str) -> tuple[FhirNode, ...]:
    """One Reference or a list of them: a DeviceRequest has one performer, a ServiceRequest several."""
    if isinstance(order.value.get(element), list):
        return order.nodes(element)
    single = order.node(element)
    return (single,) if single else ()


def _reference_with_npi(found: FoundProvider | None, bundle: RequestBundle) -> ProviderReference | None:
    if found is not None and found.reference is None:
        bundle.findings.note(found.path, "umpire-npi", "the provider has no NPI and was left out", "an NPI")
    return found.reference if found else None
