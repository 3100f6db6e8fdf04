"""The PAS Bundle: its own rules, its entries, and the resolution of references inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from interop.fhir.node import FhirNode
from interop.fhir.systems import profile_name
from interop.issues import IssueCollector, not_readable, quoted_code

_REST_URL = re.compile(r"(?P<base>https?://\S+/)(?P<type>[A-Z][A-Za-z]+)/[A-Za-z0-9.\-]{1,64}")
_URN = re.compile(r"urn:(uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|oid:[0-2](\.(0|[1-9]\d*))+)", re.IGNORECASE)
_RESPONSE_TYPES = ("ClaimResponse", "OperationOutcome")
_MAX_CLAIMS = 2


_NESTED = (dict, list)


@dataclass(frozen=True)
class BundleEntry:
    """One resource of the Bundle with the address it is known by; `resource` is empty when the entry has none.

    `container` is the entry whose resource contains this one: it has no address of its own.
    """

    index: int
    full_url: str | None
    resource: FhirNode
    container: BundleEntry | None = None

    @property
    def type(self) -> str:
        name = self.resource.value.get("resourceType")
        return name if isinstance(name, str) else ""

    @property
    def local_name(self) -> str:
        return f"{self.type}/{self.resource.value.get('id', '')}"

    @cached_property
    def base(self) -> str | None:
        match = _REST_URL.fullmatch(self.full_url or "")
        return match.group("base") if match else None


class RequestBundle:
    """A PAS request Bundle. Its rules are checked on opening; problems go to the issue collector."""

    def __init__(self, document: dict[str, Any], findings: IssueCollector) -> None:
        self.root = FhirNode(document, "Bundle", findings)
        self.findings = findings
        if document.get("resourceType") != "Bundle":
            what = quoted_code(document.get("resourceType"))
            raise not_readable("resourceType", "umpire-format", f"the resource is {what}", "a PAS request Bundle")
        self.entries = tuple(self._entries())
        self._by_url: dict[str, BundleEntry] = {}
        self._by_name: dict[str, list[BundleEntry]] = {}
        for entry in self.entries:
            self._index(entry)
        self._check()

    def _entries(self) -> Iterator[BundleEntry]:
        for index, node in enumerate(self.root.nodes("entry")):
            resource = node.node("resource") or FhirNode({}, node.at("resource"), self.findings)
            yield BundleEntry(index, node.text("fullUrl"), resource)

    def _index(self, entry: BundleEntry) -> None:
        self._by_name.setdefault(entry.local_name, []).append(entry)
        if entry.full_url is None:
            return
        address = _address(entry.full_url)
        if address in self._by_url:
            where = f"Bundle.entry[{entry.index}].fullUrl"
            self.findings.problem(where, "spec-14", "another entry has the same fullUrl", "each resource once")
        self._by_url.setdefault(address, entry)

    def _check(self) -> None:
        self._reject_other_types()
        self._check_header()
        if not self.entries:
            self.findings.problem("Bundle.entry", "pas-bundle-entry", "the Bundle is empty", "a Claim as first entry")
        for entry in self.entries:
            self._check_entry(entry)
        if self.entries:
            self._check_first()
        self._require_claim()

    def _check_header(self) -> None:
        kind = self.root.text("type")
        if kind != "collection":
            self.findings.problem("Bundle.type", "pas-bundle-type", f"the type is {quoted_code(kind)}", "collection")
        identifier = self.root.node("identifier")
        if identifier is None or identifier.text("value") is None:
            message = "the transaction has no identifier, so a repeated one could not be told from a new one"
            self.findings.problem("Bundle.identifier", "pas-bundle-identifier", message, "system and value")
        if self.root.text("timestamp") is None:
            self.findings.problem("Bundle.timestamp", "pas-bundle-timestamp", "the timestamp is missing", "an instant")
        else:
            self.root.instant("timestamp")
        _reject_modifiers(self.root)

    def _check_entry(self, entry: BundleEntry) -> None:
        where = f"Bundle.entry[{entry.index}]"
        if not entry.type:
            self.findings.problem(f"{where}.resource", "pas-bundle-entry", "the entry has no resource", "a resource")
        url = entry.full_url
        if url is None or not (_REST_URL.fullmatch(url) or _URN.fullmatch(url)):
            message = "the entry has no fullUrl" if url is None else "the fullUrl cannot be used to refer to the entry"
            expected = "an http(s) address ending in type/id, urn:uuid or urn:oid"
            self.findings.problem(f"{where}.fullUrl", "spec-16", message, expected)
        _reject_modifiers(entry.resource)

    def _reject_other_types(self) -> None:
        """Reject responses and inquiries, which are PAS Bundles too, without further checks."""
        first = tuple(entry.resource for entry in self.entries[:1])
        for node in first:
            if node.value.get("resourceType") in _RESPONSE_TYPES:
                raise not_readable(node.path, "umpire-answer", "the Bundle is an answer, not a request", "a Claim")
        for node in (self.root, *first):
            meta = node.node("meta")
            if meta and any("inquiry" in profile_name(address) for address in meta.texts("profile")):
                message = "the Bundle asks about an authorization and requests none"
                raise not_readable(
                    node.at("meta.profile"), "umpire-inquiry", message, "a request; inquiries go to $inquire"
                )

    def _check_first(self) -> None:
        first = self.entries[0]
        if first.type != "Claim":
            message = f"the first entry is {quoted_code(first.type)}"
            self.findings.problem("Bundle.entry[0].resource", "spec-12", message, "the Claim as the first entry")
        claims = [entry for entry in self.entries if entry.type == "Claim"]
        for extra in claims[_MAX_CLAIMS:]:
            message = "a third Claim: only the claim asked for and its prior one belong here"
            self.findings.problem(extra.resource.path, "spec-66", message, "at most two Claims")

    def _require_claim(self) -> None:
        if not any(entry.type == "Claim" for entry in self.entries):
            self.findings.raise_if_any()
            raise not_readable("Bundle.entry", "spec-12", "the Bundle has no Claim", "the Claim as the first entry")

    @property
    def claim(self) -> BundleEntry:
        """The requested Claim: the first one, which by spec-12 is the first entry."""
        return next(entry for entry in self.entries if entry.type == "Claim")

    def of_type(self, *types: str) -> tuple[BundleEntry, ...]:
        return tuple(entry for entry in self.entries if entry.type in types)

    def evidence_of_type(self, *types: str) -> tuple[BundleEntry, ...]:
        """Entries of these types, and the resources that entries contain."""
        return tuple(entry for entry in (*self.entries, *self._inside) if entry.type in types)

    @cached_property
    def _inside(self) -> tuple[BundleEntry, ...]:
        return tuple(
            BundleEntry(entry.index, None, resource, entry)
            for entry in self.entries
            for resource in entry.resource.nodes("contained")
        )

    def resolve(self, reference: FhirNode | None, origin: BundleEntry) -> BundleEntry | None:
        """The entry that a literal Reference points to, or None when it is absent, by identifier only, or not in the Bundle."""
        literal = reference.text("reference") if reference else None
        return self.find(literal, origin) if literal else None

    def find(self, literal: str, origin: BundleEntry) -> BundleEntry | None:
        if literal.startswith("#"):
            return _contained(literal[1:], origin)
        address = _address(literal)
        origin = origin.container or origin
        if re.match(r"(https?|urn):", address):
            return self._by_url.get(address)
        if origin.base and (origin.base + address) in self._by_url:
            return self._by_url[origin.base + address]
        named = self._by_name.get(address, [])
        return named[0] if len(named) == 1 else None


def references(node: FhirNode) -> Iterator[tuple[str, str]]:
    """Path and text of every literal reference below `node`, contained resources left out."""
    stack: list[tuple[str, Any]] = [(node.path, node.value)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            literal = value.get("reference")
            if isinstance(literal, str):
                yield path, literal
            named = ((name, child) for name, child in value.items() if isinstance(child, _NESTED))
            stack.extend((f"{path}.{name}", child) for name, child in named if name != "contained")
        else:
            inner = ((index, child) for index, child in enumerate(value) if isinstance(child, _NESTED))
            stack.extend((f"{path}[{index}]", child) for index, child in inner)


def _address(literal: str) -> str:
    bare = literal.strip().partition("/_history/")[0]
    return bare.lower() if bare.lower().startswith(("urn:uuid:", "urn:oid:")) else bare


def _contained(name: str, origin: BundleEntry) -> BundleEntry | None:
    """A contained resource of the entry, which other contained ones refer to as well; the empty name is the container."""
    container = origin.container or origin
    if not name:
        return container
    for resource in container.resource.nodes("contained"):
        if resource.text("id") == name:
            return BundleEntry(origin.index, None, resource, container)
    return None


def _reject_modifiers(node: FhirNode) -> None:
    for extension in node.nodes("modifierExtension"):
        reject_modifier(extension)


def reject_modifier(extension: FhirNode) -> None:
    """Reject a modifier extension: it changes the meaning of its element, so an unknown one cannot be ignored."""
    message = "an unknown modifierExtension could change the meaning of the element"
    extension.findings.problem(extension.path, "spec-25", message, "only infoCancelled, on item or supportingInfo")
