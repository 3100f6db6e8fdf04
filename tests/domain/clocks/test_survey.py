"""Every rule of the book stands in one section: it binds, nearly binds, or stands under the first reason why not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.clocks.binding import compute_clocks
from domain.clocks.survey import SurveyedRule, survey_rules
from domain.vocabulary import Accreditor, Lob
from tests.domain.clocks.clockwork import FEDERAL, SHIPPED, facts

RECEIVED = "2026-11-03T09:15:00-05:00"
INSURED: dict[str, Any] = {"lob": Lob.COMMERCIAL_ERISA, "state": "TX", "self_funded": False}


def placed(**case: Any) -> dict[tuple[str, str], tuple[str, SurveyedRule]]:
    return {
        (one.rule.rule_id, one.rule.variant): (section.group, one)
        for section in survey_rules(SHIPPED, facts(RECEIVED, **case))
        for one in section.rules
    }


def test_each_rule_stands_in_exactly_one_section():
    shown = [one.rule for section in survey_rules(SHIPPED, facts(RECEIVED)) for one in section.rules]
    assert len(shown) == len(SHIPPED) == len(placed())


def test_a_state_rule_does_not_bind_a_self_funded_plan_and_says_that_this_is_all_that_is_missing():
    assert placed(**INSURED)["TX-PREAUTH", ""][0] == "binds"
    group, one = placed(**INSURED | {"self_funded": True})["TX-PREAUTH", ""]
    assert group == "nearly_binds"
    assert one.verdict.why == "does not bind: self-funded: no, and the case says yes"


@pytest.mark.parametrize("state", ["CA", "IL", "NY", "TX", "WA"])
def test_no_state_overlay_binds_a_self_funded_plan(state: str):
    found = placed(lob=Lob.COMMERCIAL_ERISA, state=state, self_funded=True)
    assert [name for name, (group, one) in found.items() if group == "binds" and one.rule.applies.state] == []


def test_a_plan_that_does_not_state_its_accreditation_is_told_where_to_state_it():
    group, one = placed()["NCQA-PRE-NONURGENT", ""]
    assert group == "nearly_binds" and "list it under accreditations in the plan file" in one.verdict.why
    assert placed(accreditations=(Accreditor.NCQA,))["NCQA-PRE-NONURGENT", ""][0] == "binds"
    assert "the plan is not" in placed(accreditations=(Accreditor.URAC,))["NCQA-PRE-NONURGENT", ""][1].verdict.why


def test_every_condition_that_fails_is_named_the_most_general_first():
    group, one = placed()["CA-URGENT", ""]
    assert group == "line_of_business"
    assert [about.value for about, _ in one.verdict.missed][:2] == ["line_of_business", "state"]


def test_a_rule_of_an_earlier_rating_period_says_when_this_one_started():
    found = placed(lob=Lob.MEDICAID, rating_period_start=date(2026, 7, 1))
    early = next(one for (name, variant), (_, one) in found.items() if name == "MCD-SA-STD" and variant)
    assert early.verdict.why.endswith("and it started on 2026-07-01")


def test_what_is_not_known_is_said_to_free_from_nothing():
    group, one = placed(requires_prior_authorization=None)["MA-OD-STD-NONPA", ""]
    assert group == "binds" and "is not known, and so does not free from the rule" in one.verdict.why


@pytest.mark.parametrize("lob", list(Lob))
def test_the_rules_that_run_are_among_those_said_to_bind(lob: Lob):
    case = facts(RECEIVED, lob=lob)
    bind = {
        one.rule.rule_id for section in survey_rules(SHIPPED, case) if section.group == "binds" for one in section.rules
    }
    assert {clock.rule_id for clock in compute_clocks(SHIPPED, case, (), FEDERAL)} <= bind
