"""Which leaves decided, and how well they are supported.

A met verdict rests on the best supported set of leaves that is enough: of several branches that are met, the one whose
weakest leaf is strongest. A verdict of not met names every leaf that stands in the way, so that a reviewer and a letter
miss none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.criteria.compilation import MET, NOT_MET, UNKNOWN, Program, Step
from domain.criteria.model import NodeKind
from domain.evidence.facts import EvidenceTier
from domain.evidence.reading import TIER_RANK, Reading

_TIER = {rank: tier for tier, rank in TIER_RANK.items() if tier is not EvidenceTier.JUDGMENT}
_STRICTEST = max(_TIER)
_JUDGED = _STRICTEST + 1
_ANY, _NONE, _AT_LEAST = NodeKind.ANY, NodeKind.NONE, NodeKind.AT_LEAST


@dataclass(frozen=True, slots=True)
class Deciding:
    """The leaves that decided, in the order of the document, and the tiers as Verdict explains them."""

    leaves: tuple[str, ...] = ()
    evidence_floor: EvidenceTier | None = None
    floor_held: EvidenceTier | None = None


def deciding(program: Program, states: Sequence[int], readings: Sequence[Reading]) -> Deciding:
    """What decided the root; nothing for an unknown root."""
    root = len(program.steps) - 1
    if states[root] == UNKNOWN:
        return Deciding()
    case = _Known(program.steps, states, readings)
    if states[root] == NOT_MET:
        places = sorted(set(case.in_the_way(root)))
        held = None
    else:
        strength, found = case.best_support(root)
        places, held = sorted(set(found)), _TIER[strength // _BASE]
    seen = [rank for place in places if (rank := case.strength(place) % _BASE) != _JUDGED]
    return Deciding(
        tuple(program.steps[place].criterion.id for place in places), _TIER[min(seen)] if seen else None, held
    )


_BASE = 10
"""A strength is one number: the strictest plan floor that holds, times this, plus the tier seen (both as ranks)."""


@dataclass(frozen=True, slots=True)
class _Known:
    """One evaluation whose root is known."""

    steps: Sequence[Step]
    states: Sequence[int]
    readings: Sequence[Reading]

    def in_the_way(self, place: int) -> Iterator[int]:
        """Every leaf that works towards the state of a node."""
        step = self.steps[place]
        if step.leaf is not None:
            yield place
        for child in self.working(place):
            yield from self.in_the_way(child)

    def best_support(self, place: int) -> tuple[int, list[int]]:
        """The strength and the leaves of the best supported set that makes the state of a node sure."""
        step = self.steps[place]
        if step.leaf is not None:
            return self.strength(place), [place]
        supports = [self.best_support(child) for child in self.working(place)]
        enough = _enough(step, self.states[place])
        if enough < len(supports):
            supports.sort(key=_by_strength, reverse=True)
            del supports[enough:]
        return min(supports, key=_by_strength)[0], [leaf for _, leaves in supports for leaf in leaves]

    def working(self, place: int) -> list[int]:
        """The children whose state works towards the group's: the same state, or the opposite one under none."""
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


def _enough(step: Step, state: int) -> int:
    """How many working children make the group's state sure."""
    if step.kind is _AT_LEAST:
        return step.n if state == MET else len(step.children) - step.n + 1
    every = (state == MET) == (step.kind is not _ANY)
    return len(step.children) if every else 1
