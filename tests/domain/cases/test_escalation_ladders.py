from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.cases.escalation_ladders import (
    EscalationAction,
    EscalationLadder,
    EscalationLadders,
    EscalationStep,
    TaskHolder,
    next_escalation,
)
from domain.cases.tasks import TaskKind
from domain.vocabulary import Role

OPENED = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
DUE = OPENED + timedelta(hours=72)


def ladder(*shares: float, **more) -> EscalationLadder:
    steps = tuple(
        EscalationStep(share_left=share, to=Role.SUPERVISOR, action=EscalationAction.ESCALATE, says="told")
        for share in shares
    )
    return EscalationLadder(ladder_id=more.pop("ladder_id", "one"), steps=steps, **more)


def test_steps_come_by_the_share_of_time_that_is_left():
    one = ladder(0.5, 0.25, 0.1, 0)
    instants = [next_escalation(one, OPENED, DUE, taken).at - OPENED for taken in range(4)]
    assert instants == [
        timedelta(hours=36),
        timedelta(hours=54),
        timedelta(hours=64, minutes=48),
        timedelta(hours=72, seconds=1),
    ]


def test_the_last_step_comes_when_the_task_is_late_and_not_while_it_is_still_in_time():
    assert next_escalation(ladder(0), OPENED, DUE, 0).at > DUE


def test_a_ladder_that_is_climbed_has_no_next_step():
    assert next_escalation(ladder(0.5), OPENED, DUE, 1) is None


def test_a_due_instant_that_moves_moves_the_remaining_steps():
    one = ladder(0.5, 0.25)
    assert next_escalation(one, OPENED, DUE + timedelta(hours=72), 1).at == OPENED + timedelta(hours=108)


def test_a_task_opened_after_its_due_instant_escalates_at_once():
    late = DUE + timedelta(hours=5)
    assert next_escalation(ladder(0.5, 0), late, DUE, 0).at == DUE
    assert next_escalation(ladder(0.5, 0), late, DUE, 1).at <= late


def test_a_task_finds_the_ladder_of_its_kind_then_of_its_role_then_the_general_one():
    ladders = EscalationLadders(
        ladders=(
            ladder(0.5, ladder_id="general"),
            ladder(0.4, ladder_id="role", roles=(Role.PHYSICIAN,)),
            ladder(0.3, ladder_id="kind", kinds=(TaskKind.LETTER_REPAIR,)),
        )
    )
    assert ladders.for_task(TaskKind.LETTER_REPAIR.value, Role.PHYSICIAN).ladder_id == "kind"
    assert ladders.for_task(TaskKind.PHYSICIAN_REVIEW.value, Role.PHYSICIAN).ladder_id == "role"
    assert ladders.for_task(TaskKind.NURSE_REVIEW.value, Role.NURSE).ladder_id == "general"


def test_no_task_is_without_a_ladder_and_none_has_two():
    with pytest.raises(ValidationError, match="exactly one ladder has neither"):
        EscalationLadders(ladders=(ladder(0.5, roles=(Role.NURSE,)),))
    with pytest.raises(ValidationError, match="more than one ladder for nurse"):
        EscalationLadders(ladders=(ladder(0.5), ladder(0.5, roles=(Role.NURSE,)), ladder(0.4, roles=(Role.NURSE,))))


@pytest.mark.parametrize("shares", [(0.25, 0.5), (0.5, 0.5)])
def test_a_ladder_goes_down(shares: tuple[float, ...]):
    with pytest.raises(ValidationError, match="have to go down"):
        ladder(*shares)


def test_the_owner_can_be_told():
    assert (
        EscalationStep(share_left=0.5, to="owner", action=EscalationAction.REMIND, says="half").to is TaskHolder.OWNER
    )


@settings(derandomize=True, database=None, deadline=None, max_examples=80)
@given(
    shares=st.lists(st.floats(0, 0.99), min_size=1, max_size=6, unique=True),
    seconds=st.integers(0, 90 * 86_400),
)
def test_steps_never_come_before_the_task_nor_out_of_order(shares: list[float], seconds: int):
    one = ladder(*sorted(shares, reverse=True))
    due = OPENED + timedelta(seconds=seconds)
    instants = [next_escalation(one, OPENED, due, taken).at for taken in range(len(shares))]
    assert instants == sorted(instants)
    assert instants[0] >= OPENED
