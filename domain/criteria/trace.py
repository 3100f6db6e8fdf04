"""Criteria results: the full trace, the missing facts, and the result of an evaluation with its summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import Field

from domain.criteria.model import NodeKind, Op
from domain.evidence.fact_reading import TIER_RANK, FactGap, FactReading
from domain.evidence.facts import EvidenceTier, FactType, FactValue, Number
from domain.model import Model
from domain.three_valued import Tri


@dataclass(frozen=True, slots=True)
class Criterion:
    """The fixed part of a trace node. `value` and `gray` are in `unit`; a ref has the id of the node it names.

    `label` are the dictionary's plain words for the fact of a leaf, `of` those for the earlier of two dates.
    """

    id: str
    kind: NodeKind
    text: str | None = None
    cite: str | None = None
    n: int | None = None
    fact: str | None = None
    op: Op | None = None
    of: str | None = None
    value: FactValue | tuple[Number, ...] | None = None
    gray: tuple[Number, Number] | None = None
    unit: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, init=False)
class TraceNode:
    """One evaluated node. A leaf has the reading of its fact; `gap` says why a leaf is unknown.

    A ref carries only the state: the node it names stands elsewhere in the same trace, once.
    """

    criterion: Criterion
    state: Tri
    children: tuple[TraceNode, ...] = ()
    reading: FactReading | None = None
    gap: FactGap | None = None

    def __init__(
        self,
        criterion: Criterion,
        state: Tri,
        children: tuple[TraceNode, ...] = (),
        reading: FactReading | None = None,
        gap: FactGap | None = None,
    ) -> None:
        # A frozen dataclass sets its fields three times slower than this, and a trace has dozens of nodes.
        _set_criterion(self, criterion)
        _set_state(self, state)
        _set_children(self, children)
        _set_reading(self, reading)
        _set_gap(self, gap)

    def walk(self) -> Iterator[TraceNode]:
        """This node and everything below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()


def _setter(name: str) -> Callable[[TraceNode, object], None]:
    setter: Callable[[TraceNode, object], None] = getattr(TraceNode, name).__set__
    return setter


_set_criterion, _set_state = _setter("criterion"), _setter("state")
_set_children, _set_reading, _set_gap = _setter("children"), _setter("reading"), _setter("gap")


class AskedOf(StrEnum):
    """The party that can resolve a criterion: the provider with information, a clinician by judgment, or the plan itself."""

    PROVIDER = "provider"
    CLINICIAN = "clinician"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class FactNeed:
    """One fact that can still change the outcome. `detail` says what was wrong with what was seen."""

    fact: str
    criterion: str
    ask: str
    type: FactType
    evidence: EvidenceTier
    gap: FactGap
    asked_of: AskedOf
    unit: str | None = None
    values: tuple[str, ...] = ()
    detail: str | None = None


class NeedRule(StrEnum):
    ALL_OF = "all_of"
    ANY_ONE_OF = "any_one_of"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts that belong together. `any_one_of`: one settled item is enough; `at_least`: `n` of them.

    `also` are facts this branch needs too and that stand elsewhere in the same request.
    """

    criterion: str
    rule: NeedRule
    items: tuple[FactNeed | FactGroup, ...]
    title: str | None = None
    n: int | None = None
    also: tuple[str, ...] = ()

    def needs(self) -> Iterator[FactNeed]:
        """Every fact in it, in order; a fact that serves several branches comes several times."""
        for item in self.items:
            if isinstance(item, FactNeed):
                yield item
            else:
                yield from item.needs()

    def options(self) -> tuple[tuple[FactNeed, ...], ...]:
        """Two levels for a form or letter: the branches of an any_one_of, or one list with everything.

        Inside a branch alternatives are listed side by side; the tree in `items` tells them apart.
        """
        if self.rule is NeedRule.ALL_OF:
            return (_once(self.needs()),)
        branches = ((item,) if isinstance(item, FactNeed) else _once(item.needs()) for item in self.items)
        return tuple(branch for branch in branches if branch)


class QuestionForm(StrEnum):
    """`fact`: one fact. `all_of`: yes or no to a short list that belongs together. `one_of`: one option is enough.
    `none_of`: a list of which nothing may be so."""

    FACT = "fact"
    ALL_OF = "all_of"
    ONE_OF = "one_of"
    NONE_OF = "none_of"


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the provider. Only a `one_of` has several options.

    `instead` are the other ways to satisfy the same criterion, in the guideline's words: none of their facts is asked yet.
    """

    criterion: str
    form: QuestionForm
    options: tuple[tuple[FactNeed, ...], ...]
    title: str
    instead: tuple[str, ...] = ()

    def needs(self) -> Iterator[FactNeed]:
        """Every fact in it, in order."""
        for option in self.options:
            yield from option


