"""One round of questions: what one branch needs, the likeliest first, and nothing that is known or can wait."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.criteria.evaluation import CriteriaResultState, evaluate
from domain.criteria.questions import QuestionPlan, merge_plans, plan_questions
from domain.criteria.trace import Question, QuestionForm
from domain.evidence.facts import Fact
from tests.domain.criteria.samples import DICTIONARY, TODAY, fact, guideline, leaf
from tests.domain.criteria.test_properties import FAST, GOOD, facts_of, trees

YES, OTHER, SAID = leaf("A", "t.yes", "is_true"), leaf("B", "t.other", "is_true"), leaf("C", "t.said", "is_true")
LEVEL, COUNT, JUDGED = leaf("D", "t.level", "le", 88), leaf("E", "t.count", "ge", 2), leaf("J", "t.judged", "is_true")


def plan(logic: dict[str, Any], *facts: Fact, diagnoses: tuple[str, ...] = (), **more: Any) -> QuestionPlan:
    rule = guideline(logic, **more)
    return plan_questions(rule, DICTIONARY, evaluate(rule, DICTIONARY, facts, TODAY), diagnoses)


def shape(question: Question) -> Any:
    """A question as a small nested list, for example ["one_of", ["t.yes"], ["t.said"]]."""
    options = [[need.fact for need in option] for option in question.options]
    return [question.form.value, *(options[0] if len(options) == 1 else options)]


def asked(logic: dict[str, Any], *facts: Fact, **more: Any) -> list[Any]:
    return [shape(question) for question in plan(logic, *facts, **more).questions]


def test_a_settled_guideline_asks_nothing() -> None:
    assert plan(YES, fact("t.yes", True)) == plan(YES, fact("t.yes", False)) == QuestionPlan()


def test_of_several_branches_only_the_cheapest_is_asked_and_the_others_are_told_in_words() -> None:
    logic = {
        "id": "R",
        "any": [{"id": "G", "text": "Both were done", "all": [YES, OTHER]}, {"id": "H", "all": [SAID, LEVEL]}],
    }
    found = plan(logic)
    assert found.facts == ("t.said", "t.level")
    assert [words for question in found.questions for words in question.instead] == ["Both were done"]


def test_branches_of_one_fact_are_told_as_alternatives_of_which_one_is_enough() -> None:
    assert asked({"id": "R", "any": [YES, SAID]}) == [["one_of", ["t.said"], ["t.yes"]]]
    nested = {"id": "R", "any": [{"id": "G", "any": [YES, SAID]}, OTHER]}
    assert asked(nested) == [["one_of", ["t.said"], ["t.yes"], ["t.other"]]]


def test_a_few_facts_of_one_group_are_one_question_under_its_words_and_many_are_put_one_by_one() -> None:
    group = {"id": "G", "text": "A proper study", "all": [YES, LEVEL]}
    found = plan({"id": "R", "all": [SAID, group]})
    assert [shape(question) for question in found.questions] == [["fact", "t.said"], ["all_of", "t.yes", "t.level"]]
    assert found.questions[1].title == "A proper study"
    many = {"id": "R", "all": [COUNT, {"id": "G", "text": "x", "all": [YES, OTHER, SAID, LEVEL]}]}
    assert [question.form.value for question in plan(many).questions] == ["fact"] * 5
    without_words = {"id": "R", "all": [SAID, {"id": "G", "all": [YES, OTHER]}]}
    assert [question.form.value for question in plan(without_words).questions] == ["fact"] * 3


def test_what_has_an_alternative_of_its_own_stays_a_question_of_its_own() -> None:
    either = {
        "id": "W",
        "text": "One way or another",
        "any": [OTHER, {"id": "F", "text": "Both", "all": [SAID, COUNT]}],
    }
    found = plan({"id": "R", "all": [LEVEL, {"id": "G", "text": "All of it", "all": [YES, either]}]})
    assert {shape(question)[1]: question.instead for question in found.questions} == {
        "t.yes": (),
        "t.other": ("Both",),
        "t.level": (),
    }


def test_exclusions_are_one_question() -> None:
    logic = {"id": "R", "all": [SAID, {"id": "N", "text": "Nothing against it", "none": [YES, OTHER]}]}
    found = plan(logic)
    assert [shape(question) for question in found.questions] == [["fact", "t.said"], ["none_of", "t.yes", "t.other"]]
    assert found.questions[1].title == "Nothing against it"


def test_yes_or_no_comes_before_a_number() -> None:
    assert asked({"id": "R", "all": [LEVEL, YES]}) == [["fact", "t.yes"], ["fact", "t.level"]]


def test_a_short_branch_of_yes_or_no_is_one_question() -> None:
    logic = {"id": "R", "any": [{"id": "G", "all": [YES, SAID]}, {"id": "H", "all": [OTHER, LEVEL, COUNT]}]}
    assert asked(logic) == [["all_of", "t.yes", "t.said"]]


def test_the_next_branch_is_asked_when_an_answer_has_ruled_the_first_one_out() -> None:
    logic = {"id": "R", "any": [{"id": "G", "all": [YES, OTHER]}, {"id": "H", "all": [SAID, LEVEL]}]}
    assert plan(logic, fact("t.said", False)).facts == ("t.yes", "t.other")


def test_a_branch_for_which_the_record_speaks_is_asked_first() -> None:
    logic = {"id": "R", "any": [{"id": "G", "all": [YES, OTHER]}, {"id": "H", "all": [SAID, LEVEL]}]}
    assert plan(logic, fact("t.yes", True)).facts == ("t.other",)


def test_a_branch_against_which_a_known_value_speaks_is_not_asked_but_told() -> None:
    resting = {"id": "G", "text": "Low at rest", "any": [leaf("L", "t.level", "le", 88), COUNT]}
    found = plan({"id": "R", "any": [resting, YES]}, fact("t.level", 97))
    assert found.facts == ("t.yes",)
    assert found.questions[0].instead == ("Low at rest",)


def test_the_guideline_says_which_branch_is_likeliest_and_a_diagnosis_says_it_louder() -> None:
    logic = {"id": "R", "any": [{"id": "G", "all": [YES, OTHER]}, {"id": "H", "all": [SAID, LEVEL]}]}
    first = [{"node": "G"}, {"node": "H", "diagnoses": ["G44.0"]}]
    assert plan(logic, ask_first=first).facts == ("t.yes", "t.other")
    assert plan(logic, ask_first=first, diagnoses=("G44.009",)).facts == ("t.said", "t.level")
    assert plan(logic, ask_first=first, diagnoses=("G43.1",)).facts == ("t.yes", "t.other")


def test_the_order_of_questions_is_no_part_of_what_a_guideline_says() -> None:
    assert guideline(YES, ask_first=[{"node": "A"}]).content_hash == guideline(YES).content_hash


def test_a_judgment_on_the_way_goes_to_a_clinician_and_one_of_another_branch_does_not() -> None:
    here = plan({"id": "R", "all": [YES, JUDGED]})
    assert ([need.criterion for need in here.judged_now], here.facts) == (["J"], ("t.yes",))
    elsewhere = plan({"id": "R", "any": [SAID, {"id": "G", "all": [YES, JUDGED]}]})
    assert elsewhere.judged_now == ()


def test_nothing_is_asked_to_rule_out_what_a_sibling_branch_asks_about() -> None:
    low = {"id": "G", "all": [LEVEL, COUNT]}
    other_way = {"id": "H", "all": [{"id": "N", "none": [{"ref": "G"}]}, JUDGED]}
    found = plan({"id": "R", "any": [low, other_way]}, ask_first=[{"node": "H"}])
    assert (found.facts, [need.criterion for need in found.judged_now]) == ((), ["J"])


def test_of_at_least_so_many_no_more_are_asked_than_are_lacking() -> None:
    logic = {"id": "R", "at_least": {"n": 2, "of": [YES, OTHER, {**LEVEL, "text": "A low level"}]}}
    found = plan(logic, fact("t.yes", True))
    assert found.facts == ("t.level",)
    assert found.questions[0].instead == ("the other was done",)


def test_a_fact_is_asked_once_in_a_round_also_for_several_guidelines() -> None:
    both = merge_plans((plan({"id": "R", "all": [YES, SAID]}), plan({"id": "R", "all": [SAID, OTHER]})))
    assert both.facts == ("t.yes", "t.said", "t.other")
    assert all(question.form is QuestionForm.FACT for question in both.questions)


def test_a_choice_of_which_one_option_is_asked_already_is_not_put_again() -> None:
    assert plan({"id": "R", "all": [SAID, {"id": "G", "any": [{**SAID, "id": "C2"}, LEVEL]}]}).facts == ("t.said",)


@FAST
@given(trees(own_facts=True), st.data())
def test_rounds_that_are_answered_settle_every_guideline(tree: dict[str, Any], data: st.DataObject) -> None:
    truth = {
        fact_id: data.draw(st.sampled_from([one for one in values if one != 14.5])) for fact_id, values in GOOD.items()
    }
    rule, known = guideline(tree), dict[str, Any]()
    while (result := evaluate(rule, DICTIONARY, facts_of(known), TODAY)).state is CriteriaResultState.UNKNOWN:
        found = plan_questions(rule, DICTIONARY, result)
        asked = {*found.facts, *(need.fact for need in found.judged_now)}
        assert asked and not asked & known.keys()
        known |= {fact_id: truth[fact_id] for fact_id in asked}
