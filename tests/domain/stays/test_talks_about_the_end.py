"""Talks about how a stay can end are over when the patient has left, and due anew when the discharge is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.cases.tasks import TaskKind
from domain.stays import question_tasks
from domain.stays.adt import AdtKind
from tests.domain.stays.stay_world import StayWorld
from tests.domain.stays.test_ordered_level import BEGINS, event, inpatient


def long_stay() -> StayWorld:
    """A stay that has come to its weekly review."""
    world = inpatient()
    world.pass_time(timedelta(days=15))
    assert world.stay.open_task(TaskKind.LONG_STAY) is not None
    return world


def test_a_talk_about_how_the_stay_can_end_is_over_when_the_patient_has_left() -> None:
    world = long_stay()
    event(world, AdtKind.DISCHARGE, None, disposition="01")
    assert world.stay.open_task(TaskKind.LONG_STAY) is None
    event(world, AdtKind.CANCEL_DISCHARGE, "Med-Surg")
    assert world.stay.course.is_present and world.stay.open_task(TaskKind.LONG_STAY) is not None


@pytest.mark.parametrize(("ends", "is_open"), [(True, False), (False, True)], ids=["today", "an older release"])
def test_the_talks_end_as_the_look_up_of_the_stay_says(ends: bool, is_open: bool) -> None:
    stay = long_stay().stay
    stay.look = stay.require_context().model_copy(update={"talks_end_at_discharge": ends})
    left_at = BEGINS + timedelta(days=15)
    stay.course = stay.course.model_copy(update={"discharged_at": left_at})
    question_tasks.open_long_stay_tasks(stay, left_at)
    assert (stay.open_task(TaskKind.LONG_STAY) is not None) is is_open
