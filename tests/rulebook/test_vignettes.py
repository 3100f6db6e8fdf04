"""The worked examples of every shipped guideline: six or more, of the kinds that matter, and no threshold moves unseen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.criteria.compilation import compile_guideline
from domain.criteria.evaluation import CriteriaNode, Guideline, evaluate_compiled
from domain.criteria.guideline_test_cases import facts_of_test_case
from domain.criteria.model import VignetteOutcome
from rulebook.guidelines import load_criteria

CRITERIA = load_criteria()
NO_BOUND = 9999
"""The upper end of a window that is open: so many days after, or more."""
GUIDELINES = [pytest.param(found, id=found.id) for found in CRITERIA.guidelines]
MANY_NODES = 50
"""A tree of more than this takes seconds to mutate."""
MUTATED = [
    pytest.param(found, id=found.id, marks=[pytest.mark.many] if len(found.nodes) > MANY_NODES else [])
    for found in CRITERIA.guidelines
]


SAME_EITHER_WAY = {
    ("OXY-G1B3", 0, -1): "a blood gas of 55 at rest is low by itself",
    ("OXY-G1D3", 0, -1): "a blood gas of 55 at rest is low by itself",
    ("OXY-G2-1", 0, -1): "a blood gas of 55 at rest is low by itself",
    ("OXY-G1B4", 0, -1): "a saturation of 88 at rest is low by itself",
    ("OXY-G1D4", 0, -1): "a saturation of 88 at rest is low by itself",
    ("LDCT-6d", 0, -1): "364 days lie in the gap that a person counts",
}
"""Thresholds that could move one way without anybody's outcome being another, and why."""
GRAY = 2
"""The place of the lower end of a gap in the source; the upper end is one further."""


def thresholds(node: CriteriaNode) -> Iterator[tuple[str, int]]:
    """(node id, place of the number) of every numeric threshold: one number, or each end of a range or of a gap."""
    for each in node.walk():
        values = each.value if isinstance(each.value, tuple) else (each.value,)
        for place, value in enumerate(values):
            if isinstance(value, int | float) and not isinstance(value, bool) and value != NO_BOUND:
                yield each.id or "", place
        if each.gray is not None:
            yield from ((each.id or "", place) for place in (GRAY, GRAY + 1))


def moved(
    node: CriteriaNode, node_id: str, place: int, step: int, gap: tuple[str, object] | None = None
) -> CriteriaNode:
    """The tree with one threshold moved; a gap in the source is moved in every leaf that repeats it."""
    if place >= GRAY and gap is None:
        named = next(each for each in node.walk() if each.id == node_id)
        gap = (named.fact or "", named.gray)
    if place >= GRAY and node.gray is not None and (node.fact, node.gray) == gap:
        ends = list(node.gray)
        ends[place - GRAY] += step
        return node.model_copy(update={"gray": tuple(ends) if ends[0] < ends[1] else None})
    if node.id == node_id and place < GRAY:
        many = isinstance(node.value, tuple)
        values = list(node.value) if isinstance(node.value, tuple) else [node.value]
        values[place] += step  # type: ignore[operator]
        return node.model_copy(update={"value": tuple(values) if many else values[0]})
    for kind in ("all", "any", "none", "prefer"):
        children = getattr(node, kind)
        if children is not None:
            return node.model_copy(update={kind: tuple(moved(one, node_id, place, step, gap) for one in children)})
    return node


def can_be(leaf: CriteriaNode, place: int, step: int) -> bool:
    """Whether the moved threshold is a value that can be measured: nobody is seen less than 0 days before an order."""
    if place >= GRAY:
        return True
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    bounds = CRITERIA.dictionary.by_id[leaf.fact or ""].plausible
    number = values[place]
    assert isinstance(number, int | float)
    return bounds is None or bounds[0] <= number + step <= bounds[1]


def outcomes(guideline: Guideline) -> tuple[str, ...]:
    """The outcome of each worked example that is about the member."""
    program, day = compile_guideline(guideline, CRITERIA.dictionary), guideline.effective_from
    return tuple(
        evaluate_compiled(program, facts_of_test_case(each, CRITERIA.dictionary, day), day).state.value
        for each in guideline.tests
        if each.lob is None and each.age is None
    )


@pytest.mark.parametrize("found", GUIDELINES)
def test_every_guideline_has_six_worked_examples_of_every_kind(found: Guideline) -> None:
    shown = {each.expect for each in found.tests}
    assert len(found.tests) >= 6
    assert shown == set(VignetteOutcome), "met, not met, unknown, and not for this member"
    assert any(each.lob is not None and each.lob not in found.applies_to.lobs for each in found.tests), "another plan"
    against = [each for each in found.tests if each.against]
    assert against and all(each.expect is VignetteOutcome.UNKNOWN for each in against), "two records that contradict"
    assert len({each.name for each in found.tests}) == len(found.tests)


@pytest.mark.parametrize("found", MUTATED)
def test_no_threshold_moves_by_one_without_a_worked_example_that_fails(found: Guideline) -> None:
    assert found.nodes, "no at_least is used, so every child is reached"
    before = outcomes(found)
    unseen = {
        (node_id, place, step)
        for node_id, place in thresholds(found.logic)
        for step in (-1, 1)
        if can_be(found.nodes[node_id], place, step)
        and outcomes(found.model_copy(update={"logic": moved(found.logic, node_id, place, step)})) == before
    }
    assert unseen == {each for each in SAME_EITHER_WAY if each[0] in found.nodes}


def test_a_threshold_without_an_example_at_its_edge_would_be_seen() -> None:
    found = next(each for each in CRITERIA.guidelines if each.id == "BAR")
    bare = found.model_copy(update={"tests": found.tests[:2]})
    loose = bare.model_copy(update={"logic": moved(bare.logic, "BAR-1", 0, 1)})
    assert outcomes(loose) == outcomes(bare)
