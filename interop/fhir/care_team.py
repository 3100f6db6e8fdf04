"""Who ordered the service and who is to perform it, from the care team and the orders behind the items."""

from __future__ import annotations

from dataclasses import dataclass

from domain.requests.request import ProviderReference
from interop.fhir.bundle import Entry, RequestBundle
from interop.fhir.codes import ORDERING_ROLES, OTHER_ROLES, SERVICING_ROLES
from interop.fhir.node import Node
from interop.fhir.people import Found, provider


@dataclass(frozen=True)
class CareTeam:
    ordering: ProviderReference | None
    servicing: ProviderReference | None


def care_team(bundle: RequestBundle, requester: str | None) -> CareTeam:
    """Who orders: by role, else the requester of the order. Who serves: by role, else the order's performer, else a
    member without a telling role who neither orders nor is the requester. Providers without NPI are noted and left out.
    """
    members = _members(bundle)
    orders = _orders(bundle)
    ordering = _with_role(members, ORDERING_ROLES) or _first(bundle, orders, "requester")
    servicing = _with_role(members, SERVICING_ROLES) or _first(bundle, orders, "performer")
    if servicing is None:
        known = {requester, ordering.identity if ordering else None}
        servicing = next((found for found, role in members if role is None and found.identity not in known), None)
    return CareTeam(ordering=_usable(ordering, bundle), servicing=_usable(servicing, bundle))


def _members(bundle: RequestBundle) -> list[tuple[Found, str | None]]:
    """Care team members in their order, each with its telling role, if any; referring and the like are left out."""
    found = []
    for node in bundle.claim.resource.nodes("careTeam"):
        roles = {coding.code for coding in node.coded("role")}
        member = provider(bundle, node.node("provider"), bundle.claim)
        if member is not None and not roles & OTHER_ROLES:
            telling = roles & (ORDERING_ROLES | SERVICING_ROLES)
            found.append((member, min(telling) if telling else None))
    return found


def _orders(bundle: RequestBundle) -> list[Entry]:
    claim = bundle.claim
    orders = []
    for item in claim.resource.nodes("item"):
        for extension in item.extensions("extension-requestedService"):
            order = bundle.resolve(extension.node("valueReference"), claim)
            if order is not None:
                orders.append(order)
    return orders


def _with_role(members: list[tuple[Found, str | None]], roles: frozenset[str]) -> Found | None:
    return next((found for found, role in members if role in roles), None)


def _first(bundle: RequestBundle, orders: list[Entry], element: str) -> Found | None:
    for order in orders:
        for reference in _references(order.resource, element):
            found = provider(bundle, reference, order)
            if found is not None:
                return found
    return None


def _references(order: Node, element: str) -> tuple[Node, ...]:
    """One Reference or a list of them: a DeviceRequest has one performer, a ServiceRequest several."""
    if isinstance(order.value.get(element), list):
        return order.nodes(element)
    single = order.node(element)
    return (single,) if single else ()


def _usable(found: Found | None, bundle: RequestBundle) -> ProviderReference | None:
    if found is not None and found.reference is None:
        bundle.findings.note(found.path, "umpire-npi", "the provider has no NPI and was left out", "an NPI")
    return found.reference if found else None
