"""The criteria engine: three values, a full trace, and no doubt that turns into an answer."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from domain.criteria.evaluation import (
    CriteriaResult,
    CriteriaResultState,
    CriteriaResultSummary,
    FactGap,
    GuidelineNotUsable,
    LineCodes,
    Tri,
    evaluate,
    may_approve_by_rule,
    meets_floor,
)
from domain.evidence.facts import EvidenceTier, SourceKind
from tests.domain.criteria.samples import DICTIONARY, TODAY, evaluate_guideline, fact, guideline, leaf, states

YES, OTHER, SAID = leaf("A", "t.yes", "is_true"), leaf("B", "t.other", "is_true"), leaf("C", "t.said", "is_true")
MET, NOT_MET, UNKNOWN = CriteriaResultState.MET, CriteriaResultState.NOT_MET, CriteriaResultState.UNKNOWN
VALUES = {MET: True, NOT_MET: False, UNKNOWN: None}


def group_of(kind: str, first: CriteriaResultState, second: CriteriaResultState) -> CriteriaResultState:
    given = (("t.yes", VALUES[first]), ("t.other", VALUES[second]))
    facts = [fact(fact_id, value) for fact_id, value in given if value is not None]
    return evaluate_guideline({"id": "R", kind: [YES, OTHER]}, *facts).state


@pytest.mark.parametrize(("first", "second"), list(product(VALUES, repeat=2)))
def test_groups_follow_kleenes_tables(first: CriteriaResultState, second: CriteriaResultState) -> None:
    both = {first, second}
    all_of = NOT_MET if NOT_MET in both else UNKNOWN if UNKNOWN in both else MET
    any_of = MET if MET in both else UNKNOWN if UNKNOWN in both else NOT_MET
    none_of = {MET: NOT_MET, NOT_MET: MET, UNKNOWN: UNKNOWN}[any_of]
    assert group_of("all", first, second) is all_of
    assert group_of("any", first, second) is any_of
    assert group_of("none", first, second) is none_of


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, UNKNOWN),
        ({"t.yes": True}, UNKNOWN),
        ({"t.yes": True, "t.said": True}, MET),
        ({"t.yes": False, "t.said": True}, UNKNOWN),
        ({"t.yes": False, "t.said": False}, NOT_MET),
    ],
)
def test_at_least_counts_what_is_met_and_what_still_could_be(
    known: dict[str, bool], expected: CriteriaResultState
) -> None:
    logic = {"id": "R", "at_least": {"n": 2, "of": [YES, OTHER, SAID]}}
    assert evaluate_guideline(logic, *(fact(fact_id, value) for fact_id, value in known.items())).state is expected


@pytest.mark.parametrize(
    ("op", "value", "passing", "failing"),
    [
        ("lt", 88, 87.9, 88),
        ("le", 88, 88, 88.1),
        ("gt", 88, 88.1, 88),
        ("ge", 88, 88, 87.9),
        ("eq", 89, 89.0, 89.5),
        ("ne", 89, 89.5, 89),
        ("between", [56, 59], 59, 59.1),
        ("in", [1, 2], 2.0, 3),
        ("not_in", [1, 2], 3, 1),
    ],
)
def test_each_comparison_of_numbers_has_its_edge(op: str, value: Any, passing: float, failing: float) -> None:
    logic = leaf("A", "t.level", op, value)
    assert evaluate_guideline(logic, fact("t.level", passing)).state is MET
    assert evaluate_guideline(logic, fact("t.level", failing)).state is NOT_MET


@pytest.mark.parametrize(
    ("fact_id", "op", "value", "passing", "failing"),
    [
        ("t.yes", "is_false", None, False, True),
        ("t.cause", "in", ["trauma", "tumor"], "tumor", "none"),
        ("t.cause", "not_in", ["trauma", "tumor"], "none", "tumor"),
        ("t.item", "eq", "E0601", "E0601", "E0470"),
        ("t.item", "ne", "E0601", "E0470", "E0601"),
        ("t.item", "prefix_any", ["E06"], "E0601", "E0470"),
        ("t.dx", "prefix_any", ["I27", "I50"], ("E11.9", "I50.9"), ("E11.9",)),
    ],
)
def test_each_comparison_of_words_and_codes(fact_id: str, op: str, value: Any, passing: Any, failing: Any) -> None:
    logic = leaf("A", fact_id, op, value)
    assert evaluate_guideline(logic, fact(fact_id, passing)).state is MET
    assert evaluate_guideline(logic, fact(fact_id, failing)).state is NOT_MET


@pytest.mark.parametrize(
    ("level", "expected"), [(14, NOT_MET), (14.01, UNKNOWN), (14.99, UNKNOWN), (15, MET), (13, NOT_MET)]
)
def test_inside_the_gray_zone_a_leaf_is_unknown_and_at_its_ends_it_is_not(
    level: float, expected: CriteriaResultState
) -> None:
    verdict = evaluate_guideline(leaf("A", "t.level", "ge", 15, gray=[14, 15]), fact("t.level", level))
    assert verdict.state is expected
    if expected is UNKNOWN:
        assert verdict.trace is not None
        assert verdict.trace.gap is FactGap.GRAY_ZONE
        assert (verdict.missing_facts, verdict.open_criteria) == ((), ("A",))


def test_nothing_is_cut_short_every_node_stands_in_the_trace() -> None:
    logic = {
        "id": "R",
        "all": [YES, {"id": "G", "any": [OTHER, SAID]}, {"id": "N", "none": [leaf("D", "t.level", "le", 5)]}],
    }
    verdict = evaluate_guideline(logic, fact("t.yes", False))
    assert states(verdict) == {
        "R": "not_met",
        "A": "not_met",
        "G": "unknown",
        "B": "unknown",
        "C": "unknown",
        "N": "unknown",
        "D": "unknown",
    }


def test_a_leaf_shows_value_unit_source_date_and_tier() -> None:
    measured = fact("t.level", 86, effective=date(2026, 3, 1), reference="Observation/7")
    verdict = evaluate_guideline(leaf("A", "t.level", "le", 88, text="Level of 88 or less", cite="Section 4"), measured)
    assert verdict.trace is not None
    criterion, reading = verdict.trace.criterion, verdict.trace.reading
    assert (criterion.text, criterion.cite, criterion.unit, criterion.value) == (
        "Level of 88 or less",
        "Section 4",
        "%",
        88,
    )
    assert reading is not None
    assert reading.seen == measured
    assert reading.evidence is EvidenceTier.STRUCTURED


def test_a_ref_takes_the_state_of_its_node_and_the_node_stands_once() -> None:
    logic = {"id": "R", "any": [{"id": "G", "all": [YES, OTHER]}, {"id": "N", "all": [{"ref": "G"}, SAID]}]}
    verdict = evaluate_guideline(logic, fact("t.yes", False))
    assert verdict.trace is not None
    refs = [node for node in verdict.trace.walk() if node.criterion.kind == "ref"]
    assert [(node.criterion.id, node.state, node.children) for node in refs] == [("G", Tri.NOT_MET, ())]


def test_a_ref_may_name_a_node_that_stands_later() -> None:
    logic = {"id": "R", "any": [{"id": "N", "none": [{"ref": "G"}]}, {"id": "G", "all": [YES, OTHER]}]}
    assert evaluate_guideline(logic, fact("t.yes", False)).state is MET


def test_an_expired_fact_is_unknown_the_trace_says_so_and_it_is_asked_again() -> None:
    old = fact("t.weight", 80, effective=TODAY - timedelta(days=181))
    verdict = evaluate_guideline(leaf("A", "t.weight", "ge", 70), old)
    assert verdict.state is UNKNOWN
    assert verdict.trace is not None
    assert verdict.trace.gap is FactGap.EXPIRED
    (need,) = verdict.missing[0].needs()
    assert (need.fact, need.gap) == ("t.weight", FactGap.EXPIRED)
    assert need.detail is not None
    assert "expired" in need.detail


@pytest.mark.parametrize("kind", [kind for kind in SourceKind if kind is not SourceKind.CLINICIAN_JUDGMENT])
@pytest.mark.parametrize("value", [True, False])
def test_software_can_neither_meet_nor_fail_a_judgment_leaf(kind: SourceKind, value: bool) -> None:
    verdict = evaluate_guideline(leaf("A", "t.judged", "is_true"), fact("t.judged", value, kind=kind))
    assert verdict.state is UNKNOWN
    assert (verdict.missing_facts, verdict.open_criteria) == ((), ("A",))


def test_a_named_clinician_answers_a_judgment_leaf() -> None:
    verdict = evaluate_guideline(leaf("A", "t.judged", "is_true"), fact("t.judged", True, recorded_by="dr-7"))
    assert (verdict.state, verdict.decided_by, verdict.evidence_floor) == (MET, ("A",), None)
    assert meets_floor(verdict, EvidenceTier.STRUCTURED)


def test_contradicting_values_leave_the_leaf_unknown_and_are_shown() -> None:
    verdict = evaluate_guideline(
        leaf("A", "t.level", "le", 88), fact("t.level", 86), fact("t.level", 93, reference="b")
    )
    assert verdict.state is UNKNOWN
    assert verdict.trace is not None
    assert verdict.trace.reading is not None
    assert [entry.seen.value for entry in verdict.trace.reading.set_aside] == [86, 93]


def test_a_met_verdict_rests_on_its_best_supported_branch() -> None:
    logic = {"id": "R", "any": [YES, leaf("D", "t.level", "le", 88)]}
    said = fact("t.yes", True, kind=SourceKind.ATTESTATION)
    verdict = evaluate_guideline(logic, said, fact("t.level", 86))
    assert (verdict.decided_by, verdict.evidence_floor) == (("D",), EvidenceTier.STRUCTURED)


def test_a_not_met_verdict_names_every_leaf_in_the_way() -> None:
    verdict = evaluate_guideline({"id": "R", "all": [YES, OTHER, SAID]}, fact("t.yes", False), fact("t.said", False))
    assert verdict.decided_by == ("A", "C")
    assert verdict.missing == ()


def test_the_floor_is_the_weakest_tier_among_the_deciding_leaves() -> None:
    verdict = evaluate_guideline({"id": "R", "all": [YES, SAID]}, fact("t.yes", True), fact("t.said", True))
    assert verdict.evidence_floor is EvidenceTier.ATTEST


@pytest.mark.parametrize(
    ("kind", "holds"),
    [
        (SourceKind.STRUCTURED_RESOURCE, {EvidenceTier.STRUCTURED, EvidenceTier.DOCUMENT, EvidenceTier.ATTEST}),
        (SourceKind.DOCUMENT, {EvidenceTier.STRUCTURED, EvidenceTier.DOCUMENT, EvidenceTier.ATTEST}),
        (SourceKind.ATTESTATION, {EvidenceTier.ATTEST}),
        (SourceKind.CLINICIAN_JUDGMENT, {EvidenceTier.ATTEST}),
    ],
)
def test_a_statement_does_not_replace_the_document_that_the_dictionary_wants(
    kind: SourceKind, holds: set[EvidenceTier]
) -> None:
    verdict = evaluate_guideline(YES, fact("t.yes", True, kind=kind))
    floors = (EvidenceTier.STRUCTURED, EvidenceTier.DOCUMENT, EvidenceTier.ATTEST)
    assert {floor for floor in floors if meets_floor(verdict, floor)} == holds


def test_what_is_by_nature_a_statement_holds_every_floor() -> None:
    assert meets_floor(evaluate_guideline(SAID, fact("t.said", True)), EvidenceTier.STRUCTURED)


def test_judgment_is_no_floor_that_a_plan_can_demand() -> None:
    with pytest.raises(ValueError, match="no evidence floor"):
        meets_floor(evaluate_guideline(SAID), EvidenceTier.JUDGMENT)


def test_only_a_met_verdict_of_a_released_guideline_may_approve_by_rule() -> None:
    good, floor = fact("t.yes", True), EvidenceTier.DOCUMENT
    assert may_approve_by_rule(evaluate_guideline(YES, good), floor)
    assert not may_approve_by_rule(evaluate_guideline(guideline(YES, auto_approve=False), good), floor)
    assert not may_approve_by_rule(evaluate_guideline(YES, fact("t.yes", False)), floor)
    assert not may_approve_by_rule(evaluate_guideline(YES), floor)


def test_a_guideline_about_another_service_is_not_applicable_and_never_not_met() -> None:
    rule = guideline({"id": "R", "all": [YES]}, applies_to={"hcpcs": ["E0601"]})
    verdict = evaluate(rule, DICTIONARY, (fact("t.yes", False),), TODAY, LineCodes(hcpcs=frozenset({"E1390"})))
    assert (verdict.state, verdict.trace, verdict.decided_by) == (CriteriaResultState.NOT_APPLICABLE, None, ())
    assert not may_approve_by_rule(verdict, EvidenceTier.ATTEST)
    about = LineCodes(hcpcs=frozenset({"E0601"}))
    assert evaluate(rule, DICTIONARY, (fact("t.yes", False),), TODAY, about).state is NOT_MET


def test_a_flag_tells_and_does_not_change_the_verdict() -> None:
    flag = {"when": leaf("F", "t.level", "gt", 91), "effect": "certify from today"}
    rule = guideline(YES, flags=[flag])
    assert evaluate_guideline(rule, fact("t.yes", True), fact("t.level", 95)).flags == ("certify from today",)
    assert evaluate_guideline(rule, fact("t.yes", True)).flags == ()


def test_the_summary_carries_no_values_and_survives_json() -> None:
    verdict = evaluate_guideline(
        {"id": "R", "all": [YES, leaf("D", "t.level", "le", 88)]}, fact("t.level", 86, reference="secret")
    )
    summary = verdict.summary()
    text = summary.model_dump_json()
    assert CriteriaResultSummary.model_validate_json(text) == summary
    assert "secret" not in text
    assert len(text) < 500
    assert summary.missing == ("t.yes",)


def test_a_verdict_survives_json_with_and_without_its_nulls() -> None:
    logic = {"id": "R", "all": [YES, {"id": "G", "any": [OTHER, SAID]}, leaf("D", "t.level", "le", 88)]}
    verdict = evaluate_guideline(logic, fact("t.level", "n/a"), fact("t.level", 86), fact("t.yes", True))
    assert CriteriaResult.model_validate_json(verdict.model_dump_json()) == verdict
    assert CriteriaResult.model_validate_json(verdict.model_dump_json(exclude_none=True)) == verdict


def test_a_trace_cannot_be_changed() -> None:
    verdict = evaluate_guideline(YES)
    assert verdict.trace is not None
    with pytest.raises(AttributeError):
        verdict.trace.state = Tri.MET  # type: ignore[misc]


def test_the_same_content_gives_the_same_hash_and_vectors_do_not_count() -> None:
    one = guideline(YES)
    proven = guideline(YES, tests=[{"name": "v", "expect": "met", "facts": {"t.yes": True}}])
    assert one.content_hash == guideline(YES).content_hash == proven.content_hash
    assert one.content_hash != guideline(OTHER).content_hash
    assert one.content_hash != one.model_copy(update={"version": "2"}).content_hash


def test_a_changed_copy_is_evaluated_as_changed() -> None:
    before = guideline(leaf("A", "t.level", "le", 88))
    assert evaluate_guideline(before, fact("t.level", 86)).state is MET
    after = before.model_copy(update={"logic": guideline(leaf("A", "t.level", "le", 80)).logic})
    assert evaluate_guideline(after, fact("t.level", 86)).state is NOT_MET


def test_a_guideline_that_does_not_fit_the_dictionary_is_refused_with_every_fault() -> None:
    broken = guideline(
        {"id": "R", "all": [leaf("A", "t.yess", "is_true"), leaf("B", "t.level", "is_true"), {"ref": "Z"}]}
    )
    with pytest.raises(GuidelineNotUsable) as refused:
        evaluate_guideline(broken)
    assert [fault.problem for fault in refused.value.issues] == [
        "no node has the id Z",
        "t.yess is not in the fact dictionary",
        "is_true does not fit t.level, which is a number",
    ]
