"""A drug of Part B is not denied under Part D for being one, and one plan that covers both is found in the directory only."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.cited_value import Confidence
from domain.coverage.directory import Coverage
from domain.decisions.signed import LineDecision
from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.pharmacy.other_benefit import (
    HandOverRule,
    OtherBenefit,
    find_medical_coverage,
    find_other_benefit,
    find_other_half,
)
from domain.three_valued import Tri
from domain.vocabulary import LineOutcome, Lob
from tests.domain.authorization.casebook import REASON

CITE = "42 CFR 410.30"
ELSEWHERE = OtherBenefit(rule_id="BD-TRANSPLANT", state=Tri.NOT_MET, citation=CITE, same_plan=False)
MAYBE = ELSEWHERE.model_copy(update={"state": Tri.UNKNOWN})
DENIED = LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=REASON)
FOR_IT = DENIED.model_copy(update={"reason": REASON.model_copy(update={"rule_citation": f"{CITE}; 42 CFR 423.100"})})
NAMED = DENIED.model_copy(update={"reason": REASON.model_copy(update={"rule": "Rule BD-TRANSPLANT"})})
DAY = date(2026, 6, 1)
DRUGS = Coverage(
    coverage_id="D",
    member_id="M",
    plan_id="P",
    plan_name="Plan",
    lob=Lob.PART_D,
    state="IL",
    zone="America/Chicago",
    effective=date(2026, 1, 1),
    medical_coverage_id="C",
)
MEDICAL = DRUGS.model_copy(update={"coverage_id": "C", "lob": Lob.MEDICARE_ADVANTAGE, "medical_coverage_id": None})


def benefit(state: Tri) -> LimitOutcome:
    return LimitOutcome(
        rule_id=f"BD-{state.value}", kind=LimitKind.BENEFIT, title="", state=state, because="", reason="", citation=CITE
    )


@pytest.mark.parametrize("decision", [DENIED, FOR_IT, NAMED])
def test_no_denial_stands_while_the_facts_give_the_drug_to_part_b(decision: LineDecision) -> None:
    assert ELSEWHERE.forbids(decision, None)
    assert ELSEWHERE.forbids(decision, "not_met")


def test_a_clinician_who_finds_that_part_d_pays_may_deny_on_another_ground_but_not_on_this_one() -> None:
    assert not ELSEWHERE.forbids(DENIED, "met")
    assert ELSEWHERE.forbids(FOR_IT, "met") and ELSEWHERE.forbids(NAMED, "met")


def test_where_it_is_not_known_who_pays_only_that_ground_is_none() -> None:
    assert not MAYBE.forbids(DENIED, None)
    assert MAYBE.forbids(FOR_IT, None) and MAYBE.forbids(NAMED, None)
    assert MAYBE.forbids(DENIED, "not_met"), "the clinician finds that Part B pays"


def test_an_approval_is_never_in_its_way() -> None:
    assert not ELSEWHERE.forbids(LineDecision(line_id="1", outcome=LineOutcome.APPROVED), None)


def test_the_way_out_names_the_same_plan_or_the_prescriber() -> None:
    assert "this plan decides it under its medical benefit" in ELSEWHERE.model_copy(update={"same_plan": True}).way_out
    assert "tell prescriber and member" in ELSEWHERE.way_out
    told = ELSEWHERE.model_copy(update={"paid_by": "Medicare Part B"})
    assert "a letter tells prescriber and member" in told.way_out and "signed decision" not in told.way_out
    answered = told.model_copy(update={"signed_answer": True})
    assert f"a signed decision on that ground alone, which cites {CITE}" in answered.way_out


def test_what_is_proven_counts_before_what_is_not_known_and_part_d_itself_is_no_other_benefit() -> None:
    found = find_other_benefit((benefit(Tri.UNKNOWN), benefit(Tri.NOT_MET)), same_plan=True)
    assert found is not None and found.state is Tri.NOT_MET and found.same_plan
    assert find_other_benefit((benefit(Tri.MET),), same_plan=True) is None
    step = benefit(Tri.NOT_MET).model_copy(update={"kind": LimitKind.STEP})
    assert find_other_benefit((step,), same_plan=True) is None


def test_the_coverage_of_the_same_plan_is_the_one_that_the_directory_names() -> None:
    assert find_medical_coverage(DRUGS, (DRUGS, MEDICAL), DAY) == MEDICAL


@pytest.mark.parametrize(
    "changes",
    [
        {"coverage_id": "X"},
        {"member_id": "N"},
        {"plan_id": "Q"},
        {"lob": Lob.MEDICAID},
        {"end": date(2026, 5, 31)},
        {"effective": date(2026, 6, 2)},
    ],
)
def test_a_coverage_of_somebody_else_of_another_plan_or_another_time_is_not_the_same_plan(
    changes: dict[str, Any],
) -> None:
    assert find_medical_coverage(DRUGS, (MEDICAL.model_copy(update=changes),), DAY) is None


ANSWERED = ELSEWHERE.model_copy(update={"paid_by": "Medicare Part B", "signed_answer": True})


def test_a_plan_without_the_other_benefit_denies_such_a_drug_on_that_ground_alone() -> None:
    assert ANSWERED.forbids(DENIED, None), "the letter would not say who pays"
    assert not ANSWERED.forbids(FOR_IT, None) and not ANSWERED.forbids(NAMED, "not_met")
    assert ANSWERED.forbids(FOR_IT, "met"), "this benefit pays: that is no ground"
    assert not ANSWERED.forbids(DENIED, "met")


def test_where_it_is_not_known_who_pays_the_clinicians_answer_decides_which_ground_stands() -> None:
    maybe = ANSWERED.model_copy(update={"state": Tri.UNKNOWN})
    assert maybe.forbids(FOR_IT, None) and not maybe.forbids(FOR_IT, "not_met")
    assert not maybe.forbids(DENIED, None) and maybe.forbids(DENIED, "not_met")


def test_one_plan_that_covers_both_never_refuses_a_drug_for_being_the_other_benefits() -> None:
    found = find_other_benefit((benefit(Tri.NOT_MET),), same_plan=True, signed_answer=True)
    assert found is not None and found.forbids(FOR_IT, "not_met")


def test_who_pays_instead_follows_from_the_line_of_business() -> None:
    for lob, payer in ((Lob.PART_D, "Medicare Part B"), (Lob.MEDICARE_ADVANTAGE, "Medicare Part D")):
        found = find_other_benefit((benefit(Tri.NOT_MET),), same_plan=True, lob=lob)
        assert found is not None and found.paid_by == payer and found.is_to_tell
    under_drugs = find_other_benefit((benefit(Tri.NOT_MET),), same_plan=True, lob=Lob.MEDICARE_ADVANTAGE)
    assert under_drugs is not None and "under its drug benefit" in under_drugs.way_out


@pytest.mark.parametrize(
    ("changes", "lets"),
    [
        ({}, True),
        ({"signed_answer": False}, False),
        ({"confidence": Confidence.UNSURE}, False),
        ({"first_day": DAY + timedelta(days=1)}, False),
        ({"last_day": DAY - timedelta(days=1)}, False),
        ({"lobs": (Lob.MEDICARE_ADVANTAGE,)}, False),
    ],
)
def test_a_signature_on_that_ground_needs_a_rule_in_force_that_is_sure(changes: dict[str, Any], lets: bool) -> None:
    rule = HandOverRule(
        rule_id="R", lobs=(Lob.PART_D,), first_day=DAY, last_day=DAY, signed_answer=True, because="x", cite="a law",
        confidence=Confidence.KNOWN,
    )  # fmt: skip
    assert rule.model_copy(update=changes).lets_answer(Lob.PART_D, DAY) is lets


def test_the_drug_coverage_of_a_plan_is_found_from_its_medical_one() -> None:
    assert find_other_half(MEDICAL, (MEDICAL, DRUGS), DAY) == DRUGS
    assert find_other_half(DRUGS, (MEDICAL, DRUGS), DAY) == MEDICAL
    assert find_other_half(MEDICAL, (MEDICAL, DRUGS.model_copy(update={"plan_id": "Q"})), DAY) is None
    assert find_other_half(MEDICAL, (MEDICAL, DRUGS), date(2025, 12, 31)) is None


def test_a_drug_plan_alone_has_no_medical_benefit_and_an_older_directory_loads() -> None:
    alone = DRUGS.model_copy(update={"medical_coverage_id": None})
    assert find_medical_coverage(alone, (alone, MEDICAL), DAY) is None
    assert find_medical_coverage(MEDICAL, (DRUGS, MEDICAL), DAY) is None
    assert "medical_coverage_id" not in alone.model_dump_json()
    assert Coverage.model_validate_json(alone.model_dump_json()) == alone
