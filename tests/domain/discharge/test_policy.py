"""Leaving the hospital: what is asked, offered, started and done, by when; and what a return sets off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.calendars import local_day
from domain.discharge.policy import (
    AssessmentDomain,
    Complexity,
    NeedAnswer,
    TransitionPolicy,
    TransitionTask,
    choices_missing,
    item_due,
    reminder_at,
    task_due,
    unanswered_domains,
)
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.readmissions import EarlierStay, ReadmissionLink, ReadmissionRule, readmission_links
from domain.vocabulary import Lob
from rulebook.calendar_rules import load_federal_calendar
from rulebook.stay_rules import load_stay_rules

SEEDED = settings(derandomize=True, database=None, deadline=None, max_examples=100)
POLICY = load_stay_rules().transitions
FEDERAL = load_federal_calendar()
CHICAGO = ZoneInfo("America/Chicago")
FRIDAY = datetime(2026, 10, 30, 14, tzinfo=CHICAGO)
TASKS = {one.task: one for one in POLICY.tasks}


def end_of(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, 59, tzinfo=CHICAGO)


# -- before ----------------------------------------------------------------------------------------------------------------


def test_the_assessment_asks_in_every_domain():
    assert {one.domain for one in POLICY.assessment} == set(AssessmentDomain)
    with pytest.raises(ValidationError, match="asks nothing about function"):
        TransitionPolicy.model_validate(
            POLICY.model_dump() | {"assessment": [x.model_dump() for x in POLICY.assessment[1:]]}
        )


def test_what_nobody_asked_is_open_and_not_fine():
    answers = [
        NeedAnswer(domain=AssessmentDomain.FUNCTION, needs=False),
        NeedAnswer(domain=AssessmentDomain.FOOD, needs=None),
    ]
    left = unanswered_domains(answers)
    assert AssessmentDomain.FUNCTION not in left and AssessmentDomain.FOOD in left
    assert len(left) == len(AssessmentDomain) - 1


def test_each_setting_has_its_own_checklist():
    home = {one.item for one in POLICY.checklist_for(LevelOfCare.HOME)}
    facility = {one.item for one in POLICY.checklist_for(LevelOfCare.SNF)}
    assert "next_authorization" in facility - home and "equipment_ordered" in home - facility
    assert {"needs_assessment", "medicines_reconciled", "teach_back", "summary_sent"} <= home & facility


def test_items_are_due_at_the_end_of_their_day_before_the_target():
    items = {one.item: one for one in POLICY.checklist}
    assert item_due(items["next_authorization"], date(2026, 11, 2), CHICAGO) == end_of(2026, 10, 31)
    assert item_due(items["teach_back"], date(2026, 11, 2), CHICAGO) == end_of(2026, 11, 2)


@pytest.mark.parametrize("setting", [LevelOfCare.SNF, LevelOfCare.IRF, LevelOfCare.HOME_HEALTH])
def test_a_patient_chooses_among_at_least_three_providers(setting: LevelOfCare):
    assert choices_missing(POLICY, setting, []) == 3
    assert choices_missing(POLICY, setting, ["one", "two", "two"]) == 1, "the same provider is one choice"
    assert choices_missing(POLICY, setting, ["one", "two", "three", "four"]) == 0


def test_home_is_not_chosen_from_a_list():
    assert choices_missing(POLICY, LevelOfCare.HOME, []) == 0


def test_what_needs_an_authorization_is_also_on_the_checklist():
    items = {one.item: one for one in POLICY.checklist}
    needing = {one.setting for one in POLICY.settings if one.authorization}
    assert needing == set(items["next_authorization"].settings)
    assert {one.setting for one in POLICY.settings if one.choices} == set(items["choices_offered"].settings)


# -- after -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "due"),
    [
        ("post_discharge_call", end_of(2026, 11, 3)),  # two business days after a Friday: Tuesday
        ("pcp_notice", end_of(2026, 11, 1)),  # day of discharge and two more, a Sunday too
        ("visit_high_complexity", end_of(2026, 11, 6)),
        ("visit_moderate_complexity", end_of(2026, 11, 13)),
        ("medication_check_in", end_of(2026, 11, 6)),
        ("medication_reconciliation", end_of(2026, 11, 29)),
        ("readmission_watch", end_of(2026, 11, 29)),
        ("behavioral_follow_up_7", end_of(2026, 11, 6)),
    ],
)
def test_tasks_after_a_discharge_are_due_at_the_end_of_their_day(task: str, due: datetime):
    assert task_due(TASKS[task], FRIDAY, FEDERAL, CHICAGO) == due


def test_a_call_after_a_discharge_before_a_holiday_waits_for_business_days():
    wednesday = datetime(2026, 11, 25, 16, tzinfo=CHICAGO)
    assert task_due(TASKS["post_discharge_call"], wednesday, FEDERAL, CHICAGO) == end_of(2026, 11, 30)


def test_reminders_go_out_three_days_and_one_day_before_an_appointment_by_day():
    appointment = datetime(2026, 11, 3, 9, tzinfo=CHICAGO)
    found = [
        reminder_at(TASKS[name], appointment, FEDERAL, CHICAGO, time(10))
        for name in ("appointment_reminder_3", "appointment_reminder_1")
    ]
    assert found == [datetime(2026, 10, 31, 10, tzinfo=CHICAGO), datetime(2026, 11, 2, 10, tzinfo=CHICAGO)]


@SEEDED
@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 10, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(sorted(TASKS)),
    st.sampled_from(["America/Chicago", "Pacific/Honolulu", "America/Havana"]).map(ZoneInfo),
)
def test_no_task_is_due_earlier_or_later_than_its_count_of_days(counted_from: datetime, name: str, zone: ZoneInfo):
    task = TASKS[name]
    due = task_due(task, counted_from, FEDERAL, zone)
    days = (local_day(due, zone) - local_day(counted_from, zone)).days
    assert due.astimezone(zone).time() == time(23, 59, 59)
    assert days == task.days if task.day_kind.value == "calendar_days" else days >= task.days


def tasks(setting: LevelOfCare, complexity: Complexity, *, behavioral: bool = False) -> set[str]:
    found = POLICY.tasks_for(setting, Lob.MEDICARE_ADVANTAGE, complexity, behavioral=behavioral)
    return {one.task for one in found}


def test_the_visit_comes_in_7_days_or_in_14_by_complexity():
    high, moderate = (tasks(LevelOfCare.HOME, one) for one in (Complexity.HIGH, Complexity.MODERATE))
    assert high - moderate == {"visit_high_complexity"}
    assert moderate - high == {"visit_moderate_complexity"}


def test_a_stay_for_behavioral_health_is_followed_up_as_such():
    more = tasks(LevelOfCare.HOME, Complexity.HIGH, behavioral=True) - tasks(LevelOfCare.HOME, Complexity.HIGH)
    assert more == {"behavioral_follow_up_7", "behavioral_follow_up_30"}


def test_a_facility_confirms_the_hand_over_and_is_not_called_as_a_patient():
    found = tasks(LevelOfCare.SNF, Complexity.HIGH)
    assert "hand_over_acknowledged" in found and "post_discharge_call" not in found


@pytest.mark.parametrize(("due_from", "days"), [("discharge", -1), ("appointment", 0), ("appointment", 1)])
def test_a_task_lies_on_the_right_side_of_the_day_it_counts_from(due_from: str, days: int):
    told = {
        "task": "x",
        "title": "x",
        "role": "nurse",
        "day_kind": "calendar_days",
        "source": "x",
        "confidence": "known",
    }
    with pytest.raises(ValidationError):
        TransitionTask.model_validate(told | {"due_from": due_from, "days": days})


# -- coming back -----------------------------------------------------------------------------------------------------------

NOW = EarlierStay(case_id="new", discharged_at=FRIDAY, ms_drg="291", diagnosis_group="05")


def stay(days_before: int, **more) -> EarlierStay:
    return EarlierStay(case_id=f"ST-{days_before}", discharged_at=FRIDAY - timedelta(days=days_before), **more)


def test_an_admission_within_30_days_is_linked_and_one_after_is_not():
    found = readmission_links(POLICY.readmission, FRIDAY, NOW, [stay(31), stay(30), stay(2)], CHICAGO)
    assert [(one.case_id, one.days_since) for one in found] == [("ST-2", 2), ("ST-30", 30)]


def test_a_link_says_whether_the_stays_are_related_and_planned_or_that_nobody_knows():
    earlier = [
        stay(1, ms_drg="291", diagnosis_group="05", planned_return=True),
        stay(2, ms_drg="280", diagnosis_group="05"),
        stay(3, ms_drg="470", diagnosis_group="08", planned_return=False),
        stay(4),
    ]
    found = readmission_links(POLICY.readmission, FRIDAY, NOW, earlier, CHICAGO)
    assert [(one.same_drg, one.related, one.planned) for one in found] == [
        (True, True, True),
        (False, True, None),
        (False, False, False),
        (None, None, None),
    ]


def test_a_stay_that_ended_after_this_one_began_is_no_earlier_stay():
    assert readmission_links(POLICY.readmission, FRIDAY, None, [stay(-1)], CHICAGO) == ()


def test_a_readmission_has_no_outcome_and_no_setting_that_could_give_it_one():
    assert set(ReadmissionLink.model_fields) == {"case_id", "days_since", "same_drg", "related", "planned"}
    assert set(ReadmissionRule.model_fields) == {"days", "looks_on_days", "source", "confidence", "note"}
    with pytest.raises(ValidationError):
        ReadmissionRule.model_validate(
            {"days": 30, "looks_on_days": [30], "source": "x", "confidence": "known", "deny": True}
        )
