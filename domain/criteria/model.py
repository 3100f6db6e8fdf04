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

from pydantic import Field, NonNegativeInt, PositiveInt, StrictBool, model_validator

from domain.cited_value import Confidence, SourceReading
from domain.content_hash import ContentAddressed
from domain.evidence.facts import FactType, FactValue, Number
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import CertificationType, Lob


class Op(StrEnum):
    """Operators of criteria leaves. `between` includes both ends; `prefix_any`: any code begins with any prefix;
    `days_after`: the days from the date in `of` to the date of the leaf lie between two numbers, both included."""

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
    DAYS_AFTER = "days_after"


OPS_FOR: dict[FactType, frozenset[Op]] = {
    FactType.BOOL: frozenset({Op.IS_TRUE, Op.IS_FALSE}),
    FactType.NUMBER: frozenset({Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN, Op.IN, Op.NOT_IN}),
    FactType.CODE: frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.PREFIX_ANY}),
    FactType.CODES: frozenset({Op.PREFIX_ANY}),
    FactType.DATE: frozenset({Op.DAYS_AFTER}),
}


class NodeKind(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"
    AT_LEAST = "at_least"
    PREFER = "prefer"
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


_SHAPES = ("all", "any", "none", "at_least", "prefer", "fact", "ref")


class CriteriaNode(Model):
    """One node: exactly one of all, any, none, at_least, prefer (a group), fact (a leaf) or ref (another node, by id).

    `prefer` lists measurements of one thing, the better one first: where two of the same day disagree, the first counts.
    `of` is the earlier date of a `days_after` leaf, the id of another fact.
    `gray` is an open interval of values about which the source says nothing: inside it a leaf is unknown.
    `cite` is the place in the source when it is more precise than the guideline's own citation.
    """

    id: str | None = None
    text: str | None = None
    cite: str | None = None
    fact: str | None = None
    op: Op | None = None
    of: str | None = None
    value: FactValue | tuple[Number, ...] | None = None
    gray: tuple[Number, Number] | None = None
    all: tuple[CriteriaNode, ...] | None = None
    any: tuple[CriteriaNode, ...] | None = None
    none: tuple[CriteriaNode, ...] | None = None
    at_least: AtLeast | None = None
    prefer: tuple[CriteriaNode, ...] | None = None
    ref: str | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        shapes = [name for name in _SHAPES if getattr(self, name) is not None]
        if len(shapes) != 1:
            found = " and ".join(shapes) or "none of them"
            raise ValueError(f"a node has exactly one of {', '.join(_SHAPES)}; found {found}")
        if self.ref is not None and self.model_fields_set != {"ref"}:
            raise ValueError("a ref stands alone; it takes everything else from the node it names")
        if self.ref is None and not self.id:
            raise ValueError("a node needs an id, so that a trace and a letter can name it")
        if self.fact is None and (self.op is not None or self.value is not None or self.gray is not None):
            raise ValueError("op, value and gray belong to a leaf, which names a fact")
        if self.ref is None and self.fact is None and not self.children:
            raise ValueError("a group needs at least one child")
        if (self.op is Op.DAYS_AFTER) is not (self.of is not None):
            raise ValueError("days_after and of go together: of names the fact with the earlier date")
        if self.prefer is not None and (len(self.prefer) < 2 or any(one.fact is None for one in self.prefer)):
            raise ValueError("prefer lists two or more leaves, the better measurement first")
        return self

    @property
    def kind(self) -> NodeKind:
        for kind in (NodeKind.ALL, NodeKind.ANY, NodeKind.NONE, NodeKind.AT_LEAST, NodeKind.PREFER, NodeKind.REF):
            if getattr(self, kind.value) is not None:
                return kind
        return NodeKind.LEAF

    @property
    def children(self) -> tuple[CriteriaNode, ...]:
        return self.all or self.any or self.none or self.prefer or (self.at_least.of if self.at_least else ())

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
    (42 CFR 422.101(b)(6)). `except_states` are those in which it is not used, because their law names another set of criteria;
    `criteria_set` is the licensed set whose criteria an installation has written down here under its license.
    `second_reading` says what has to be read again before the rule is trusted. `confidence` is how sure the rule's conditions
    are; `under_reconsideration` names the docket that may change the rule.
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
    confidence: Confidence | None = None
    under_reconsideration: str | None = None
    states: tuple[str, ...] = ()
    except_states: tuple[str, ...] = ()
    criteria_set: str | None = None


class CareSetting(StrEnum):
    """Settings of care. `home` includes a place where one lives; `facility` is a nursing or rehabilitation facility."""

    HOME = "home"
    OUTPATIENT = "outpatient"
    HOSPITAL = "hospital"
    FACILITY = "facility"
    ANY = "any"


class CertifiedTime(Model):
    """The longest time that one approval may cover, in days from its first day, and why; `cite` is the place in the source.

    With `branch`, the id of a node, it binds only who is covered by way of that node. A request that names no last day does
    not fit, unless `binds_open_end` is false: then the bound is held only against a last day that is asked for.
    """

    days: PositiveInt
    binds_open_end: StrictBool = True
    branch: str | None = None
    because: str = Field(min_length=1)
    cite: str | None = None


class AppliesTo(Model):
    """The services a guideline is about: one match in any list of codes, groups or levels of care is enough.

    CPT codes are licensed and never stand here: an operator maps its own to a service group. A level of care is about a
    stay, not about an item used there. `every_service` is a standard for whatever these members are given.

    `lobs`, `ages` (whole years, both ends included) and `setting` say whom it is for; `certifications` and `modifiers` narrow:
    when given, the line has to be one of them. A line whose age is needed and not known is not one of them.
    `people_only` are codes among those named, or their beginnings, of which it is known and not confirmed that the rule is
    about them, or which say nothing that the rule could hold against other facts: what is met is read by a person.
    """

    hcpcs: tuple[str, ...] = ()
    icd10pcs: tuple[str, ...] = ()
    icd10pcs_prefix: tuple[str, ...] = ()
    service_group: tuple[str, ...] = ()
    level_of_care: tuple[str, ...] = ()
    every_service: StrictBool = False
    people_only: tuple[str, ...] = ()
    certifications: tuple[CertificationType, ...] = ()
    modifiers: tuple[str, ...] = ()
    lobs: tuple[Lob, ...] = ()
    ages: tuple[NonNegativeInt, NonNegativeInt] | None = None
    setting: CareSetting | None = None

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        named = self.hcpcs or self.icd10pcs or self.icd10pcs_prefix or self.service_group or self.level_of_care
        if not named and not self.every_service:
            raise ValueError("names no service; give hcpcs, icd10pcs, icd10pcs_prefix, service_group or level_of_care")
        if named and self.every_service:
            raise ValueError("every_service names all of them; leave the lists of codes, groups and levels out")
        if self.ages is not None and self.ages[0] > self.ages[1]:
            raise ValueError("ages: the younger age first")
        return self

    @property
    def audience_gaps(self) -> tuple[str, ...]:
        """The keys that would say whom the guideline is for and are not given."""
        given = {"lobs": self.lobs, "ages": self.ages, "setting": self.setting}
        return tuple(name for name, value in given.items() if not value)


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


class VignetteOutcome(StrEnum):
    """Outcomes of a test case: those of the criteria, and a guideline that is not for this member."""

    MET = Tri.MET.value
    NOT_MET = Tri.NOT_MET.value
    UNKNOWN = Tri.UNKNOWN.value
    NOT_APPLICABLE = "not_applicable"


class GuidelineTestCase(Model):
    """A test case: with these facts, and no others, the guideline gives the expected result.

    `against` are second values for facts, from another source of the same day; `days_old` dates a fact so many days back.
    `lob` and `age` are of the member, where the case is about whom the guideline is for.
    """

    name: str
    expect: VignetteOutcome
    facts: dict[str, FactValue] = {}
    against: dict[str, FactValue] = {}
    days_old: dict[str, NonNegativeInt] = {}
    lob: Lob | None = None
    age: NonNegativeInt | None = None


class Guideline(ContentAddressed):
    """A coverage rule as data. `effective_to` is the last day of service it governs.

    `auto_approve` allows an approval by rule when the result is met; without it a person reviews every case, and so it is
    while `why_not_by_rule` holds. `certifies` bounds the time that one approval covers.
    `requires` are guidelines that bind together with this one; `continues` is the guideline about the first request that
    this one takes over from when a renewal is asked for. `ask_first` orders the questions, and `readings` say when the source
    was compared with the rule. Both and the test cases decide nothing: they are not part of the content hash.
    """

    _beside_the_content: ClassVar[frozenset[str]] = frozenset({"tests", "ask_first", "readings"})

    id: str = Field(pattern=r"^[A-Z][A-Z0-9]*$")
    title: str
    version: str
    source: GuidelineSource
    precedence: Precedence
    effective_from: date
    effective_to: date | None = None
    auto_approve: StrictBool
    applies_to: AppliesTo
    requires: tuple[str, ...] = ()
    certifies: tuple[CertifiedTime, ...] = ()
    continues: str | None = None
    logic: CriteriaNode
    ask_first: tuple[AskFirst, ...] = ()
    flags: tuple[GuidelineFlag, ...] = ()
    notes: tuple[str, ...] = ()
    readings: tuple[SourceReading, ...] = ()
    tests: tuple[GuidelineTestCase, ...]

    @property
    def why_not_by_rule(self) -> str | None:
        """The reason that a met result is never approved by rule; None when it may be."""
        source = self.source
        if not self.auto_approve:
            return "the guideline leaves every approval to people"
        if source.under_reconsideration:
            return f"the determination is under reconsideration ({source.under_reconsideration})"
        if source.confidence is not Confidence.CONFIRMED:
            return f"its conditions are marked {source.confidence or 'by nobody'}, not confirmed"
        if self.applies_to.audience_gaps:
            return f"it does not say whom it is for ({', '.join(self.applies_to.audience_gaps)})"
        return None

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
