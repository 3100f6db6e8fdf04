"""The missing facts of an open case, by branch: one request can say "these, and any one of those".

Only what can still change the outcome is listed: a branch that is settled, or that hangs under a settled node, is left
out. Under `none` the wanted outcome is reversed: the group is met when its children are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.criteria.compilation import MET, UNKNOWN, CompiledGuideline, CompiledLeaf, CompiledNode
from domain.criteria.model import NodeKind
from domain.criteria.trace import AskedOf, FactGroup, FactNeed, NeedRule, TraceNode
from domain.evidence.fact_reading import FactGap, FactReading

_GRAY = "the source says nothing about values in this range"
_DISAGREE = "tests of different days disagree, and the source does not say which of them counts"
_ANY, _NONE, _AT_LEAST, _PREFER = NodeKind.ANY, NodeKind.NONE, NodeKind.AT_LEAST, NodeKind.PREFER
_ALL_OF, _ANY_ONE_OF, _SOME_OF = NeedRule.ALL_OF, NeedRule.ANY_ONE_OF, NeedRule.AT_LEAST
_MISSING, _CLINICIAN = FactGap.MISSING, AskedOf.CLINICIAN

MissingItem = FactNeed | FactGroup


def missing_groups(
    program: CompiledGuideline, states: Sequence[int], traces: Sequence[TraceNode], readings: Sequence[FactReading]
) -> tuple[FactGroup, ...]:
    """Find the groups that all have to be resolved for an unknown root to become known; empty for a known root."""
    root = len(program.steps) - 1
    if states[root] != UNKNOWN:
        return ()
    found = _OpenEvaluation(program.steps, program.parents, states, traces, readings).need(root, True)
    if isinstance(found, FactNeed):
        title = next(step.criterion.text for step in program.steps if step.criterion.id == found.criterion)
        return (FactGroup(found.criterion, _ALL_OF, (found,), title),)
    if found.rule is not _ALL_OF:
        return (found,)
    plain = tuple(item for item in found.items if isinstance(item, FactNeed))
    nested = tuple(item for item in found.items if isinstance(item, FactGroup))
    if not plain and not found.also:
        return nested
    return (replace(found, items=plain), *nested)


@dataclass(frozen=True, slots=True)
class _OpenEvaluation:
    """One open evaluation."""

    steps: Sequence[CompiledNode]
    parents: Sequence[int]
    states: Sequence[int]
    traces: Sequence[TraceNode]
    readings: Sequence[FactReading]

    def need(self, place: int, wants_met: bool) -> MissingItem:
        """The facts that give the node at `place` the wanted outcome."""
        step, states = self.steps[place], self.states
        if step.leaf is not None and step.leaf.dates and self.traces[place].gap is not FactGap.GRAY_ZONE:
            return self.need_of_dates(step.leaf)
        if step.leaf is not None:
            return _need_of_leaf(step.leaf, self.traces[place])
        if self.traces[place].gap is FactGap.DISAGREEING_TESTS:
            return self.need_of_judgment(step)
        wants_child_met = not wants_met if step.kind is _NONE else wants_met
        also: list[str] = []
        if step.has_refs:
            wanted = self.listed_here(step, also)
        else:
            wanted = [child for child in step.children if states[child] == UNKNOWN]
        if step.kind is _PREFER:
            wanted = self.doubtful_tests(wanted)
        found = [self.missing_fact(child) or self.need(child, wants_child_met) for child in wanted]
        if len(found) == 1 and not also:
            return _with_title(found[0], step)
        rule, n = self.rule(step, wants_met)
        items = _merged_items(found, also, rule)
        elsewhere = _listed_elsewhere(items, also) if also else ()
        return FactGroup(step.criterion.id, rule, items, step.criterion.text, n, elsewhere)

    def need_of_dates(self, leaf: CompiledLeaf) -> MissingItem:
        """Of two dates those that are not known."""
        open_dates = tuple(
            replace(need, gap=gap, detail=self.readings[slot].detail)
            for slot, need in leaf.dates
            if (gap := self.readings[slot].gap) is not None
        )
        if len(open_dates) == 1:
            return open_dates[0]
        return FactGroup(leaf.criterion.id, _ALL_OF, open_dates, leaf.criterion.text)

    def doubtful_tests(self, wanted: list[int]) -> list[int]:
        """Of several tests those that were done and cannot be read; all of them while none was done."""
        return [place for place in wanted if self.traces[place].gap is not FactGap.MISSING] or wanted

    def need_of_judgment(self, step: CompiledNode) -> FactNeed:
        """The question to a clinician which of several tests counts."""
        first = self.steps[step.children[0]].leaf
        assert first is not None
        gap = FactGap.DISAGREEING_TESTS
        return replace(first.need, criterion=step.criterion.id, gap=gap, detail=_DISAGREE, asked_of=_CLINICIAN)

    def missing_fact(self, place: int) -> FactNeed | None:
        """The need of a leaf whose fact was not seen at all: prepared once, and the same in every case."""
        leaf = self.steps[place].leaf
        if leaf is None or leaf.dates:
            return None
        return leaf.need if self.traces[place] is leaf.when_missing else None

    def listed_here(self, step: CompiledNode, also: list[str]) -> list[int]:
        """The open children, without what a ref names and is listed in full where it stands: that goes to `also`."""
        wanted: list[int] = []
        for child, by_ref in zip(step.children, step.by_ref, strict=True):
            if self.states[child] != UNKNOWN:
                continue
            if by_ref and self.is_listed(child):
                self.add_facts_under(child, also)
            else:
                wanted.append(child)
        return wanted

    def is_listed(self, place: int) -> bool:
        """Whether the node is open where it stands, with all the groups around it."""
        while place >= 0 and self.states[place] == UNKNOWN:
            place = self.parents[place]
        return place < 0

    def add_facts_under(self, place: int, facts: list[str]) -> None:
        step = self.steps[place]
        if step.leaf is not None:
            facts.append(step.leaf.definition.id)
        for child in step.children:
            if self.states[child] == UNKNOWN:
                self.add_facts_under(child, facts)

    def rule(self, step: CompiledNode, wants_met: bool) -> tuple[NeedRule, int | None]:
        if step.kind is _PREFER:
            return _ANY_ONE_OF, None
        if step.kind is not _AT_LEAST:
            return (_ALL_OF if wants_met == (step.kind is not _ANY) else _ANY_ONE_OF), None
        found = step.pick(self.states)
        met, unknown = found.count(MET), found.count(UNKNOWN)
        enough = step.n - met if wants_met else unknown - (step.n - met) + 1
        if enough == unknown:
            return _ALL_OF, None
        return (_ANY_ONE_OF, None) if enough == 1 else (_SOME_OF, enough)


def _need_of_leaf(leaf: CompiledLeaf, trace: TraceNode) -> FactNeed:
    gap = trace.gap
    assert gap is not None
    if gap is _MISSING:
        return leaf.need
    if gap is FactGap.GRAY_ZONE:
        return replace(leaf.need, gap=gap, detail=_GRAY, asked_of=_CLINICIAN)
    return replace(leaf.need, gap=gap, detail=trace.reading.detail if trace.reading else None)


def _merged_items(found: Sequence[MissingItem], also: list[str], rule: NeedRule) -> tuple[MissingItem, ...]:
    """The items of a group: a nested group with the same rule is merged into it, and no question is asked twice."""
    if rule is _SOME_OF:
        return tuple(found)
    items: dict[object, MissingItem] = {}
    for need in found:
        if isinstance(need, FactNeed):
            items.setdefault(_question_key(need), need)
        elif need.rule is rule and (rule is _ALL_OF or not need.also):
            also.extend(need.also)
            for part in need.items:
                items.setdefault(_question_key(part), part)
        else:
            items[need.criterion, "group"] = need
    return tuple(items.values())


def _question_key(need: MissingItem) -> object:
    """The key by which two needs are the same: a provider gives a fact once, a clinician answers each criterion."""
    if isinstance(need, FactGroup):
        return need.criterion, "group"
    return need.criterion if need.asked_of is _CLINICIAN else need.fact


def _listed_elsewhere(items: Sequence[MissingItem], also: Sequence[str]) -> tuple[str, ...]:
    listed = {item.fact for item in items if isinstance(item, FactNeed)}
    return tuple(fact for fact in dict.fromkeys(also) if fact not in listed)


def _with_title(item: MissingItem, step: CompiledNode) -> MissingItem:
    if isinstance(item, FactGroup) and item.title is None and step.criterion.text is not None:
        return replace(item, title=step.criterion.text)
    return item
