"""The shipped guidelines ask little: how many questions a first request draws, and how many at the most on average."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from domain.criteria.evaluation import evaluate
from domain.criteria.guideline_test_cases import facts_of_test_case
from domain.criteria.model import GuidelineTestCase, VignetteOutcome
from domain.criteria.questions import QuestionPlan, plan_questions
from domain.criteria.reachability import reachability_issues
from domain.criteria.soundness import release_issues
from domain.evidence.units import known_units
from rulebook.authoring.question_counts import count_questions
from rulebook.guidelines import load_criteria

CRITERIA = load_criteria()
DAY = date(2026, 11, 2)


def plan(guideline_id: str, facts: dict[str, Any], *diagnoses: str) -> QuestionPlan:
    (rule,) = (
        one
        for one in CRITERIA.guidelines
        if one.id == guideline_id
        and one.effective_from <= DAY
        and (one.effective_to is None or one.effective_to >= DAY)
    )
    known = facts_of_test_case(
        GuidelineTestCase(name="asked", expect=VignetteOutcome.UNKNOWN, facts=facts), CRITERIA.dictionary, DAY
    )
    return plan_questions(rule, CRITERIA.dictionary, evaluate(rule, CRITERIA.dictionary, known, DAY), diagnoses)


def test_a_cluster_headache_draws_two_questions_at_most_and_goes_to_a_clinician_at_once() -> None:
    found = plan("OXY", {"o2.sat_rest": 97}, "G44.009")
    assert len(found.questions) <= 2
    assert [need.fact for need in found.judged_now] == ["o2.group3_condition"]
    assert not any("sleep" in asked or "exercise" in asked for asked in found.facts)


def test_a_first_request_for_oxygen_draws_six_questions_at_most() -> None:
    assert 1 <= len(plan("OXY", {}).questions) <= 6


def test_a_first_request_for_a_defibrillator_draws_four_questions_at_most() -> None:
    assert 1 <= len(plan("ICD", {}).questions) <= 4


WHEELCHAIR_FACTS = {
    *("mae.limits_mradl", "mae.cane_walker_insufficient", "mae.cannot_self_propel"),
    *("mae.pwc_weight_class_ok", "mae.pwc_home_access", "mae.pwc_willing"),
    *("mae.order_date", "mae.face_to_face_date"),
}


def test_a_first_request_for_a_power_wheelchair_draws_five_questions_and_asks_no_fact_less() -> None:
    found = plan("PWC", {"request.start": "2026-12-07"})
    assert len(found.questions) <= 5 and set(found.facts) >= WHEELCHAIR_FACTS
    assert [need.fact for need in found.judged_now] == ["mae.pwc_improves_mradl"]


def test_a_first_request_for_a_sleep_device_draws_five_questions_and_asks_no_fact_less() -> None:
    found = plan("PAP", {"request.hcpcs": "E0601"}, "G47.33")
    needed = {"eval_before_test", "instruction_given", "earlier_trial_failed", "scored_with_4_percent", "test_valid"}
    assert len(found.questions) <= 5
    assert set(found.facts) == {f"pap.{fact}" for fact in needed | {"ahi", "events"}}
    (trial,) = (one for one in found.questions if one.criterion == "PAP-NEW")
    assert trial.instead == ("The member used the device before joining the plan",)


@pytest.mark.parametrize(
    "diagnosis",
    sorted(
        {code for one in CRITERIA.guidelines if one.id == "ICD" for first in one.ask_first for code in first.diagnoses}
    ),
)
def test_a_defibrillator_with_its_diagnosis_draws_four_questions_at_most(diagnosis: str) -> None:
    assert 1 <= len(plan("ICD", {}, diagnosis).questions) <= 4


def test_what_hangs_under_the_branch_of_a_diagnosis_is_asked_when_its_own_facts_hold() -> None:
    first = plan("ICD", {}, "I42.0")
    own = ("icd.nonischemic_dcm", "icd.lvef", "icd.nyha", "icd.omt_months")
    assert tuple(need.fact for need in first.questions[-1].needs()) == own and "icd.sdm" not in first.facts
    holds: dict[str, Any] = {
        "icd.stable": True,
        "icd.lvef_method_ok": True,
        "icd.brain_damage": False,
        "icd.uncontrolled_svt": False,
        "icd.nonischemic_dcm": True,
        "icd.lvef": 33,
        "icd.nyha": 3,
        "icd.omt_months": 4,
    }
    second = plan("ICD", holds, "I42.0")
    assert set(second.facts) == {"icd.mi_within_40_days", "icd.revasc_within_3_months", "icd.sdm"}
    ruled_out = plan("ICD", {**holds, "icd.lvef": 50}, "I42.0")
    assert "icd.sdm" not in ruled_out.facts and ruled_out.facts, "another branch is asked about instead"


def test_the_average_over_the_open_examples_stays_small() -> None:
    counts = count_questions(CRITERIA)
    assert counts.open_examples >= 30
    assert counts.per_example <= 0.92, "a change of the criteria asks more of every clinic: is it needed?"
    assert counts.per_first_request <= 4.0


def test_no_question_asks_for_a_number_that_stands_for_none() -> None:
    sentinel = re.compile(r"\b9{3,}\b")
    assert [one.id for one in CRITERIA.dictionary.facts if sentinel.search(one.ask)] == []


def test_questions_are_in_words_that_a_clinic_writes_and_name_a_unit_once() -> None:
    written = {code: words for code, words, _ in known_units()}
    asked = CRITERIA.dictionary.facts
    assert [one.id for one in asked if re.search(r"[<>]|mm\[Hg\]|lb_av", one.ask)] == []
    twice = [one.id for one in asked if one.unit and re.search(rf"\b{written.get(one.unit, one.unit)}\)?$", one.ask)]
    assert twice == [], "the letter writes the unit behind the question"
    ages = [one.id for one in asked if one.unit == "a" and "date" in one.ask.casefold()]
    assert ages == [], "years are asked for, so a date is no answer"


def test_an_order_of_questions_that_names_nothing_is_refused() -> None:
    rule = next(one for one in CRITERIA.guidelines if one.id == "OXY")
    wrong = rule.model_copy(
        update={"ask_first": (rule.ask_first[0].model_copy(update={"node": "OXY-G33", "diagnoses": ("44.0",)}),)}
    )
    said = [str(issue) for issue in release_issues(wrong, CRITERIA.dictionary)]
    assert said == [
        "ask_first.0.node: no node has the id OXY-G33; expected OXY-G3 (did you mean that?)",
        "ask_first.0.diagnoses.0: got '44.0'; expected the beginning of an ICD-10-CM code, such as I25.2",
    ]
    assert not reachability_issues(rule, CRITERIA.dictionary)


@pytest.mark.parametrize("guideline_id", sorted({one.id for one in CRITERIA.guidelines}))
def test_no_round_asks_more_than_what_is_missing_and_some_round_asks_something(guideline_id: str) -> None:
    rule = next(one for one in CRITERIA.guidelines if one.id == guideline_id)
    empty = evaluate(rule, CRITERIA.dictionary, (), rule.effective_from)
    found = plan_questions(rule, CRITERIA.dictionary, empty)
    assert set(found.facts) <= set(empty.missing_facts)
    assert {need.criterion for need in found.judged_now} <= set(empty.open_criteria)
    assert found.facts or found.judged_now or empty.facts_held_by_plan
