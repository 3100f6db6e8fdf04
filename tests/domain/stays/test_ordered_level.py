"""A level that the plan says below the hospital's order changes no day: it is a proposal that only a physician can sign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.cases.tasks import TaskKind
from domain.cases.views import AnsweredLine
from domain.stays.adt import AdtKind, PatientClass, StayEvent
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import ClinicalUpdate
from domain.stays.parts import DayStatus, days_between
from domain.stays.start import AdtEventReceived
from domain.vocabulary import LineOutcome, Lob
from tests.domain.stays.stay_world import StayWorld

BEGINS = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LOWER = [level for level in LevelOfCare if level.value in ("observation", "home", "home_health", "snf", "emergency")]


def event(world: StayWorld, kind: AdtKind, unit: str | None, **more: Any) -> None:
    world.number += 1
    said = StayEvent(
        event_id=f"E{world.number}",
        kind=kind,
        recorded_at=world.now,
        facility="MERIDIAN",
        unit=unit,
        **({"patient_class": PatientClass.INPATIENT, "happened_at": world.now} | more),
    )
    assert world.tell(AdtEventReceived(**world.stamp(), event=said))
    world.rest()


def inpatient(unit: str = "Med-Surg") -> StayWorld:
    world = StayWorld(BEGINS, Lob.MEDICARE_ADVANTAGE, "America/Chicago")
    event(world, AdtKind.ADMIT, unit)
    return world


def says(world: StayWorld, level: LevelOfCare, who: str = "nurse", kind: str = "reviewer") -> bool:
    told = world.tell(ClinicalUpdate(**world.stamp(who, kind), update_id=f"D{world.number}", level=level))
    world.rest()
    return told


@pytest.mark.parametrize("level", LOWER)
@pytest.mark.parametrize("who", [("nurse", "reviewer"), ("1215000062", "provider")], ids=["plan", "by the update"])
def test_a_level_below_the_order_is_reviewed_at_the_level_of_the_order(
    level: LevelOfCare, who: tuple[str, str]
) -> None:
    world = inpatient()
    assert says(world, level, *who)
    assert world.stay.level is LevelOfCare.INPATIENT_WARD
    (review,) = world.open_reviews()
    assert {line.code for line in review.order.lines} == {"inpatient_ward"}
    assert review.order.round.proposed_level is level


def test_a_ward_instead_of_intensive_care_is_the_plans_proposal_and_the_hospitals_own_word() -> None:
    world = inpatient("ICU")
    assert says(world, LevelOfCare.INPATIENT_WARD)
    assert world.stay.level is LevelOfCare.ICU
    world = inpatient("ICU")
    assert says(world, LevelOfCare.INPATIENT_WARD, "1215000062", "provider")
    assert world.stay.level is LevelOfCare.INPATIENT_WARD


def test_more_care_than_ordered_is_no_proposal() -> None:
    world = inpatient()
    assert says(world, LevelOfCare.ICU)
    assert world.stay.level is LevelOfCare.ICU


@pytest.mark.parametrize("level", ["observation", "home", "emergency"])
def test_an_answer_about_the_level_below_the_order_is_refused_and_asked_again(level: str) -> None:
    world = inpatient("A unit that nobody knows")
    task = world.stay.open_task(TaskKind.LEVEL_QUESTION)
    assert task is not None
    assert not world.finish(task.task_id, {"level": level})
    assert world.stay.tasks[task.task_id].is_open and world.stay.level is None
    assert world.finish(task.task_id, {"level": "stepdown"})
    assert world.stay.level is LevelOfCare.STEPDOWN


def test_a_stay_of_which_the_plan_said_home_does_not_close_before_every_day_has_its_answer() -> None:
    world = inpatient()
    assert says(world, LevelOfCare.HOME)
    world.pass_time(timedelta(days=2))
    event(world, AdtKind.DISCHARGE, None, disposition="01")
    world.pass_time(timedelta(days=40))
    assert world.stay.is_open and world.open_reviews(), "nobody has answered"
    world.approve(world.open_reviews()[0])
    for _ in range(6):
        world.pass_time(timedelta(days=5))
        for review in world.open_reviews():
            world.approve(review)
        for task in world.stay.open_tasks():
            if task.kind is TaskKind.CLINICAL_UPDATE:
                world.finish(task.task_id, {"spoke_with": "Ann", "title": "RN", "says": "Nothing."})
    first = world.stay.day(BEGINS)
    assert all(world.stay.determination_for(day) for day in days_between(first, first + timedelta(days=1)))


def test_a_discharge_by_the_hospital_ends_the_stay_as_before() -> None:
    world = inpatient()
    event(world, AdtKind.DISCHARGE, None, disposition="01")
    assert world.stay.course.discharged_at is not None


def _answered_with_a_proposal() -> StayWorld:
    world = inpatient("A unit that nobody knows")
    task = world.stay.open_task(TaskKind.LEVEL_QUESTION)
    assert task is not None
    assert not world.finish(task.task_id, {"level": "inpatient_ward", "proposed_level": "icu"}), "that is no less"
    assert world.finish(task.task_id, {"level": "inpatient_ward", "proposed_level": "observation"})
    assert says(world, LevelOfCare.INPATIENT_WARD)
    return world


def test_a_lower_level_named_with_the_answer_stands_on_the_review_at_the_ordered_level() -> None:
    world = _answered_with_a_proposal()
    assert world.stay.level is LevelOfCare.INPATIENT_WARD
    (review,) = world.open_reviews()
    assert {line.code for line in review.order.lines} == {"inpatient_ward"}
    assert review.order.round.proposed_level is LevelOfCare.OBSERVATION
    assert world.stay.proposed_level is None, "it is on its way to the physician"


def test_days_approved_at_the_lower_level_stand_as_such_on_the_stay() -> None:
    world = _answered_with_a_proposal()
    (review,) = world.open_reviews()
    line = review.order.lines[0]
    part = AnsweredLine(
        line_id=line.line_id, outcome=LineOutcome.APPROVED_IN_PART, by="md", approved_level="observation"
    )
    world.decide(review, (part,))
    assert [(span.stand, span.level) for span in world.stay.spans] == [(DayStatus.CERTIFIED, LevelOfCare.OBSERVATION)]
