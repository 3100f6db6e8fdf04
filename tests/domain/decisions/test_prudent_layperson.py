"""Emergency care is judged by what brought the patient in, never by what it turned out to be."""

from __future__ import annotations

import itertools

import pytest

from domain.decisions.prudent_layperson import (
    PROHIBITED_GROUNDS,
    DenialGround,
    EmergencyDenial,
    PresentingFacts,
    PresentingSymptoms,
    emergency_citations,
    emergency_denial_violations,
    emergency_finding,
)
from domain.three_valued import Tri
from domain.vocabulary import Lob

MA = Lob.MEDICARE_ADVANTAGE
JUDGED = PresentingFacts(
    symptoms=("chest pain",), plan_sent_patient=False, acute_and_severe=True, serious_harm_to_be_expected=True
)
NOT_SEVERE = JUDGED.model_copy(update={"acute_and_severe": False, "serious_harm_to_be_expected": False})


def test_severe_chest_pain_meets_the_standard_whatever_was_found():
    assert emergency_finding(JUDGED, MA).state is Tri.MET


def test_the_final_diagnosis_has_no_place_in_the_facts():
    assert not any("diagnosis" in name for name in PresentingFacts.model_fields)


def test_whom_the_plan_sent_had_an_emergency():
    told = PresentingFacts(plan_sent_patient=True)
    assert emergency_finding(told, Lob.MEDICAID).state is Tri.MET


@pytest.mark.parametrize("field", ["plan_sent_patient", "acute_and_severe", "serious_harm_to_be_expected"])
def test_a_question_that_nobody_answered_leaves_it_unknown(field: str):
    found = emergency_finding(NOT_SEVERE.model_copy(update={field: None}), MA)
    assert found.state is Tri.UNKNOWN and len(found.missing) == 1


def test_without_recorded_symptoms_nothing_can_be_judged():
    found = emergency_finding(NOT_SEVERE.model_copy(update={"symptoms": ()}), MA)
    assert found.state is Tri.UNKNOWN and found.missing == ("the symptoms at arrival",)


def test_only_a_clinicians_answers_make_it_not_met_and_then_a_physician_looks():
    found = emergency_finding(NOT_SEVERE, MA)
    assert found.state is Tri.NOT_MET and "a physician has to see the case" in found.because


def test_a_reviewer_is_told_what_to_consider_and_by_which_law():
    found = emergency_finding(PresentingFacts(), MA)
    assert any("pain" in one for one in found.consider) and any("the plan" in one for one in found.consider)
    assert found.citations == ("42 CFR 422.113(b)",)
    assert emergency_citations(Lob.MEDICAID) == ("42 CFR 438.114",)
    assert "29 CFR 2590.716-4" in emergency_citations(Lob.COMMERCIAL_ERISA)
    assert emergency_citations(Lob.PART_D) == ()


NOT_SAID = PresentingSymptoms()


def broken(denial: EmergencyDenial | None, lob: Lob = MA, on_claim: PresentingSymptoms = NOT_SAID) -> set[str]:
    return {one.rule for one in emergency_denial_violations(denial, on_claim, lob)}


def on_symptoms(judged: PresentingFacts | None) -> EmergencyDenial:
    return EmergencyDenial(grounds=(DenialGround.PRESENTING_SYMPTOMS,), presentation=judged)


@pytest.mark.parametrize("lob", list(Lob))
def test_no_combination_of_forbidden_grounds_carries_a_denial_in_any_line_of_business(lob: Lob):
    for count in range(1, len(PROHIBITED_GROUNDS) + 1):
        for grounds in itertools.combinations(sorted(PROHIBITED_GROUNDS), count):
            found = broken(EmergencyDenial(grounds=grounds, presentation=NOT_SEVERE), lob)
            assert found == {f"emergency.{ground.value}" for ground in grounds}


def test_a_denial_on_the_final_diagnosis_alone_is_refused_with_the_way_out():
    denial = EmergencyDenial(grounds=(DenialGround.FINAL_DIAGNOSIS,), presentation=NOT_SEVERE)
    (only,) = emergency_denial_violations(denial, NOT_SAID, MA)
    assert "42 CFR 422.113(b)" in only.message and "presenting symptoms" in only.way_out


@pytest.mark.parametrize("judged", [JUDGED, PresentingFacts(), PresentingFacts(plan_sent_patient=True), None])
def test_a_denial_on_symptoms_that_are_not_judged_or_meet_the_standard_is_refused(judged: PresentingFacts | None):
    assert broken(on_symptoms(judged)) == {"emergency.presenting_symptoms"}


def test_each_question_left_open_is_named_in_the_way_out():
    unanswered = NOT_SEVERE.model_copy(update={"acute_and_severe": None})
    (only,) = emergency_denial_violations(on_symptoms(unanswered), NOT_SAID, MA)
    assert "whether they were acute and severe" in only.way_out


def test_judged_symptoms_may_be_decided_on_by_a_physician():
    assert broken(on_symptoms(NOT_SEVERE)) == set()


def test_whom_the_plan_sent_by_the_claim_is_not_denied_on_the_symptoms():
    assert broken(on_symptoms(NOT_SEVERE), on_claim=PresentingSymptoms(plan_sent_patient=True)) == {
        "emergency.presenting_symptoms"
    }


def test_who_was_not_covered_and_what_was_not_done_are_other_questions():
    for ground in (DenialGround.NOT_COVERED_PERSON, DenialGround.NOT_FURNISHED):
        assert broken(EmergencyDenial(grounds=(ground,))) == set()


@pytest.mark.parametrize("denial", [None, EmergencyDenial(grounds=())])
def test_a_denial_without_a_ground_is_refused(denial: EmergencyDenial | None):
    assert broken(denial) == {"emergency.ground"}
