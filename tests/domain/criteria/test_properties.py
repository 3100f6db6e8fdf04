"""The engine against a second, deliberately naive evaluation, on random trees and random facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from domain.criteria.evaluation import CriteriaNode, CriteriaResult, CriteriaResultState, evaluate, meets_floor
from domain.evidence.facts import EvidenceTier, Fact, FactSource, SourceKind
from tests.domain.criteria.samples import DICTIONARY, TODAY, definition, evaluate_guideline, fact, guideline, states

FAST = settings(derandomize=True, max_examples=60, deadline=None, database=None)
RANK = {EvidenceTier.JUDGMENT: 1, EvidenceTier.ATTEST: 1, EvidenceTier.DOCUMENT: 2, EvidenceTier.STRUCTURED: 3}

LEAVES: tuple[dict[str, Any], ...] = (
    {"fact": "t.yes", "op": "is_true"},
    {"fact": "t.yes", "op": "is_false"},
    {"fact": "t.other", "op": "is_true"},
    {"fact": "t.said", "op": "is_true"},
    {"fact": "t.judged", "op": "is_true"},
    {"fact": "t.level", "op": "le", "value": 88},
    {"fact": "t.level", "op": "between", "value": [89, 95]},
    {"fact": "t.count", "op": "ge", "value": 15, "gray": [14, 15]},
    {"fact": "t.weight", "op": "gt", "value": 70},
    {"fact": "t.cause", "op": "in", "value": ["trauma", "tumor"]},
    {"fact": "t.dx", "op": "prefix_any", "value": ["I50", "I27"]},
)
GOOD: dict[str, tuple[Any, ...]] = {
    "t.yes": (True, False),
    "t.other": (True, False),
    "t.said": (True, False),
    "t.judged": (True, False),
    "t.level": (80, 88, 90, 97.5),
    "t.count": (10, 14.5, 15),
    "t.weight": (60, 80),
    "t.cause": ("trauma", "none"),
    "t.dx": (("I50.9",), ("E11.9", "J44.1")),
}
OTHER_WAYS = (
    lambda good: {"value": {"nested": 1}},
    lambda good: {"value": None},
    lambda good: {"value": float("nan")},
    lambda good: {"value": [good]},
    lambda good: {"unit": "furlong"},
    lambda good: {"effective": TODAY + timedelta(days=1)},
)


@st.composite
def trees(draw: st.DrawFn, *, own_facts: bool = False) -> dict[str, Any]:
    """A random tree of up to some 20 nodes. With `own_facts` no two leaves share a fact and there are no refs."""
    finished: list[str] = []
    unused = list(range(len(LEAVES)))

    def grow(depth: int) -> dict[str, Any]:
        if finished and not own_facts and draw(st.integers(0, 7)) == 0:
            return {"ref": draw(st.sampled_from(finished))}
        kind = draw(st.sampled_from(("leaf", "all", "any", "none", "at_least"))) if depth else "leaf"
        if kind == "leaf":
            shape = dict(LEAVES[draw(st.sampled_from(unused))])
            if own_facts:
                unused[:] = [i for i in unused if LEAVES[i]["fact"] != shape["fact"]] or unused
        else:
            children = [grow(depth - 1) for _ in range(draw(st.integers(1, 3)))]
            n = draw(st.integers(1, len(children)))
            shape = {kind: {"n": n, "of": children} if kind == "at_least" else children}
        node_id = f"N{len(finished)}"
        finished.append(node_id)
        return {"id": node_id, **shape}

    children = [grow(2) for _ in range(draw(st.integers(1, 3)))]
    return {"id": "ROOT", draw(st.sampled_from(("all", "any", "none"))): children}


@st.composite
def knowledge(draw: st.DrawFn) -> dict[str, Any]:
    """A good value for some of the facts: the ones that are known."""
    known = draw(st.sets(st.sampled_from(sorted(GOOD))))
    return {fact_id: draw(st.sampled_from(GOOD[fact_id])) for fact_id in sorted(known)}


def naive(node: CriteriaNode, known: Mapping[str, Any], nodes: Mapping[str, CriteriaNode]) -> bool | None:
    """Kleene logic written down a second time, as plainly as possible: None is unknown."""
    if node.ref is not None:
        return naive(nodes[node.ref], known, nodes)
    if node.fact is not None:
        return naive_leaf(node, known.get(node.fact))
    results = [naive(child, known, nodes) for child in node.children]
    yes, unsure = results.count(True), results.count(None)
    needed, negated = {"all": (len(results), False), "any": (1, False), "none": (1, True)}.get(
        node.kind.value, (node.at_least.n if node.at_least else 0, False)
    )
    answer = True if yes >= needed else None if yes + unsure >= needed else False
    return answer if answer is None or not negated else not answer


def naive_leaf(node: CriteriaNode, seen: Any) -> bool | None:
    want: Any = node.value
    if seen is None or (node.gray and node.gray[0] < seen < node.gray[1]):
        return None
    return {
        "is_true": lambda: seen,
        "is_false": lambda: not seen,
        "le": lambda: seen <= want,
        "ge": lambda: seen >= want,
        "gt": lambda: seen > want,
        "between": lambda: want[0] <= seen <= want[1],
        "in": lambda: seen in want,
        "prefix_any": lambda: any(code.startswith(prefix) for code in seen for prefix in want),
    }[str(node.op)]()


WORD = {True: "met", False: "not_met", None: "unknown"}


def facts_of(known: Mapping[str, Any]) -> tuple[Fact, ...]:
    return tuple(fact(fact_id, value) for fact_id, value in known.items())


def root_of(tree: dict[str, Any], known: Mapping[str, Any]) -> str:
    rule = guideline(tree)
    return WORD[naive(rule.logic, known, rule.nodes)]


@FAST
@given(trees(), knowledge())
def test_every_node_comes_out_as_in_the_naive_evaluation(tree: dict[str, Any], known: dict[str, Any]) -> None:
    rule = guideline(tree)
    expected = {node_id: WORD[naive(node, known, rule.nodes)] for node_id, node in rule.nodes.items()}
    assert states(evaluate_guideline(rule, *facts_of(known))) == expected


@FAST
@given(trees(), knowledge(), st.data())
def test_one_more_fact_never_turns_met_into_not_met_or_back(
    tree: dict[str, Any], known: dict[str, Any], data: st.DataObject
) -> None:
    before = states(evaluate_guideline(tree, *facts_of(known)))
    added = data.draw(st.sampled_from(sorted(GOOD)))
    more = {added: data.draw(st.sampled_from(GOOD[added])), **known}
    after = states(evaluate_guideline(tree, *facts_of(more)))
    assert {node: state for node, state in before.items() if state != "unknown" and after[node] != state} == {}


@FAST
@given(trees())
def test_without_any_fact_nothing_is_met_and_nothing_fails(tree: dict[str, Any]) -> None:
    verdict = evaluate_guideline(tree)
    assert set(states(verdict).values()) == {"unknown"}
    assert verdict.missing


@FAST
@given(trees(), knowledge(), st.data())
def test_a_value_that_cannot_be_read_is_as_good_as_missing(
    tree: dict[str, Any], known: dict[str, Any], data: st.DataObject
) -> None:
    spoilt = {fact_id: data.draw(st.sampled_from(OTHER_WAYS)) for fact_id in GOOD if fact_id not in known}
    broken = [_spoilt(fact_id, how(GOOD[fact_id][0])) for fact_id, how in spoilt.items()]
    assert states(evaluate_guideline(tree, *facts_of(known), *broken)) == states(
        evaluate_guideline(tree, *facts_of(known))
    )


def _spoilt(fact_id: str, changes: dict[str, Any]) -> Fact:
    good = {name: getattr(fact(fact_id, GOOD[fact_id][0]), name) for name in Fact.model_fields}
    return Fact.model_construct(**{**good, **changes})


@FAST
@given(trees(), knowledge(), st.sampled_from(sorted(SourceKind)), st.sampled_from([None, "", "dr-1"]))
def test_only_a_named_clinicians_word_moves_a_judgment_leaf(
    tree: dict[str, Any], known: dict[str, Any], kind: SourceKind, who: str | None
) -> None:
    known.pop("t.judged", None)
    without = states(evaluate_guideline(tree, *facts_of(known)))
    source = FactSource(kind=kind, reference="r", recorded_by=who)
    claimed = Fact(id="t.judged", value=True, effective=TODAY, source=source)
    if kind is not SourceKind.CLINICIAN_JUDGMENT or not who:
        assert states(evaluate_guideline(tree, *facts_of(known), claimed)) == without


@FAST
@given(trees(), knowledge())
def test_the_deciding_leaves_alone_decide_the_same(tree: dict[str, Any], known: dict[str, Any]) -> None:
    rule = guideline(tree)
    verdict = evaluate_guideline(rule, *facts_of(known))
    if verdict.state in (CriteriaResultState.MET, CriteriaResultState.NOT_MET):
        used = {rule.nodes[leaf].fact for leaf in verdict.decided_by}
        assert (
            evaluate_guideline(rule, *(found for found in facts_of(known) if found.id in used)).state is verdict.state
        )
    else:
        assert verdict.decided_by == ()


@FAST
@given(trees(), knowledge())
def test_what_is_not_listed_as_missing_cannot_change_the_outcome(tree: dict[str, Any], known: dict[str, Any]) -> None:
    rule = guideline(tree)
    verdict = evaluate_guideline(rule, *facts_of(known))
    if verdict.state is CriteriaResultState.UNKNOWN:
        listed = {*verdict.missing_facts, *(rule.nodes[leaf].fact for leaf in verdict.open_criteria)}
        rest = {
            fact_id: values[0] for fact_id, values in GOOD.items() if fact_id not in listed and fact_id not in known
        }
        assert evaluate_guideline(rule, *facts_of({**known, **rest})).state is CriteriaResultState.UNKNOWN


@settings(FAST, max_examples=40, suppress_health_check=[HealthCheck.filter_too_much])
@given(trees(own_facts=True), knowledge())
def test_each_fact_listed_as_missing_can_still_change_the_outcome(tree: dict[str, Any], known: dict[str, Any]) -> None:
    known.pop("t.count", None)
    rule = guideline(tree)
    leaves = [node.fact for node in rule.nodes.values() if node.fact]
    verdict = evaluate_guideline(rule, *facts_of(known))
    listed = [*verdict.missing_facts, *(str(rule.nodes[leaf].fact) for leaf in verdict.open_criteria)]
    assume(verdict.state is CriteriaResultState.UNKNOWN and len(set(leaves)) == len(leaves) and len(listed) <= 5)
    for asked in listed:
        others = [fact_id for fact_id in listed if fact_id != asked]
        completions = (
            {**known, **dict(zip(others, values, strict=True))} for values in product(*(GOOD[f] for f in others))
        )
        assert any(len({root_of(tree, {**rest, asked: value}) for value in GOOD[asked]}) > 1 for rest in completions)


@FAST
@given(trees(), knowledge(), st.data())
def test_a_floor_is_held_exactly_when_the_facts_that_hold_it_are_enough(
    tree: dict[str, Any], known: dict[str, Any], data: st.DataObject
) -> None:
    kinds = st.sampled_from([SourceKind.STRUCTURED_RESOURCE, SourceKind.DOCUMENT, SourceKind.ATTESTATION])
    seen = [
        fact(fact_id, value, **({} if fact_id == "t.judged" else {"kind": data.draw(kinds)}))
        for fact_id, value in known.items()
    ]
    verdict = evaluate_guideline(tree, *seen)
    for floor in (EvidenceTier.STRUCTURED, EvidenceTier.DOCUMENT, EvidenceTier.ATTEST):
        enough = evaluate_guideline(tree, *(found for found in seen if _holds(found, floor)))
        assert meets_floor(verdict, floor) is (enough.state is CriteriaResultState.MET)


def _holds(found: Fact, floor: EvidenceTier) -> bool:
    needed = definition(found.id).evidence
    return needed is EvidenceTier.JUDGMENT or RANK[found.evidence] >= min(RANK[floor], RANK[needed])


@FAST
@given(trees(), knowledge())
def test_a_verdict_and_its_trace_survive_json(tree: dict[str, Any], known: dict[str, Any]) -> None:
    verdict = evaluate(guideline(tree), DICTIONARY, facts_of(known), TODAY)
    assert CriteriaResult.model_validate_json(verdict.model_dump_json(exclude_none=True)) == verdict
