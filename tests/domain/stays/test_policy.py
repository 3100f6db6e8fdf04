"""The plan's figures for a stay: when somebody is asked, looks again, or may still ask after a denial."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from domain.stays.levels_of_care import LevelOfCare
from domain.stays.policy import AfterDenialRule, PeerToPeerEffect, StayPolicy
from domain.vocabulary import Lob
from rulebook.calendar_rules import load_federal_calendar
from rulebook.stay_rules import load_stay_rules

POLICY = load_stay_rules().policy
FEDERAL = load_federal_calendar()
CHICAGO = ZoneInfo("America/Chicago")
FRIDAY = datetime(2026, 10, 30, 16, tzinfo=CHICAGO)


def end_of(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, 59, tzinfo=CHICAGO)


def test_the_first_review_comes_within_a_business_day_of_the_notice():
    assert POLICY.first_review_due(FRIDAY, FEDERAL, CHICAGO) == end_of(2026, 11, 2)


def test_news_of_an_inpatient_is_due_in_a_business_day_and_of_observation_in_hours():
    assert POLICY.clinical_update_due(FRIDAY, LevelOfCare.ICU, FEDERAL, CHICAGO) == end_of(2026, 11, 2)
    saturday_night = datetime(2026, 10, 31, 23, tzinfo=CHICAGO)
    due = POLICY.clinical_update_due(saturday_night, LevelOfCare.OBSERVATION, FEDERAL, CHICAGO)
    assert due.timestamp() - saturday_night.timestamp() == 4 * 3600, "elapsed hours, over the change of clocks too"


def test_every_line_of_business_but_the_drug_plans_says_what_may_be_asked_after_a_denial():
    assert {lob for lob in Lob if POLICY.after_denial_for(lob) is None} == {Lob.PART_D}


def test_in_medicare_advantage_a_talk_after_the_denial_changes_it_only_by_reopening():
    rule = POLICY.after_denial_for(Lob.MEDICARE_ADVANTAGE)
    assert rule is not None and rule.changes_by is PeerToPeerEffect.REOPENING and rule.reopening is not None
    assert rule.reopening.ends(FRIDAY, FEDERAL, CHICAGO) == end_of(2027, 10, 30)
    assert "42 CFR 422.616" in rule.source and "42 CFR 422.138(c)" in rule.note


def test_a_talk_may_be_asked_for_until_the_end_of_its_last_day():
    rule = POLICY.after_denial_for(Lob.MEDICAID)
    assert rule is not None and rule.reopening is None
    assert rule.peer_to_peer.ends(FRIDAY, FEDERAL, CHICAGO) == end_of(2026, 11, 9)
    in_business_days = rule.peer_to_peer.model_copy(update={"value": 2, "unit": "business_days"})
    assert in_business_days.ends(FRIDAY, FEDERAL, CHICAGO) == end_of(2026, 11, 3)


def test_no_figure_of_memory_is_called_confirmed():
    data = POLICY.model_dump()
    figures = [value for value in data.values() if isinstance(value, dict)]
    # after_denial, reductions and admission_requests are lists, each entry with a source of its own; one entry is no figure
    assert len(figures) == len(data) - 4
    for figure in figures:
        assert figure["confidence"].value in ("known", "unsure")


def test_figures_that_do_not_fit_together_are_refused():
    told = POLICY.model_dump()
    early = told | {"huddle_at_variance_days": told["huddle_at_variance_days"] | {"value": 3}}
    with pytest.raises(ValidationError, match="lies before huddle_at_variance_days"):
        StayPolicy.model_validate(early)
    with pytest.raises(ValidationError, match="more than one entry for chip, medicaid"):
        StayPolicy.model_validate(told | {"after_denial": [*told["after_denial"], told["after_denial"][1]]})
    with pytest.raises(ValidationError, match="come together"):
        AfterDenialRule.model_validate(told["after_denial"][1] | {"changes_by": "reopening"})
