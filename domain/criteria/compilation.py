"""Compiled guidelines for fast evaluation: nodes in an order in which every child comes before its parents.

Refs are resolved to the node they name, leaves to a slot of the facts read and to one comparison function. Everything that
does not change between evaluations (criteria of the trace, trace of a missing fact, questions) is built here once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import itemgetter, or_
from typing import Any

from domain.criteria.model import CriteriaNode, Guideline, NodeKind, Op
from domain.criteria.soundness import GuidelineIssue, structure_issues
from domain.criteria.trace import AskedOf, Criterion, FactNeed, TraceNode
from domain.evidence.fact_reading import TIER_RANK, FactGap, FactReader, FactReading
from domain.evidence.facts import EvidenceTier, FactDefinition, FactDictionary
from domain.three_valued import Tri

NOT_MET, UNKNOWN, MET = 0, 1, 2
"""Kleene's values as numbers: all is the minimum, any the maximum, none two minus the maximum, at_least the n-th."""

SPAN_MARK = " after "
"""Between the two facts in the name of the slot that holds the days between their dates; no fact's id has a space."""

TRI_BY_NUMBER = (Tri.NOT_MET, Tri.UNKNOWN, Tri.MET)


class GuidelineNotUsable(ValueError):
    """The guideline cannot be evaluated with this dictionary; `issues` name every node, key and expected value."""

    def __init__(self, guideline_id: str, faults: Sequence[GuidelineIssue]) -> None:
        self.issues = tuple(faults)
        super().__init__(f"{guideline_id}: " + "; ".join(str(fault) for fault in faults))


