"""Instruments in guidelines: the score of a questionnaire or scale may support a request and never refuse it.

A low score says that this instrument found little, on that day and in those answers; it does not say that the patient needs
no care. So no assignment of scores may make a guideline not met while everything else is still unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.criteria.model import CriteriaNode, Guideline, NodeKind
from domain.criteria.soundness import GuidelineIssue, nodes_with_paths
from domain.evidence.facts import FactDictionary


@dataclass(frozen=True, slots=True)
class _Reach:
    """Whether some scores alone make a node met, and whether some make it not met."""

    met: bool
    not_met: bool


def instrument_issues(guideline: Guideline, dictionary: FactDictionary) -> tuple[GuidelineIssue, ...]:
    """Find the places at which scores of instruments alone make the guideline not met; none in a sound guideline.

    The guideline has to be sound in structure: every fact known, no circular ref.
    """
    if not _reach(guideline, guideline.logic, dictionary).not_met:
        return ()
    return tuple(_places(guideline, dictionary))


def _places(guideline: Guideline, dictionary: FactDictionary) -> Iterator[GuidelineIssue]:
    for path, node in nodes_with_paths(guideline.logic):
        instrument = _instrument(node, dictionary)
        if instrument is not None:
            problem = f"a score of {instrument} alone can make {guideline.id} not met"
            expected = "an any group with a finding that is no score beside it, or a flag"
            yield GuidelineIssue((*path, "fact"), problem, expected)


def _instrument(node: CriteriaNode, dictionary: FactDictionary) -> str | None:
    return dictionary.by_id[node.fact].instrument if node.fact is not None else None


def _reach(guideline: Guideline, node: CriteriaNode, dictionary: FactDictionary) -> _Reach:
    node = guideline.target(node)
    if node.kind is NodeKind.LEAF:
        is_score = _instrument(node, dictionary) is not None
        return _Reach(is_score, is_score)
    below = [_reach(guideline, child, dictionary) for child in node.children]
    met, not_met = sum(one.met for one in below), sum(one.not_met for one in below)
    match node.kind:
        case NodeKind.ANY:
            return _Reach(met > 0, not_met == len(below))
        case NodeKind.NONE:
            return _Reach(not_met == len(below), met > 0)
        case NodeKind.AT_LEAST:
            needed = node.at_least.n if node.at_least is not None else len(below)
            return _Reach(met >= needed, not_met > len(below) - needed)
        case NodeKind.PREFER:  # the first test that was done counts alone
            return _Reach(met > 0, not_met > 0)
        case _:
            return _Reach(met == len(below), not_met > 0)
