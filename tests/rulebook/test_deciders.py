"""The people who may decide, by line of business and State."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.decisions.determination import DecisionLevel
from domain.vocabulary import Lob, Role
from rulebook.review_rules import REVIEW, NoDecider, StateDeciderRule, load_review_rules
from rulebook.yamlfile import RulebookErrors, load_models

RULES = load_review_rules()


@pytest.mark.parametrize("lob", list(Lob))
def test_every_line_of_business_says_who_may_decide(lob: Lob):
    rule = RULES.decider(lob)
    assert rule.lob is lob and rule.professions and rule.unrestricted_licence
    assert set(rule.roles) <= {Role.PHYSICIAN, Role.MEDICAL_DIRECTOR, Role.PHARMACIST}


@pytest.mark.parametrize("lob", list(Lob))
def test_every_appeal_is_decided_by_a_physician_who_took_no_part_before(lob: Lob):
    rule = RULES.decider(lob, level=DecisionLevel.APPEAL)
    assert (rule.lob, rule.level, rule.professions) == (lob, DecisionLevel.APPEAL, ("physician",))
    assert rule.not_involved_before and rule.citations


def test_in_medicaid_and_employer_plans_no_subordinate_decides_the_appeal():
    bound = {lob for lob in Lob if RULES.decider(lob, level=DecisionLevel.APPEAL).not_subordinate}
    assert bound == set(Lob) - {Lob.MEDICARE_ADVANTAGE, Lob.PART_D}


def test_a_states_law_on_appeals_takes_no_independence_away():
    illinois = RULES.decider(Lob.COMMERCIAL_ERISA, "IL", False, DecisionLevel.APPEAL)
    assert (illinois.rule_id, illinois.level) == ("DEC-IL", DecisionLevel.APPEAL)
    assert illinois.not_involved_before and illinois.not_subordinate
    assert RULES.decider(Lob.COMMERCIAL_ERISA, "TX", False, DecisionLevel.APPEAL).rule_id == "DEC-ERISA-APPEAL"


def test_a_line_without_a_rule_for_a_level_says_which_one_it_lacks(tmp_path: Path):
    for path in REVIEW.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    file = tmp_path / "deciders.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("- rule_id: DEC-MA-RECON")], encoding="utf-8")
    with pytest.raises(NoDecider, match=r"no entry for chip, appeal: .* before taking appeals"):
        load_review_rules(tmp_path).decider(Lob.CHIP, level=DecisionLevel.APPEAL)


def test_a_pharmacist_decides_only_about_part_d_drugs():
    assert [lob for lob in Lob if "pharmacist" in RULES.decider(lob).professions] == [Lob.PART_D]


def test_a_states_law_binds_insured_plans_of_its_state():
    texas = RULES.decider(Lob.COMMERCIAL_ERISA, "TX", self_funded=False)
    assert (texas.rule_id, texas.same_state, texas.lob) == ("DEC-TX", True, Lob.COMMERCIAL_ERISA)
    assert RULES.decider(Lob.QHP, "CA").rule_id == "DEC-CA"
    assert RULES.decider(Lob.COMMERCIAL_ERISA, "NC", self_funded=False).rule_id == "DEC-ERISA"


def test_a_plan_that_its_employer_funds_is_not_bound_by_a_state():
    assert RULES.decider(Lob.COMMERCIAL_ERISA, "TX", self_funded=True).rule_id == "DEC-ERISA"
    assert RULES.decider(Lob.COMMERCIAL_ERISA, "TX", self_funded=None).rule_id == "DEC-TX"


def test_a_states_law_does_not_bind_medicare_or_medicaid():
    assert RULES.decider(Lob.MEDICARE_ADVANTAGE, "CA").rule_id == "DEC-MA-OD"
    assert RULES.decider(Lob.MEDICAID, "TX").rule_id == "DEC-MCD"


def test_two_rules_for_one_state_and_line_are_refused(tmp_path: Path):
    for path in REVIEW.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    file = tmp_path / "state_deciders.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("states: [NY]", "states: [CA]"), encoding="utf-8")
    with pytest.raises(RulebookErrors, match="DEC-CA is about the same State"):
        load_review_rules(tmp_path)


def test_every_states_rule_cites_its_law():
    assert {rule.rule_id for rule in load_models(REVIEW / "state_deciders.yaml", "deciders", StateDeciderRule)} == {
        "DEC-CA",
        "DEC-TX",
        "DEC-NY",
        "DEC-IL",
    }