@dataclass(frozen=True, slots=True)
class CompiledLeaf:
    """A compiled leaf. `slot` is the place of its fact in the readings; `needed_rank` is 0 for a judgment.

    A leaf about two dates reads a third slot with the days between them; `dates` are the slots and questions of the two.
    """

    slot: int
    passes: Callable[[object], bool]
    gray: tuple[float, float] | None
    definition: FactDefinition
    needed_rank: int
    criterion: Criterion
    when_missing: TraceNode
    need: FactNeed
    dates: tuple[tuple[int, FactNeed], ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledNode:
    """A compiled node. `children` are places of nodes, `pick` takes theirs from a list, `combine` makes the group's state.

    `as_ref` is the trace where another node refers to this one, by state. `combine` is None where states alone do not tell.
    `reads` are the slots on which the node depends, one bit each, and `unread` its trace while none of their facts was seen:
    it is unknown then.
    """

    criterion: Criterion
    kind: NodeKind
    children: tuple[int, ...]
    by_ref: tuple[bool, ...]
    has_refs: bool
    pick: Callable[[Sequence[Any]], tuple[Any, ...]]
    combine: Callable[[Sequence[int]], int] | None
    n: int
    leaf: CompiledLeaf | None
    as_ref: tuple[TraceNode, TraceNode, TraceNode]
    reads: int
    unread: TraceNode


@dataclass(frozen=True, slots=True)
class CompiledGuideline:
    """A compiled guideline; the last node is the root.

    `parents` are the places of the groups in which the nodes stand (-1 for the root); refs do not count.
    `unread` are the readings of all facts when nothing was seen; `flags` pair a leaf with its remark. `spans` are slots that
    hold the days between two dates, with the slots of the later and the earlier date. `approves_by_rule`: a met result may be
    approved by rule.
    """

    guideline: Guideline
    dictionary_hash: str
    steps: tuple[CompiledNode, ...]
    readers: tuple[FactReader, ...]
    unread: tuple[FactReading, ...]
    slots: dict[str, int]
    flags: tuple[tuple[CompiledLeaf, str], ...]
    parents: tuple[int, ...]
    spans: tuple[tuple[int, int, int], ...]
    approves_by_rule: bool


def compile_guideline(guideline: Guideline, dictionary: FactDictionary) -> CompiledGuideline:
    """Compile a guideline. Raises GuidelineNotUsable when its tree does not fit this dictionary."""
    faults = structure_issues(guideline, dictionary)
    if faults:
        raise GuidelineNotUsable(guideline.id, faults)
    builder = _Builder(guideline, dictionary)
    builder.place_of(guideline.logic)
    flags = tuple((builder.leaf(flag.when), flag.effect) for flag in guideline.flags)
    readers = tuple(FactReader(dictionary.by_id[fact.partition(SPAN_MARK)[0]]) for fact in builder.slots)
    return CompiledGuideline(
        guideline=guideline,
        dictionary_hash=dictionary.content_hash,
        steps=tuple(builder.steps),
        readers=readers,
        unread=tuple(reader.unread for reader in readers),
        slots=builder.slots,
        flags=flags,
        parents=_parents(builder.steps),
        spans=tuple(builder.spans.values()),
        approves_by_rule=guideline.why_not_by_rule is None,
    )


@dataclass(slots=True)
class _Builder:
    guideline: Guideline
    dictionary: FactDictionary
    steps: list[CompiledNode] = field(default_factory=list)
    slots: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    spans: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def place_of(self, node: CriteriaNode) -> int:
        """The place of a compiled node; built on first use, after its children."""
        target = self.guideline.target(node)
        assert target.id is not None
        if target.id not in self.places:
            children = tuple(self.place_of(child) for child in target.children)
            by_ref = tuple(child.ref is not None for child in target.children)
            leaf = self.leaf(target) if target.fact is not None else None
            n = target.at_least.n if target.at_least else 0
            step = CompiledNode(
                criterion=leaf.criterion if leaf else self.criterion(target),
                kind=target.kind,
                children=children,
                by_ref=by_ref,
                has_refs=any(by_ref),
                pick=_picker(children),
                combine=kleene_combiner(target.kind, n),
                n=n,
                leaf=leaf,
                as_ref=_ref_traces(target.id),
                reads=_bits_of(leaf) if leaf else self.bits_of(children),
                unread=leaf.when_missing if leaf else self.unread_trace(target, children, by_ref),
            )
            self.steps.append(step)
            self.places[target.id] = len(self.steps) - 1
        return self.places[target.id]

    def bits_of(self, children: Iterable[int]) -> int:
        return reduce(or_, (self.steps[child].reads for child in children), 0)

    def unread_trace(self, node: CriteriaNode, children: Sequence[int], by_ref: Sequence[bool]) -> TraceNode:
        """The trace of a group while no fact of its leaves was seen: nothing decides, so it is unknown."""
        below = tuple(
            self.steps[child].as_ref[UNKNOWN] if is_ref else self.steps[child].unread
            for child, is_ref in zip(children, by_ref, strict=True)
        )
        return TraceNode(self.criterion(node), Tri.UNKNOWN, below)

    def leaf(self, node: CriteriaNode) -> CompiledLeaf:
        assert node.fact is not None and node.op is not None
        definition = self.dictionary.by_id[node.fact]
        slot = self.slot_of(node.fact)
        criterion = self.criterion(node)
        missing = TraceNode(criterion, Tri.UNKNOWN, (), FactReading(node.fact, gap=FactGap.MISSING), FactGap.MISSING)
        judged = definition.evidence is EvidenceTier.JUDGMENT
        rank = 0 if judged else TIER_RANK[definition.evidence]
        test, need = leaf_test(node.op, node.value), _fact_need(node, definition)
        dates: tuple[tuple[int, FactNeed], ...] = ()
        if node.of is not None:
            earlier = self.dictionary.by_id[node.of]
            dates = ((slot, need), (self.slot_of(node.of), _fact_need(node, earlier)))
            rank = max(rank, TIER_RANK[earlier.evidence])
            slot = self.span_of(node.fact, node.of)
        return CompiledLeaf(slot, test, node.gray, definition, rank, criterion, missing, need, dates)

    def slot_of(self, fact: str) -> int:
        return self.slots.setdefault(fact, len(self.slots))

    def span_of(self, later: str, earlier: str) -> int:
        """The slot with the days between two dates."""
        name = f"{later}{SPAN_MARK}{earlier}"
        slots = self.slot_of(later), self.slot_of(earlier)
        return self.spans.setdefault(name, (self.slot_of(name), *slots))[0]

    def criterion(self, node: CriteriaNode) -> Criterion:
        assert node.id is not None
        definition = self.dictionary.by_id[node.fact] if node.fact is not None else None
        return Criterion(
            id=node.id,
            kind=node.kind,
            text=node.text,
            cite=node.cite,
            n=node.at_least.n if node.at_least else None,
            fact=node.fact,
            op=node.op,
            of=self.dictionary.by_id[node.of].label if node.of is not None else None,
            value=node.value,
            gray=node.gray,
            unit=definition.unit if definition else None,
            label=definition.label if definition else None,
        )


def kleene_combiner(kind: NodeKind, n: int) -> Callable[[Sequence[int]], int] | None:
    """The function that combines the states of a group by Kleene's logic: unknown, unless the known children decide.

    None for `prefer`, where the days of the measurements count too.
    """
    match kind:
        case NodeKind.ALL:
            return min
        case NodeKind.ANY:
            return max
        case NodeKind.NONE:
            return lambda states: MET - max(states)
        case NodeKind.PREFER:
            return None
        case _:
            return lambda states: sorted(states, reverse=True)[n - 1]


def _picker(places: tuple[int, ...]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    if len(places) == 1:
        only = places[0]
        return lambda found: (found[only],)
    return itemgetter(*places) if places else lambda found: ()


def leaf_test(op: Op, value: object) -> Callable[[object], bool]:
    """The test of one leaf; its argument has the right type, and `value` fits the operator."""
    expected: object = frozenset(value) if isinstance(value, tuple) and op in (Op.IN, Op.NOT_IN) else value
    match op:
        case Op.IS_TRUE:
            return lambda seen: seen is True
        case Op.IS_FALSE:
            return lambda seen: seen is False
        case Op.EQ:
            return lambda seen: seen == expected
        case Op.NE:
            return lambda seen: seen != expected
        case Op.LT:
            return lambda seen: seen < expected  # type: ignore[operator]
        case Op.LE:
            return lambda seen: seen <= expected  # type: ignore[operator]
        case Op.GT:
            return lambda seen: seen > expected  # type: ignore[operator]
        case Op.GE:
            return lambda seen: seen >= expected  # type: ignore[operator]
        case Op.BETWEEN | Op.DAYS_AFTER:
            return lambda seen: expected[0] <= seen <= expected[1]  # type: ignore[index]
        case Op.IN:
            return lambda seen: seen in expected  # type: ignore[operator]
        case Op.NOT_IN:
            return lambda seen: seen not in expected  # type: ignore[operator]
        case Op.PREFIX_ANY:
            return lambda seen: _any_begins_with(seen, expected)


def _any_begins_with(seen: object, prefixes: object) -> bool:
    codes = seen if isinstance(seen, tuple) else (seen,)
    return any(code.startswith(prefixes) for code in codes)


def _bits_of(leaf: CompiledLeaf) -> int:
    """The slots that a leaf reads; of two dates those of both."""
    return reduce(or_, (1 << slot for slot, _ in leaf.dates), 0) or 1 << leaf.slot


def _parents(steps: Sequence[CompiledNode]) -> tuple[int, ...]:
    parents = [-1] * len(steps)
    for place, step in enumerate(steps):
        for child, by_ref in zip(step.children, step.by_ref, strict=True):
            if not by_ref:
                parents[child] = place
    return tuple(parents)


def _fact_need(node: CriteriaNode, definition: FactDefinition) -> FactNeed:
    judged = definition.evidence is EvidenceTier.JUDGMENT
    return FactNeed(
        fact=definition.id,
        ask=definition.ask,
        type=definition.type,
        unit=definition.unit,
        values=definition.values,
        evidence=definition.evidence,
        criterion=node.id or "",
        gap=FactGap.MISSING,
        detail=None,
        asked_of=AskedOf.CLINICIAN if judged else AskedOf.PROVIDER if definition.held_by is None else AskedOf.PLAN,
    )


def _ref_traces(target_id: str) -> tuple[TraceNode, TraceNode, TraceNode]:
    criterion = Criterion(target_id, NodeKind.REF)
    return (
        TraceNode(criterion, TRI_BY_NUMBER[0]),
        TraceNode(criterion, TRI_BY_NUMBER[1]),
        TraceNode(criterion, TRI_BY_NUMBER[2]),
    )
