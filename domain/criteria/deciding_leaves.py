"""The deciding leaves of a criteria result, and their evidence.

A met result rests on the best supported sufficient set of leaves: of several branches that are met, the one whose
weakest leaf is strongest. A not met result names every leaf that prevents it, so that a reviewer and a letter miss none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.criteria.compilation import MET, NOT_MET, UNKNOWN, CompiledGuideline, CompiledNode
from domain.criteria.model import NodeKind
from domain.evidence.fact_reading import TIER_RANK, FactReading
from domain.evidence.facts import EvidenceTier

_TIER = {rank: tier for tier, rank in TIER_RANK.items() if tier is not EvidenceTier.JUDGMENT}
_STRICTEST = max(_TIER)
_JUDGED = _STRICTEST + 1
_ANY, _NONE, _AT_LEAST, _PREFER = NodeKind.ANY, NodeKind.NONE, NodeKind.AT_LEAST, NodeKind.PREFER


@dataclass(frozen=True, slots=True)
class DecidingLeaves:
    """The deciding leaves, in the order of the document, and the evidence tiers as `CriteriaResult` explains them."""

    leaves: tuple[str, ...] = ()
    evidence_floor: EvidenceTier | None = None
    floor_held: EvidenceTier | None = None


def find_deciding_leaves(
    program: CompiledGuideline, states: Sequence[int], readings: Sequence[FactReading]
) -> DecidingLeaves:
    """Find the leaves that decided the root; none for an unknown root."""
    root = len(program.steps) - 1
    if states[root] == UNKNOWN:
        return DecidingLeaves()
    case = _KnownOutcome(program.steps, states, readings)
    if states[root] == NOT_MET:
        places = sorted(set(case.contributing_leaves(root)))
        held = None
    else:
        strength, found = case.best_support(root)
        places, held = sorted(set(found)), _TIER[strength // _BASE]
    seen = [rank for place in places if (rank := case.strength(place) % _BASE) != _JUDGED]
    return DecidingLeaves(
        tuple(program.steps[place].criterion.id for place in places), _TIER[min(seen)] if seen else None, held
    )


_BASE = 10
"""A strength is one number: the strictest plan floor that holds, times this, plus the tier seen (both as ranks)."""


@dataclass(frozen=True, slots=True)
class _KnownOutcome:
    """One evaluation whose root is known."""

    steps: Sequence[CompiledNode]
    states: Sequence[int]
    readings: Sequence[FactReading]

    def contributing_leaves(self, place: int) -> Iterator[int]:
        """Every leaf that contributes to the state of a node."""
        step = self.steps[place]
        if step.leaf is not None:
            yield place
        for child in self.contributing_children(place):
            yield from self.contributing_leaves(child)

    def best_support(self, place: int) -> tuple[int, list[int]]:
        """The strength and the leaves of the best supported set that makes the state of a node certain."""
        step = self.steps[place]
        if step.leaf is not None:
            return self.strength(place), [place]
        supports = [self.best_support(child) for child in self.contributing_children(place)]
        enough = _sufficient_count(step, self.states[place])
        if enough < len(supports):
            supports.sort(key=_by_strength, reverse=True)
            del supports[enough:]
        return min(supports, key=_by_strength)[0], [leaf for _, leaves in supports for leaf in leaves]

    def contributing_children(self, place: int) -> list[int]:
        """The children whose state contributes to the group's: the same state, or the opposite one under none."""
        step, states = self.steps[place], self.states
        wanted = MET - states[place] if step.kind is _NONE else states[place]
        return [child for child in step.children if states[child] == wanted]

    def strength(self, place: int) -> int:
        leaf = self.steps[place].leaf
        assert leaf is not None
        evidence = self.readings[leaf.slot].evidence
        assert evidence is not None
        if leaf.needed_rank == 0:
            return _STRICTEST * _BASE + _JUDGED
        seen = TIER_RANK[evidence]
        return (_STRICTEST if seen >= leaf.needed_rank else seen) * _BASE + seen


def _by_strength(support: tuple[int, list[int]]) -> int:
    return support[0]


def _sufficient_count(step: CompiledNode, state: int) -> int:
    """The number of contributing children that make the group's state certain."""
    if step.kind is _AT_LEAST:
        return step.n if state == MET else len(step.children) - step.n + 1
    if step.kind is _PREFER:
        return 1
    every = (state == MET) == (step.kind is not _ANY)
    return len(step.children) if every else 1
