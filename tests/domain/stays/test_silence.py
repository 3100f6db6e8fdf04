"""Silence is a fault: a stay that waits for nothing but the hospital's next message is asked about after some hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.cases.tasks import Task, TaskKind
from domain.stays import path, views
from domain.stays.adt import AdtKind, PatientClass
from domain.stays.question_tasks import SILENCE
from domain.vocabulary import Lob, Role
from tests.domain.stays.stay_world import StayWorld, book
from tests.domain.stays.test_ordered_level import BEGINS, event

HOURS = timedelta(hours=book().stays.policy.silence_question_hours.value)
MOMENT = timedelta(minutes=1)


def emergency_arrival() -> StayWorld:
    world = StayWorld(BEGINS, Lob.MEDICAID, "America/Chicago")
    event(world, AdtKind.REGISTER, "ED", patient_class=PatientClass.EMERGENCY)
    return world


def questions(world: StayWorld) -> list[Task]:
    return [task for task in world.stay.open_tasks(TaskKind.STATUS_QUESTION) if task.about == SILENCE]


def test_an_emergency_arrival_of_which_nothing_more_is_told_is_asked_about() -> None:
    world = emergency_arrival()
    assert path.next_timer(world.stay, world.now) == world.now + HOURS
    wait = views.current_wait(world.stay)
    assert wait is not None and (wait.owner, wait.until) == ("the facility", world.now + HOURS)
    world.pass_time(HOURS - MOMENT)
    assert not questions(world)
    world.pass_time(MOMENT)
    (question,) = questions(world)
    assert question.role is Role.NURSE and "still there" in question.why
    assert question.due_at is not None and question.due_at > world.now


def test_the_question_has_its_ladder() -> None:
    world = emergency_arrival()
    world.pass_time(HOURS + timedelta(days=7))
    (question,) = questions(world)
    assert question.escalated, "nobody above the nurse has heard of it"


def test_an_answer_that_ends_nothing_is_followed_by_the_next_question() -> None:
    world = emergency_arrival()
    world.pass_time(HOURS)
    (question,) = questions(world)
    assert world.finish(question.task_id, {"answer": "Still there."})
    world.pass_time(HOURS - MOMENT)
    assert not questions(world)
    world.pass_time(MOMENT)
    assert len(questions(world)) == 1


@pytest.mark.parametrize("kind", [AdtKind.DISCHARGE, AdtKind.UPDATE, AdtKind.TO_INPATIENT])
def test_the_hospitals_next_message_ends_the_question(kind: AdtKind) -> None:
    world = emergency_arrival()
    world.pass_time(HOURS)
    assert questions(world)
    event(world, kind, "ED", patient_class=PatientClass.EMERGENCY)
    assert not questions(world)


def test_an_expected_patient_of_whom_no_arrival_is_told_is_asked_about_before_the_stay_closes() -> None:
    world = StayWorld(BEGINS, Lob.MEDICAID, "America/Chicago")
    planned = world.now + timedelta(days=3)
    event(world, AdtKind.PREADMIT, None, patient_class=PatientClass.PREADMIT, happened_at=planned)
    world.pass_time(timedelta(days=3) + HOURS - MOMENT)
    assert not questions(world)
    world.pass_time(2 * MOMENT)
    assert "no arrival" in questions(world)[0].why


def test_a_stay_under_observation_is_asked_about_again_after_the_first_question_about_it() -> None:
    world = StayWorld(BEGINS, Lob.MEDICAID, "America/Chicago")
    event(world, AdtKind.ADMIT, "OBS", patient_class=PatientClass.OBSERVATION)
    for _ in range(60):
        world.pass_time(timedelta(hours=12))
        stay = world.stay
        is_watched = stay.round is not None or stay.open_tasks() or path.next_timer(stay, world.now) is not None
        assert is_watched, "nobody would notice that nothing comes"
        for review in world.open_reviews():
            world.approve(review)
        for task in stay.open_tasks(TaskKind.STATUS_QUESTION):
            world.finish(task.task_id, {"answer": "Still there."})


def test_a_stay_looked_up_by_an_earlier_release_is_not_asked_about() -> None:
    world = emergency_arrival()
    world.stay.look = world.stay.require_context().model_copy(update={"silence_question_hours": None})
    assert path.next_timer(world.stay, world.now) is None
    assert "silence_question_hours" not in world.stay.look.model_dump(mode="json")
