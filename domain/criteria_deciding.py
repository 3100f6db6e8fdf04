"""Which leaves decided, and how well they are supported.

A met verdict rests on the best supported set of leaves that is enough: of several branches that are met, the one whose
weakest leaf is strongest. A verdict of not met names every leaf that stands in the way, so that a reviewer and a letter
miss none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.criteria_compile import MET, NOT_MET, UNKNOWN, Leaf, Program, Step
from domain.criteria_model import NodeKind
from domain.fact_reading import TIER_RANK, Reading
from domain.facts import EvidenceTier

_TIER = {rank: tier for tier, rank in TIER_RANK.items() if tier is not EvidenceTier.JUDGMENT}
_STRICTEST = max(_TIER)
_JUDGED = _STRICTEST + 1

Strength = tuple[int, int]
"""(the strictest plan floor that holds, the tier seen), as ranks; compared in this order."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """The leaves that decided, in the order of the document, and the tiers as Verdict explains them."""

    leaves: tuple[str, ...] = ()
    evidence_floor: EvidenceTier | None = None
    floor_held: EvidenceTier | None = None


def deciding(program: Program, states: Sequence[int], readings: Sequence[Reading]) -> Deciding:
    """What decided the root; nothing for an unknown root."""
    steps, root = program.steps, len(program.steps) - 1
    if states[root] == UNKNOWN:
        return Deciding()
    strengths = _strengths(steps, states, readings)
    chosen = sorted(set(_deciders(steps, states, strengths, root, everything=states[root] == NOT_MET)))
    seen = [tier for place in chosen if (tier := strengths[place][1]) != _JUDGED]
    held = _TIER[min(strengths[place][0] for place in chosen)] if states[root] == MET else None
    return Deciding(tuple(steps[place].criterion.id for place in chosen), _TIER[min(seen)] if seen else None, held)


def _strengths(steps: Sequence[Step], states: Sequence[int], readings: Sequence[Reading]) -> list[Strength]:
    """For each known node the strength of its best support; nothing is read of an unknown node's."""
    found: list[Strength] = []
    for place, step in enumerate(steps):
        if states[place] == UNKNOWN:
            found.append((0, 0))
        elif step.leaf is not None:
            found.append(_leaf_strength(step.leaf, readings[step.leaf.slot]))
        else:
            support = sorted((found[child] for child in _supporting(step, states[place], states)), reverse=True)
            found.append(support[_enough(step, states[place]) - 1])
    return found


def _leaf_strength(leaf: Leaf, reading: Reading) -> Strength:
    assert reading.evidence is not None
    needed, seen = leaf.definition.evidence, TIER_RANK[reading.evidence]
    if needed is EvidenceTier.JUDGMENT:
        return _STRICTEST, _JUDGED
    return (_STRICTEST if seen >= TIER_RANK[needed] else seen), seen


def _deciders(
    steps: Sequence[Step], states: Sequence[int], strengths: Sequence[Strength], place: int, *, everything: bool
) -> Iterator[int]:
    step = steps[place]
    if step.leaf is not None:
        yield place
        return
    support = _supporting(step, states[place], states)
    if not everything:
        support.sort(key=strengths.__getitem__, reverse=True)
        del support[_enough(step, states[place]) :]
    for child in support:
        yield from _deciders(steps, states, strengths, child, everything=everything)


def _supporting(step: Step, state: int, states: Sequence[int]) -> list[int]:
    """The children whose state works towards the group's: the same state, or the opposite one under none."""
    wanted = 2 - state if step.kind is NodeKind.NONE else state
    return [child for child in step.children if states[child] == wanted]


def _enough(step: Step, state: int) -> int:
    """How many supporting children make the group's state sure."""
    met = state == MET
    match step.kind:
        case NodeKind.ALL:
            return len(step.children) if met else 1
        case NodeKind.ANY:
            return 1 if met else len(step.children)
        case NodeKind.NONE:
            return len(step.children) if met else 1
        case _:
            return step.n if met else len(step.children) - step.n + 1