class CriteriaResultState(StrEnum):
    """Tri, and `not_applicable`: the guideline is not about this service, which says nothing about need."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class CriteriaResultSummary(Model):
    """The criteria result as it travels in messages: no values, no text about the patient."""

    guideline_id: str
    version: str
    content_hash: str
    state: CriteriaResultState
    decided_by: tuple[str, ...]
    missing: tuple[str, ...]
    open_criteria: tuple[str, ...]
    evidence_floor: EvidenceTier | None = None
    floor_held: EvidenceTier | None = None
    auto_approve: bool


class CriteriaResult(Model):
    """The result of a guideline for one service line. It proposes; a decision is made elsewhere.

    `decided_by`: the leaves that decided. For met, the best supported set that is enough; for not_met, every leaf
    that prevents it; empty for unknown. `missing`: the facts that can still change an unknown outcome; every group has to
    be resolved. `evidence_floor`: the weakest tier among the deciding leaves, judgments apart (None without any).
    `floor_held`: the strictest plan floor that a met result reaches (see `meets_floor`). `flags`: remarks that apply.
    `questions`: the next round for the provider, where one was planned for this and the guidelines that bind with it.
    """

    guideline_id: str
    version: str
    content_hash: str
    dictionary_hash: str
    citation: str
    title: str
    auto_approve: bool
    state: CriteriaResultState
    trace: TraceNode | None = None
    decided_by: tuple[str, ...] = ()
    missing: tuple[FactGroup, ...] = ()
    evidence_floor: EvidenceTier | None = None
    floor_held: EvidenceTier | None = None
    flags: tuple[str, ...] = ()
    questions: tuple[Question, ...] | None = Field(default=None, exclude_if=lambda planned: planned is None)

    @property
    def missing_facts(self) -> tuple[str, ...]:
        """Ids of the facts that the provider can still give and that can change the outcome, each once, in order."""
        return tuple(dict.fromkeys(need.fact for need in self._needs() if need.asked_of is AskedOf.PROVIDER))

    @property
    def facts_held_by_plan(self) -> tuple[str, ...]:
        """Ids of the facts that the plan's own records should hold and do not, and that can change the outcome."""
        return tuple(dict.fromkeys(need.fact for need in self._needs() if need.asked_of is AskedOf.PLAN))

    @property
    def open_criteria(self) -> tuple[str, ...]:
        """Ids of the leaves that only a clinician can answer (judgments, gray zones) and that change the outcome."""
        return tuple(dict.fromkeys(need.criterion for need in self._needs() if need.asked_of is AskedOf.CLINICIAN))

    def _needs(self) -> Iterator[FactNeed]:
        for group in self.missing:
            yield from group.needs()

    def summary(self) -> CriteriaResultSummary:
        return CriteriaResultSummary(
            guideline_id=self.guideline_id,
            version=self.version,
            content_hash=self.content_hash,
            state=self.state,
            decided_by=self.decided_by,
            missing=self.missing_facts,
            open_criteria=self.open_criteria,
            evidence_floor=self.evidence_floor,
            floor_held=self.floor_held,
            auto_approve=self.auto_approve,
        )


def meets_floor(verdict: CriteriaResult | CriteriaResultSummary, floor: EvidenceTier) -> bool:
    """Whether a met result is supported well enough for a plan that demands `floor`.

    Each deciding leaf must reach the plan's floor or what the dictionary asks for that fact, whichever is weaker: no
    plan can have in a chart what by nature is a statement, and no statement replaces a document where the dictionary
    wants one, unless the plan's floor is `attest`. A judgment leaf holds any floor: a clinician answered it.
    Raises ValueError for the floor `judgment`, which no plan can demand.
    """
    if floor is EvidenceTier.JUDGMENT:
        raise ValueError("judgment is no evidence floor; use structured, document or attest")
    held = verdict.floor_held
    return verdict.state is CriteriaResultState.MET and held is not None and TIER_RANK[held] >= TIER_RANK[floor]


def may_approve_by_rule(verdict: CriteriaResult | CriteriaResultSummary, floor: EvidenceTier) -> bool:
    """Whether software may approve: met, supported above the plan's floor, and the guideline allows it."""
    return verdict.auto_approve and meets_floor(verdict, floor)


def provider_questions(groups: tuple[FactGroup, ...]) -> tuple[FactGroup, ...]:
    """The questions for the provider: without needs that only a clinician can resolve, and without empty branches."""
    return tuple(kept for group in groups if (kept := _provider_part(group)) is not None)


def _provider_part(group: FactGroup) -> FactGroup | None:
    kept: list[FactNeed | FactGroup] = []
    for item in group.items:
        if isinstance(item, FactGroup):
            part = _provider_part(item)
            if part is not None:
                kept.append(part)
        elif item.asked_of is AskedOf.PROVIDER:
            kept.append(item)
    return replace(group, items=tuple(kept)) if kept else None


def _once(needs: Iterator[FactNeed]) -> tuple[FactNeed, ...]:
    first: dict[str, FactNeed] = {}
    for need in needs:
        first.setdefault(need.fact, need)
    return tuple(first.values())
