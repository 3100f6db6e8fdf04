"""The guideline model: a cited tree of criteria, the services it applies to, and its test cases.

The tree has four kinds of groups (all, any, none, at_least), leaves that compare one fact with one closed set of
operators, and references to other nodes of the same guideline. There are no free expressions: a closed set can be
checked, compared, versioned and explained.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, Self

from pydantic import Field, model_validator

from domain.content_hash import ContentAddressed
from domain.evidence.facts import FactType, FactValue, Number
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import CertificationType, Lob


class Op(StrEnum):
    """Operators of criteria leaves. `between` includes both ends; `prefix_any`: any code begins with any prefix."""

    IS_TRUE = "is_true"
    IS_FALSE = "is_false"
    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    BETWEEN = "between"
    IN = "in"
    NOT_IN = "not_in"
    PREFIX_ANY = "prefix_any"


OPS_FOR: dict[FactType, frozenset[Op]] = {
    FactType.BOOL: frozenset({Op.IS_TRUE, Op.IS_FALSE}),
    FactType.NUMBER: frozenset({Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN, Op.IN, Op.NOT_IN}),
    FactType.CODE: frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.PREFIX_ANY}),
    FactType.CODES: frozenset({Op.PREFIX_ANY}),
}


class NodeKind(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"
    AT_LEAST = "at_least"
    LEAF = "leaf"
    REF = "ref"


class AtLeast(Model):
    """At least `n` of the children are met."""

    n: int
    of: tuple[CriteriaNode, ...]

    @model_validator(mode="after")
    def _can_be_reached_and_missed(self) -> Self:
        if not 1 <= self.n <= len(self.of):
            raise ValueError(f"n is {self.n} with {len(self.of)} children; n must be from 1 to the number of children")
        return self


class CriteriaNode(Model):
    """One node: exactly one of all, any, none, at_least (a group), fact (a leaf) or ref (another node, by id).

    `gray` is an open interval of values about which the source says nothing: inside it a leaf is unknown.
    `cite` is the place in the source when it is more precise than the guideline's own citation.
    """

    id: str | None = None
    text: str | None = None
    cite: str | None = None
    fact: str | None = None
    op: Op | None = None
    value: FactValue | tuple[Number, ...] | None = None
    gray: tuple[Number, Number] | None = None
    all: tuple[CriteriaNode, ...] | None = None
    any: tuple[CriteriaNode, ...] | None = None
    none: tuple[CriteriaNode, ...] | None = None
    at_least: AtLeast | None = None
    ref: str | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        shapes = [name for name in ("all", "any", "none", "at_least", "fact", "ref") if getattr(self, name) is not None]
        if len(shapes) != 1:
            found = " and ".join(shapes) or "none of them"
            raise ValueError(f"a node has exactly one of all, any, none, at_least, fact, ref; found {found}")
        if self.ref is not None and self.model_fields_set != {"ref"}:
            raise ValueError("a ref stands alone; it takes everything else from the node it names")
        if self.ref is None and not self.id:
            raise ValueError("a node needs an id, so that a trace and a letter can name it")
        if self.fact is None and (self.op is not None or self.value is not None or self.gray is not None):
            raise ValueError("op, value and gray belong to a leaf, which names a fact")
        if self.ref is None and self.fact is None and not self.children:
            raise ValueError("a group needs at least one child")
        return self

    @property
    def kind(self) -> NodeKind:
        for kind in (NodeKind.ALL, NodeKind.ANY, NodeKind.NONE, NodeKind.AT_LEAST, NodeKind.REF):
            if getattr(self, kind.value) is not None:
                return kind
        return NodeKind.LEAF

    @property
    def children(self) -> tuple[CriteriaNode, ...]:
        return self.all or self.any or self.none or (self.at_least.of if self.at_least else ())

    def walk(self) -> Iterator[CriteriaNode]:
        """This node and everything below it, in the order of the document; refs are not followed."""
        yield self
        for child in self.children:
            yield from child.walk()


class Precedence(StrEnum):
    """Precedence of rules by their origin. Medicare Advantage follows this order (42 CFR 422.101(b)(1)-(3), (6))."""

    NCD = "ncd"
    STATUTE = "statute"
    LCD = "lcd"
    PLAN = "plan"

    @property
    def rank(self) -> int:
        """0 is the strongest."""
        return list(Precedence).index(self)


class Verification(StrEnum):
    """The extent to which the source was read; `example` is a policy made up to show the form."""

    FULL_TEXT = "full_text"
    INDICATIONS_ONLY = "indications_only"
    PARTIAL = "partial"
    FROM_MEMORY = "from_memory"
    EXAMPLE = "example"


class GuidelineSource(Model):
    """The source of a guideline. `states` limits a local rule to them (two letters); empty means everywhere.

    `gap` says why a plan's own rule is needed: what national, statutory and local rules leave open
    (42 CFR 422.101(b)(6)). `second_reading` says what has to be read again before the rule is trusted.
    """

    doc: str
    cite: str = Field(min_length=1)
    verification: Verification
    url: str | None = None
    rev_effective: date | None = None
    version: str | None = None
    parent: str | None = None
    contractor: str | None = None
    gap: str | None = None
    second_reading: str | None = None
    states: tuple[str, ...] = ()


class AppliesTo(Model):
    """The services a guideline is about: one match in any list of codes, groups or levels of care is enough.

    CPT codes are licensed and never stand here: an operator maps its own to a service group. A level of care is about a
    stay, not about an item used there. `certifications` and `lobs` narrow: when given, the line has to be one of them.
    """

    hcpcs: tuple[str, ...] = ()
    icd10pcs: tuple[str, ...] = ()
    icd10pcs_prefix: tuple[str, ...] = ()
    service_group: tuple[str, ...] = ()
    level_of_care: tuple[str, ...] = ()
    certifications: tuple[CertificationType, ...] = ()
    lobs: tuple[Lob, ...] = ()

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if not (self.hcpcs or self.icd10pcs or self.icd10pcs_prefix or self.service_group or self.level_of_care):
            raise ValueError("names no service; give hcpcs, icd10pcs, icd10pcs_prefix, service_group or level_of_care")
        return self


class GuidelineFlag(Model):
    """A remark for the reviewer when its leaf is met; it never changes the result."""

    when: CriteriaNode
    effect: str


class AskFirst(Model):
    """A branch to ask about before its siblings: always, or when the request has a diagnosis with one of these beginnings.

    It orders questions and never changes a result.
    """

    node: str
    diagnoses: tuple[str, ...] = ()


class GuidelineTestCase(Model):
    """A test case: with these facts, and no others, the guideline gives the expected result."""

    name: str
    expect: Tri
    facts: dict[str, FactValue]


class Guideline(ContentAddressed):
    """A coverage rule as data. `effective_to` is the last day of service it governs.

    `auto_approve` allows an approval by rule when the result is met; without it a person reviews every case.
    `requires` are guidelines that bind together with this one; `continues` is the guideline about the first request that
    this one takes over from when a renewal is asked for. `ask_first` orders the questions. It and the test cases decide
    nothing: they are not part of the content hash.
    """

    _beside_the_content: ClassVar[frozenset[str]] = frozenset({"tests", "ask_first"})

    id: str = Field(pattern=r"^[A-Z][A-Z0-9]*$")
    title: str
    version: str
    source: GuidelineSource
    precedence: Precedence
    effective_from: date
    effective_to: date | None = None
    auto_approve: bool
    applies_to: AppliesTo
    requires: tuple[str, ...] = ()
    continues: str | None = None
    logic: CriteriaNode
    ask_first: tuple[AskFirst, ...] = ()
    flags: tuple[GuidelineFlag, ...] = ()
    notes: tuple[str, ...] = ()
    tests: tuple[GuidelineTestCase, ...]

    @cached_property
    def nodes(self) -> dict[str, CriteriaNode]:
        """Every node by id, without the refs. Raises ValueError when two nodes share an id."""
        found: dict[str, CriteriaNode] = {}
        for node in self.logic.walk():
            if node.id is not None and found.setdefault(node.id, node) is not node:
                raise ValueError(f"{self.id}: two nodes have the id {node.id}")
        return found

    def target(self, node: CriteriaNode) -> CriteriaNode:
        """The node itself, or the one that a ref names. Raises KeyError for a ref to nowhere."""
        return self.nodes[node.ref] if node.ref is not None else node
