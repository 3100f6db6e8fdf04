"""What an open case still needs, by branch: one request can say "these, and any one of those".

Only what can still change the outcome is listed: a branch that is settled, or that hangs under a settled node, is left
out. Under `none` the wish turns round: the group comes true when its children do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.criteria_compile import MET, UNKNOWN, Program, Step
from domain.criteria_model import NodeKind
from domain.criteria_trace import AskedOf, FactGroup, FactNeed, NeedRule, TraceNode
from domain.fact_reading import Gap

_GRAY = "the source says nothing about values in this range"


def missing_groups(program: Program, states: Sequence[int], traces: Sequence[TraceNode]) -> tuple[FactGroup, ...]:
    """The groups that all have to be settled for an unknown root to become known; empty for a known root."""
    root = len(program.steps) - 1
    if states[root] != UNKNOWN:
        return ()
    direct = frozenset(_reached(program.steps, states, root))
    found = _Open(program.steps, states, traces, direct).need(root, wants_met=True)
    if isinstance(found, FactNeed):
        return (FactGroup(criterion=found.criterion, title=None, rule=NeedRule.ALL_OF, items=(found,)),)
    if found.rule is not NeedRule.ALL_OF:
        return (found,)
    plain = tuple(item for item in found.items if isinstance(item, FactNeed))
    nested = tuple(item for item in found.items if isinstance(item, FactGroup))
    if not plain and not found.also:
        return nested
    return (found.model_copy(update={"items": plain}), *nested)


@dataclass(frozen=True, slots=True)
class _Open:
    """One open evaluation. `direct` are the open nodes reached from the root without a ref: they are listed in full."""

    steps: Sequence[Step]
    states: Sequence[int]
    traces: Sequence[TraceNode]
    direct: frozenset[int]

    def need(self, place: int, *, wants_met: bool) -> FactNeed | FactGroup:
        step = self.steps[place]
        if step.leaf is not None:
            return self.fact(place)
        rule, n = self.rule(step, wants_met)
        wants_child_met = not wants_met if step.kind is NodeKind.NONE else wants_met
        items: list[FactNeed | FactGroup] = []
        also: list[str] = []
        for child, by_ref in zip(step.children, step.by_ref, strict=True):
            if self.states[child] != UNKNOWN:
                continue
            if by_ref and child in self.direct:
                also.extend(self.facts_under(child))
            else:
                _add(items, also, self.need(child, wants_met=wants_child_met), rule)
        if len(items) == 1 and not also:
            return _titled(items[0], step)
        listed = {item.fact for item in items if isinstance(item, FactNeed)}
        return FactGroup.model_construct(
            criterion=step.criterion.id,
            title=step.criterion.text,
            rule=rule,
            n=n,
            items=tuple(items),
            also=tuple(fact for fact in dict.fromkeys(also) if fact not in listed),
        )

    def rule(self, step: Step, wants_met: bool) -> tuple[NeedRule, int | None]:
        if step.kind is not NodeKind.AT_LEAST:
            every = wants_met == (step.kind is not NodeKind.ANY)
            return (NeedRule.ALL_OF if every else NeedRule.ANY_ONE_OF), None
        met = sum(self.states[child] == MET for child in step.children)
        unknown = sum(self.states[child] == UNKNOWN for child in step.children)
        enough = step.n - met if wants_met else unknown - (step.n - met) + 1
        if enough == unknown:
            return NeedRule.ALL_OF, None
        return (NeedRule.ANY_ONE_OF, None) if enough == 1 else (NeedRule.AT_LEAST, enough)

    def fact(self, place: int) -> FactNeed:
        leaf, trace = self.steps[place].leaf, self.traces[place]
        assert leaf is not None and trace.gap is not None
        if trace.gap is Gap.MISSING:
            return leaf.need
        if trace.gap is Gap.GRAY_ZONE:
            return leaf.need.model_copy(update={"gap": trace.gap, "detail": _GRAY, "asked_of": AskedOf.CLINICIAN})
        detail = trace.reading.detail if trace.reading else None
        return leaf.need.model_copy(update={"gap": trace.gap, "detail": detail})

    def facts_under(self, place: int) -> Iterator[str]:
        if self.states[place] == UNKNOWN:
            step = self.steps[place]
            if step.leaf is not None:
                yield step.leaf.definition.id
            for child in step.children:
                yield from self.facts_under(child)


def _reached(steps: Sequence[Step], states: Sequence[int], place: int) -> Iterator[int]:
    if states[place] == UNKNOWN:
        yield place
        for child, by_ref in zip(steps[place].children, steps[place].by_ref, strict=True):
            if not by_ref:
                yield from _reached(steps, states, child)


def _add(items: list[FactNeed | FactGroup], also: list[str], found: FactNeed | FactGroup, rule: NeedRule) -> None:
    """Add a child's need; a group of the same rule melts into its parent, a fact already listed is not repeated."""
    parts: tuple[FactNeed | FactGroup, ...] = (found,)
    if isinstance(found, FactGroup) and _melts(found, rule):
        parts = found.items
        also.extend(found.also)
    for part in parts:
        if rule is NeedRule.AT_LEAST or not isinstance(part, FactNeed) or not _lists(items, part):
            items.append(part)


def _melts(group: FactGroup, into: NeedRule) -> bool:
    if group.rule is not into:
        return False
    return into is NeedRule.ALL_OF or (into is NeedRule.ANY_ONE_OF and not group.also)


def _lists(items: list[FactNeed | FactGroup], need: FactNeed) -> bool:
    """Whether the same question is already there; each criterion that a clinician has to answer stands for itself."""
    if need.asked_of is AskedOf.CLINICIAN:
        return any(isinstance(item, FactNeed) and item.criterion == need.criterion for item in items)
    return any(isinstance(item, FactNeed) and item.fact == need.fact for item in items)


def _titled(item: FactNeed | FactGroup, step: Step) -> FactNeed | FactGroup:
    if isinstance(item, FactGroup) and item.title is None and step.criterion.text is not None:
        return item.model_copy(update={"title": step.criterion.text})
    return item
