"""Avoidable days: attributed to their party, the plan's own first and never left out."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.stays.avoidable_days import (
    Attribution,
    AvoidableDay,
    DelayReason,
    DelayReasons,
    day_violations,
    summarize_days,
)
from rulebook.stay_rules import load_stay_rules

SEEDED = settings(derandomize=True, database=None, deadline=None, max_examples=100)
REASONS = load_stay_rules().delays
FIRST = date(2026, 1, 30)


def day(number: int, reason: str, attribution: Attribution) -> AvoidableDay:
    return AvoidableDay(day=FIRST + timedelta(days=number), reason=reason, attribution=attribution)


ENTRIES = [
    day(0, "payer_decision_pending", Attribution.PAYER),
    day(1, "payer_decision_pending", Attribution.PAYER),
    day(1, "consult_delay", Attribution.PHYSICIAN),
    day(2, "no_accepting_snf", Attribution.POST_ACUTE_FACILITY),
]


def test_the_plans_own_days_stand_first_with_their_share():
    found = summarize_days(ENTRIES, days_of_stay=10)
    first = found.by_attribution[0]
    assert (first.attribution, first.days, first.share) == (Attribution.PAYER, 2, Decimal("66.7"))
    assert first.reasons == (("payer_decision_pending", 2),)
    assert (found.days, found.entries, found.share_of_stay) == (3, 4, Decimal("30.0"))


def test_a_party_without_days_is_said_to_have_none():
    found = summarize_days(ENTRIES)
    assert [one.attribution for one in found.by_attribution] == list(Attribution)
    assert found.of(Attribution.HOSPITAL).days == 0 and found.of(Attribution.HOSPITAL).share == 0
    assert found.share_of_stay is None


def test_a_day_with_two_reasons_counts_once_for_the_stay_and_once_for_each_party():
    found = summarize_days(ENTRIES[1:3])
    assert found.days == 1
    assert found.of(Attribution.PAYER).share == found.of(Attribution.PHYSICIAN).share == 100


def test_the_same_day_written_down_twice_counts_once():
    assert summarize_days([*ENTRIES, *ENTRIES]) == summarize_days(ENTRIES)


def test_a_stay_without_avoidable_days_has_none():
    found = summarize_days([], days_of_stay=4)
    assert (found.days, found.share_of_stay) == (0, Decimal("0.0"))


@SEEDED
@given(
    st.lists(
        st.builds(day, st.integers(0, 20), st.sampled_from(sorted(REASONS.by_name)), st.sampled_from(list(Attribution)))
    )
)
def test_no_order_of_entries_hides_a_payer_day(entries: list[AvoidableDay]):
    found = summarize_days(entries)
    assert found.by_attribution[0].attribution is Attribution.PAYER
    assert found.by_attribution[0].days == len({one.day for one in entries if one.attribution is Attribution.PAYER})
    assert summarize_days(list(reversed(entries))) == found
    assert max((one.days for one in found.by_attribution), default=0) <= found.days


def test_a_day_is_laid_only_to_whom_its_reason_allows():
    (only,) = day_violations(day(0, "payer_decision_pending", Attribution.HOSPITAL), REASONS, FIRST, None)
    assert only.rule == "delay.attribution" and "Attribute it to payer" in only.way_out


def test_an_unknown_reason_and_a_day_outside_the_stay_are_refused_together():
    found = day_violations(day(9, "bad_luck", Attribution.PAYER), REASONS, FIRST, FIRST + timedelta(days=3))
    assert [one.rule for one in found] == ["delay.reason", "delay.day"]


def test_while_a_stay_lasts_any_day_from_its_admission_on_may_be_entered():
    entry = day(9, "transport", Attribution.PAYER)
    assert day_violations(entry, REASONS, FIRST, None) == ()
    assert day_violations(entry, REASONS, FIRST + timedelta(days=10), None)[0].rule == "delay.day"


def test_the_plan_can_answer_for_what_it_delays():
    with_payer = {one.reason for one in REASONS.reasons if Attribution.PAYER in one.attributions}
    assert {"payer_decision_pending", "payer_information_request", "peer_to_peer_pending", "denied_under_appeal"} <= (
        with_payer
    )
    assert REASONS.by_name["payer_decision_pending"].attributions == (Attribution.PAYER,)


def test_a_list_in_which_nothing_can_be_laid_to_the_plan_is_refused():
    without = tuple(one for one in REASONS.reasons if Attribution.PAYER not in one.attributions)
    with pytest.raises(ValidationError, match="payer"):
        DelayReasons(reasons=without)
    with pytest.raises(ValidationError, match="transport twice"):
        DelayReasons(reasons=(*REASONS.reasons, REASONS.by_name["transport"]))
    with pytest.raises(ValidationError, match="lists one twice"):
        DelayReason.model_validate(
            {"reason": "x", "title": "x", "attributions": ["payer", "payer"], "source": "x", "confidence": "known"}
        )
