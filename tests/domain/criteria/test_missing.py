"""The facts still missing: by branch, only what can change the outcome, and each to whoever can answer it."""

from __future__ import annotations

from typing import Any

from domain.criteria.evaluation import AskedOf, CriteriaResultState, FactGroup, FactNeed, NeedRule, provider_questions
from domain.evidence.facts import SourceKind
from tests.domain.criteria.samples import evaluate_guideline, fact, leaf

YES, OTHER, SAID = leaf("A", "t.yes", "is_true"), leaf("B", "t.other", "is_true"), leaf("C", "t.said", "is_true")
LEVEL, JUDGED = leaf("D", "t.level", "le", 88), leaf("J", "t.judged", "is_true")


def shape(item: FactNeed | FactGroup) -> Any:
    """A group as a small nested list, for example ["any_one_of", "t.yes", ["all_of", ...]]."""
    if isinstance(item, FactNeed):
        return item.fact
    return [item.rule.value, *(shape(inner) for inner in item.items), *(f"also {known}" for known in item.also)]


def missing(logic: dict[str, Any], *facts: Any) -> list[Any]:
    return [shape(group) for group in evaluate_guideline(logic, *facts).missing]


def test_facts_that_are_all_needed_come_in_one_group_and_alternatives_in_another() -> None:
    logic = {"id": "R", "all": [YES, {"id": "G", "any": [OTHER, SAID]}, LEVEL]}
    assert missing(logic) == [["all_of", "t.yes", "t.level"], ["any_one_of", "t.other", "t.said"]]


def test_an_alternative_of_several_facts_stays_together() -> None:
    logic = {"id": "R", "any": [{"id": "G", "all": [YES, OTHER]}, LEVEL]}
    assert missing(logic) == [["any_one_of", ["all_of", "t.yes", "t.other"], "t.level"]]


def test_a_branch_that_is_settled_is_not_asked_about() -> None:
    logic = {"id": "R", "any": [{"id": "G", "all": [YES, OTHER]}, {"id": "H", "all": [SAID, LEVEL]}]}
    assert missing(logic, fact("t.yes", False)) == [["all_of", "t.said", "t.level"]]


def test_a_single_missing_fact_is_asked_under_the_words_of_its_criterion() -> None:
    verdict = evaluate_guideline(
        {"id": "R", "all": [YES, {**LEVEL, "text": "Level of 88 or less"}]}, fact("t.yes", True)
    )
    (group,) = verdict.missing
    assert (group.title, shape(group)) == ("Level of 88 or less", ["all_of", "t.level"])


def test_under_none_every_exclusion_has_to_be_ruled_out() -> None:
    assert missing({"id": "R", "none": [YES, OTHER]}) == [["all_of", "t.yes", "t.other"]]
    assert missing({"id": "R", "none": [{"id": "G", "all": [YES, OTHER]}]}) == [["any_one_of", "t.yes", "t.other"]]


def test_at_least_asks_for_as_many_as_are_still_lacking() -> None:
    logic = {"id": "R", "at_least": {"n": 3, "of": [YES, OTHER, SAID, LEVEL]}}
    (group,) = evaluate_guideline(logic, fact("t.yes", True)).missing
    assert (group.rule, group.n) == (NeedRule.AT_LEAST, 2)
    assert missing(logic, fact("t.yes", True), fact("t.other", True)) == [["any_one_of", "t.said", "t.level"]]
    assert missing(logic, fact("t.yes", False)) == [["all_of", "t.other", "t.said", "t.level"]]


def test_a_fact_that_several_criteria_use_is_asked_once_in_a_group() -> None:
    logic = {"id": "R", "all": [LEVEL, leaf("E", "t.level", "ge", 50), YES]}
    assert missing(logic) == [["all_of", "t.level", "t.yes"]]


