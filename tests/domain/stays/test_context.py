"""The context of a stay: what the rulebook says of its dates, its level of care, and its line of business."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.stays.context import BindingRules, build_context
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.orders import StayInput
from domain.vocabulary import Lob
from rulebook.calendar_rules import load_federal_calendar
from rulebook.stay_rules import load_stay_rules

STAYS = load_stay_rules()
CHICAGO = ZoneInfo("America/Chicago")
RULES = BindingRules(STAYS.policy, STAYS.levels, load_federal_calendar(), CHICAGO, Lob.MEDICARE_ADVANTAGE)
FRIDAY = datetime(2026, 10, 30, 21, 30, tzinfo=CHICAGO)  # in UTC it is Saturday


def order(**changes: Any) -> StayInput:
    nothing = dict.fromkeys(StayInput.model_fields)
    known = {"stay_id": "ST-1", "member_id": "M", "now": FRIDAY, "placings": (), "person_known": True}
    return StayInput.model_validate(nothing | known | changes)


def local_midnight(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=CHICAGO)


def test_a_long_stay_begins_at_a_local_midnight_counted_from_the_day_of_the_order():
    assert RULES.long_stay_from(FRIDAY) == local_midnight(11, 13)
    assert RULES.long_stay_from(None) is None


def test_the_first_update_has_the_time_of_a_first_review_and_observation_is_asked_within_hours():
    first = RULES.policy.first_review_due(FRIDAY, RULES.calendar, CHICAGO)
    assert RULES.update_due_at(order()) == RULES.update_due_at(order(level="icu")) == first
    within_hours = RULES.policy.clinical_update_due(FRIDAY, LevelOfCare.OBSERVATION, RULES.calendar, CHICAGO)
    assert RULES.update_due_at(order(level="observation")) == within_hours < first
    later = order(level=None, decided_through=date(2026, 11, 2))
    assert RULES.update_due_at(later) == RULES.policy.clinical_update_due(
        FRIDAY, LevelOfCare.INPATIENT_WARD, RULES.calendar, CHICAGO
    )


def test_the_observation_question_counts_elapsed_hours():
    hours = timedelta(hours=RULES.policy.observation_question_hours.value)
    asked_at = RULES.observation_question_at(FRIDAY)
    assert asked_at is not None and asked_at.astimezone(UTC) - FRIDAY.astimezone(UTC) == hours


def test_a_second_look_ends_with_the_window_of_the_line_of_business_and_begins_with_a_denial():
    medicaid = replace(RULES, lob=Lob.MEDICAID)
    assert RULES.second_look_until(None) is None and RULES.reopening_until(None) is None
    assert RULES.reopening_until(FRIDAY) == datetime(2027, 10, 30, 23, 59, 59, tzinfo=CHICAGO)
    assert medicaid.second_look_until(FRIDAY) == datetime(2026, 11, 9, 23, 59, 59, tzinfo=CHICAGO)
    assert medicaid.reopening_until(FRIDAY) is None


def test_without_a_line_of_business_nothing_may_be_asked_after_a_denial_and_no_approved_day_ends_early():
    unknown = replace(RULES, lob=None)
    assert unknown.second_look_until(FRIDAY) is None and unknown.reopening_until(FRIDAY) is None
    assert unknown.reduction_rule() is None and "No rule of the rulebook" in unknown.no_reduction_because()


@pytest.mark.parametrize("lob", Lob)
def test_approved_days_end_early_only_with_days_of_notice_and_every_other_answer_names_its_reason(lob: Lob) -> None:
    rules, policy = replace(RULES, lob=lob), RULES.policy.reduction_for(lob)
    found = rules.reduction_rule()
    assert (found is not None) is (policy is not None and policy.days_of_notice is not None)
    assert rules.no_reduction_because()
    assert policy is None or policy.because in rules.no_reduction_because()


def test_a_move_that_the_rulebook_does_not_list_is_a_persons_question_and_an_unknown_level_is_none():
    listed = STAYS.levels.moves[0]
    assert RULES.move_question(listed.from_levels[0], listed.to_level) == listed.asks_person
    pairs = [(one, other) for one in LevelOfCare for other in LevelOfCare if one is not other]
    unlisted = next(pair for pair in pairs if STAYS.levels.move(*pair) is None)
    assert "does not list this move" in RULES.move_question(*unlisted)
    assert RULES.move_question(None, LevelOfCare.ICU) == RULES.move_question(LevelOfCare.ICU, LevelOfCare.ICU) == ""


def test_hours_are_certified_as_days_begun():
    found = build_context(order(), RULES, None, None, (), ())
    observation = found.terms_of(LevelOfCare.OBSERVATION)
    assert observation is not None and observation.hours is not None
    assert observation.days == -(-observation.hours // 24)
    assert found.next_review_at is None and found.gmlos is None
