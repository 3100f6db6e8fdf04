"""Reachability checks of a guideline: branches that no patient could satisfy, and leaves that never or always pass.

A branch is dead when the leaves that must all hold for it contradict each other on one fact, for example a value that
must be at most 55 and at least 56. The check follows what must hold together (all, none, single children, refs) and
tries, fact by fact, the values around every threshold. It does not find contradictions that depend on a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from domain.criteria.compilation import leaf_test
from domain.criteria.model import CriteriaNode, Guideline, NodeKind, Op
from domain.criteria.soundness import GuidelineIssue, KeyPath, children_with_paths, nodes_with_paths
from domain.evidence.facts import FactDefinition, FactDictionary, FactType


@dataclass(frozen=True, slots=True)
class _RequiredOutcome:
    """A leaf that must come out one way: met, or not met."""

    leaf: CriteriaNode
    met: bool


def reachability_issues(guideline: Guideline, dictionary: FactDictionary) -> tuple[GuidelineIssue, ...]:
    """Dead branches and leaves that always or never pass. The guideline must be free of structure issues."""
    checker = _Checker(guideline, dictionary)
    return (*checker.idle_leaves(), *checker.dead_branches(guideline.logic, ("logic",), True, ()))


@dataclass(frozen=True, slots=True)
class _Checker:
    guideline: Guideline
    dictionary: FactDictionary

    def idle_leaves(self) -> Iterator[GuidelineIssue]:
        for path, node in nodes_with_paths(self.guideline.logic):
            if node.fact is not None:
                for met, word in ((True, "is never met"), (False, "is met by every value")):
                    if not self._is_possible(node.fact, [_RequiredOutcome(node, met)]):
                        yield GuidelineIssue(
                            path, f"{node.id} {word}", "a comparison that some values pass and others do not"
                        )

    def dead_branches(
        self, node: CriteriaNode, path: KeyPath, met: bool, above: tuple[_RequiredOutcome, ...]
    ) -> Iterator[GuidelineIssue]:
        """Each dead branch at its innermost place. `above` is what the surrounding groups already demand."""
        demands = (*above, *self.demands(node, met))
        clash = self._contradiction(demands)
        shared = demands if clash is None and _all_needed(node, met) else above
        child_met = met != (node.kind is NodeKind.NONE)
        inner: list[GuidelineIssue] = []
        for place, child in children_with_paths(node, path):
            # A ref is checked where its node stands.
            if child.ref is None:
                inner.extend(self.dead_branches(child, place, child_met, shared))
        yield from inner
        if clash is not None and not inner:
            problem = f"{node.id} can never be {'met' if met else 'left unmet'}: {clash}"
            yield GuidelineIssue(path, problem, "a branch that can occur")

    def demands(self, node: CriteriaNode, met: bool) -> tuple[_RequiredOutcome, ...]:
        """The leaves that must come out one way for the node to come out `met` (or not)."""
        target = self.guideline.target(node)
        if target.fact is not None:
            return (_RequiredOutcome(target, met),)
        if not _all_needed(target, met):
            return ()
        child_met = met != (target.kind is NodeKind.NONE)
        return tuple(demand for child in target.children for demand in self.demands(child, child_met))

    def _contradiction(self, demands: Iterable[_RequiredOutcome]) -> str | None:
        by_fact: dict[str, list[_RequiredOutcome]] = {}
        for demand in demands:
            if demand.leaf.of is None:
                by_fact.setdefault(demand.leaf.fact or "", []).append(demand)
        for fact, together in by_fact.items():
            if len(together) > 1 and not self._is_possible(fact, together):
                names = dict.fromkeys(("" if demand.met else "not ") + str(demand.leaf.id) for demand in together)
                return f"no value of {fact} gives {' and '.join(names)}"
        return None

    def _is_possible(self, fact: str, demands: list[_RequiredOutcome]) -> bool:
        """Whether one value of the fact fulfils every demand; values in a gray zone fulfil none."""
        values = _candidate_values(self.dictionary.by_id[fact], [demand.leaf for demand in demands])
        tests = [(_test_of_leaf(demand.leaf), demand.met) for demand in demands]
        return any(all(test(value) is met for test, met in tests) for value in values)


def _all_needed(node: CriteriaNode, met: bool) -> bool:
    """Whether every child has to work towards the outcome (a single child always has to)."""
    if len(node.children) == 1:
        return True
    if node.at_least is not None:
        return node.at_least.n == len(node.children) if met else node.at_least.n == 1
    return node.kind is not NodeKind.PREFER and met != (node.kind is NodeKind.ANY)


def _test_of_leaf(leaf: CriteriaNode) -> Callable[[object], bool | None]:
    assert leaf.op is not None
    passes, gray = leaf_test(leaf.op, leaf.value), leaf.gray

    def test(value: object) -> bool | None:
        if gray is not None and isinstance(value, int | float) and gray[0] < value < gray[1]:
            return None
        return passes(value)

    return test


def _candidate_values(definition: FactDefinition, leaves: list[CriteriaNode]) -> list[object]:
    """Values that stand for all others: both truths, every threshold with its surroundings, every code and another."""
    match definition.type:
        case FactType.BOOL:
            return [True, False]
        case FactType.NUMBER:
            marks = sorted({mark for leaf in leaves for mark in _thresholds(leaf)})
            between = [(low + high) / 2 for low, high in zip(marks, marks[1:], strict=False)]
            return [marks[0] - 1, *marks, *between, marks[-1] + 1]
        case FactType.CODE:
            named = [code for leaf in leaves for code in _codes(leaf)]
            return list(definition.values) if definition.values else [*named, "\N{REPLACEMENT CHARACTER}"]
        case FactType.DATE:
            marks = [int(mark) for leaf in leaves for mark in _thresholds(leaf)]
            return [min(marks) - 1, *marks, max(marks) + 1]
        case FactType.CODES:
            named = [code for leaf in leaves for code in _codes(leaf)]
            return [*((code,) for code in named), tuple(named), ("\N{REPLACEMENT CHARACTER}",)]


def _thresholds(leaf: CriteriaNode) -> Iterator[float]:
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    yield from (value for value in (*values, *(leaf.gray or ())) if isinstance(value, int | float))


def _codes(leaf: CriteriaNode) -> Iterator[str]:
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    yield from (value for value in values if isinstance(value, str))
    if leaf.op is Op.PREFIX_ANY:
        yield from (f"{value}0" for value in values if isinstance(value, str))