def test_a_branch_that_needs_what_stands_elsewhere_says_so_instead_of_repeating_it() -> None:
    logic = {
        "id": "R",
        "any": [{"id": "G", "all": [YES, OTHER]}, {"id": "H", "all": [{"id": "N", "none": [{"ref": "G"}]}, SAID]}],
    }
    assert missing(logic) == [
        ["any_one_of", ["all_of", "t.yes", "t.other"], ["all_of", "t.said", "also t.yes", "also t.other"]]
    ]


def test_what_a_ref_names_is_listed_when_it_is_settled_where_it_stands() -> None:
    logic = {
        "id": "R",
        "all": [
            {"id": "G", "any": [{"id": "X", "all": [YES, OTHER]}, SAID]},
            {"id": "H", "any": [{"ref": "X"}, LEVEL]},
        ],
    }
    assert missing(logic, fact("t.said", True)) == [["any_one_of", ["all_of", "t.yes", "t.other"], "t.level"]]


def test_a_judgment_and_a_gray_value_are_asked_of_a_clinician_and_the_rest_of_the_provider() -> None:
    gray = leaf("E", "t.count", "ge", 15, gray=[14, 15])
    verdict = evaluate_guideline({"id": "R", "all": [YES, JUDGED, gray]}, fact("t.count", 14.5))
    assert (verdict.missing_facts, verdict.open_criteria) == (("t.yes",), ("J", "E"))
    assert {need.fact: need.asked_of for group in verdict.missing for need in group.needs()} == {
        "t.yes": AskedOf.PROVIDER,
        "t.judged": AskedOf.CLINICIAN,
        "t.count": AskedOf.CLINICIAN,
    }
    assert [shape(group) for group in provider_questions(verdict.missing)] == [["all_of", "t.yes"]]


def test_each_gray_criterion_is_open_for_a_clinician_even_on_one_fact() -> None:
    low, high = leaf("E", "t.count", "le", 14, gray=[14, 15]), leaf("F", "t.count", "ge", 15, gray=[14, 15])
    assert evaluate_guideline({"id": "R", "any": [low, high]}, fact("t.count", 14.5)).open_criteria == ("E", "F")


def test_a_branch_that_only_a_clinician_can_settle_is_not_sent_to_the_provider() -> None:
    verdict = evaluate_guideline({"id": "R", "any": [JUDGED, {"id": "G", "all": [YES, OTHER]}]})
    assert [shape(group) for group in provider_questions(verdict.missing)] == [
        ["any_one_of", ["all_of", "t.yes", "t.other"]]
    ]
    assert provider_questions(evaluate_guideline(JUDGED).missing) == ()


def test_a_value_that_did_not_count_is_asked_again_with_the_reason() -> None:
    verdict = evaluate_guideline(LEVEL, fact("t.level", 0.86, unit="1"))
    (need,) = verdict.missing[0].needs()
    assert (need.gap.value, need.detail, need.asked_of) == ("wrong_unit", "in 1; expected %", AskedOf.PROVIDER)


def test_a_statement_offered_for_a_judgment_is_not_asked_of_the_provider_again() -> None:
    assert evaluate_guideline(JUDGED, fact("t.judged", True, kind=SourceKind.ATTESTATION)).missing_facts == ()


def test_the_options_of_a_group_are_its_branches_with_each_fact_once() -> None:
    inner = {
        "id": "G",
        "all": [YES, {"id": "I", "any": [OTHER, SAID]}, {"id": "K", "any": [{**OTHER, "id": "B2"}, JUDGED]}],
    }
    (group,) = evaluate_guideline({"id": "R", "any": [inner, LEVEL]}).missing
    assert [[need.fact for need in option] for option in group.options()] == [
        ["t.yes", "t.other", "t.said", "t.judged"],
        ["t.level"],
    ]


def test_a_known_verdict_asks_for_nothing() -> None:
    verdict = evaluate_guideline({"id": "R", "any": [YES, OTHER]}, fact("t.yes", True))
    assert (verdict.state, verdict.missing) == (CriteriaResultState.MET, ())
