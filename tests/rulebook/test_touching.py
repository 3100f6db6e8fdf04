"""Which open cases a changed rulebook touches, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from domain.clocks.binding import compute_clocks
from domain.clocks.facts import ClockFacts, ContractLength
from domain.clocks.rules import ClockLength, ClockRule, Confidence
from domain.vocabulary import Lob, ReviewKind, ServiceKind, Urgency
from rulebook.calendar_rules import load_calendars
from rulebook.clock_rules import load_clock_rules
from rulebook.guidelines import load_criteria
from rulebook.impact import CurrentRules, StoredCaseRules, explain_impact

RULES = load_clock_rules()
FEDERAL = load_calendars()["us_federal"]
CRITERIA = load_criteria()
OXYGEN = next((one.id, one.version) for one in CRITERIA.guidelines if one.id == "OXY")


def case(**more: Any) -> StoredCaseRules:
    facts = ClockFacts(
        lob=Lob.MEDICARE_ADVANTAGE,
        urgency=Urgency.STANDARD,
        received_at=datetime.fromisoformat("2026-11-03T09:15:00-05:00"),
        zone="America/New_York",
        service_kind=ServiceKind.MEDICAL,
        review_kind=ReviewKind.PROSPECTIVE,
        requires_prior_authorization=True,
        state="NY",
        **more,
    )
    return StoredCaseRules(
        case_id="PA-1",
        lob=facts.lob,
        state="NY",
        zone=facts.zone,
        rulebook_version="before",
        clocks=compute_clocks(RULES, facts, (), FEDERAL),
        guidelines=(OXYGEN,),
    )


def now(*, rules: tuple[ClockRule, ...] = RULES, **more: Any) -> CurrentRules:
    return CurrentRules("now", rules, CRITERIA, FEDERAL, **more)


def with_change(**change: Any) -> tuple[ClockRule, ...]:
    return tuple(
        rule.model_copy(update=change) if (rule.rule_id, rule.variant) == ("MA-OD-STD-PA", "") else rule
        for rule in RULES
    )


def test_a_case_of_the_same_rules_is_not_touched():
    assert explain_impact(case(), now()) == ()
    assert explain_impact(case()._replace(rulebook_version="now"), now(rules=())) == ()


def test_a_shorter_time_touches_the_cases_whose_clock_it_runs():
    five = with_change(length=ClockLength(value=5, unit="calendar_days"))
    assert explain_impact(case(), now(rules=five)) == (
        "MA-OD-STD-PA: the time is now 5 calendar days, which ends 2026-11-08 23:59-05:00 instead of 2026-11-10 23:59-05:00",
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"missed": None}, "a miss is now without a consequence of its own instead of deemed adverse"),
        ({"confidence": Confidence.KNOWN}, "it is now marked known instead of confirmed"),
        ({"cites": ("a new law",)}, "it now cites a new law instead of 42 CFR 422.568(b)(1)(ii)"),
    ],
)
def test_what_else_a_clock_shows_is_compared(change: dict[str, Any], says: str):
    assert explain_impact(case(), now(rules=with_change(**change))) == (f"MA-OD-STD-PA: {says}",)


def test_a_rule_that_is_gone_touches():
    kept = tuple(rule for rule in RULES if rule.rule_id != "MA-OD-STD-PA")
    assert explain_impact(case(), now(rules=kept)) == ("MA-OD-STD-PA is no longer a rule",)


def test_a_contracts_time_is_not_mistaken_for_a_change():
    length = ClockLength(value=3, unit="calendar_days")
    medicaid = case().clocks[0].model_copy(update={"rule_id": "MCD-SA-STD"})
    short = ContractLength(rule_id="MCD-SA-STD", length=length, source="the State's contract")
    facts = ClockFacts(
        lob=Lob.MEDICAID,
        urgency=Urgency.STANDARD,
        received_at=medicaid.starts_at,
        zone="America/New_York",
        contract_times=(short,),
    )
    standing = case()._replace(lob=Lob.MEDICAID, clocks=compute_clocks(RULES, facts, (), FEDERAL))
    assert explain_impact(standing, now()) == ()


def test_a_guideline_of_another_version_touches():
    (said,) = explain_impact(case()._replace(guidelines=(("OXY", "1999"),)), now())
    assert said == f"guideline OXY 1999: now {OXYGEN[1]}"
    (gone,) = explain_impact(case()._replace(guidelines=(("GONE", "1"),)), now())
    assert gone == "guideline GONE 1: no longer in the rulebook"


def test_a_new_rule_touches_the_cases_that_it_may_bind():
    changed = {"MA-OD-STD-NONPA", "CA-STD", "MA-RECON-STD", "MCD-SA-STD"}
    assert explain_impact(case(), now(changed=changed)) == ("MA-OD-STD-NONPA is new or changed and may bind it",)
    assert explain_impact(case(), now(changed={"MA-OD-STD-PA"})) == ("MA-OD-STD-PA has changed",)
