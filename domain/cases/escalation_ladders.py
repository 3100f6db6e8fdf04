"""Escalation ladders: the steps taken as a task's time runs out, by the share of time that is left."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from domain.cases.tasks import TaskKind
from domain.model import Model
from domain.vocabulary import Role


class TaskHolder(StrEnum):
    """The assignee of a task, or everyone of its role while it is unclaimed."""

    OWNER = "owner"


class EscalationAction(StrEnum):
    """The action of an escalation step, besides notifying someone."""

    REMIND = "remind"
    ESCALATE = "escalate"
    TAKE_OVER = "take_over"
    REPORT_MISSED = "report_missed"


class EscalationStep(Model):
    """One step: when `share_left` of a task's time is left (1 at its opening, 0 when it is due), `to` is notified.

    At 0 the step comes one second after the due instant, because the due second itself is still in time.
    """

    share_left: float = Field(ge=0, lt=1)
    to: TaskHolder | Role
    action: EscalationAction
    says: str = Field(min_length=1)


class EscalationLadder(Model):
    """The steps of some tasks, first step first: of these kinds, of these roles, or (both empty) of all others."""

    ladder_id: str
    kinds: tuple[TaskKind, ...] = ()
    roles: tuple[Role, ...] = ()
    steps: tuple[EscalationStep, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _going_down(self) -> Self:
        shares = [step.share_left for step in self.steps]
        if shares != sorted(set(shares), reverse=True):
            raise ValueError("the steps' share_left have to go down from step to step")
        if self.kinds and self.roles:
            raise ValueError("write kinds or roles, not both: a task finds its ladder by its kind, else by its role")
        return self

    @property
    def is_general(self) -> bool:
        return not self.kinds and not self.roles


class EscalationLadders(Model):
    """All ladders. One of them is general, so that no task is without; no kind or role has two.

    `one_message_if_late`: steps that are due at once, because the case was told late, come as one message.
    """

    ladders: tuple[EscalationLadder, ...]
    one_message_if_late: bool = Field(default=False, exclude_if=lambda one: not one)

    @model_validator(mode="after")
    def _one_for_each(self) -> Self:
        if sum(ladder.is_general for ladder in self.ladders) != 1:
            raise ValueError("exactly one ladder has neither kinds nor roles: the one for all other tasks")
        names = [name for ladder in self.ladders for name in (*ladder.kinds, *ladder.roles)]
        twice = sorted({name.value for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"more than one ladder for {', '.join(twice)}")
        return self

    def for_task(self, kind: str, role: Role) -> EscalationLadder:
        """The ladder of a task: the one of its kind, else of its role, else the general one."""
        by_kind = (ladder for ladder in self.ladders if kind in ladder.kinds)
        by_role = (ladder for ladder in self.ladders if role in ladder.roles)
        general = (ladder for ladder in self.ladders if ladder.is_general)
        return next(by_kind, None) or next(by_role, None) or next(general)


class DueEscalation(NamedTuple):
    """A step of a ladder and the instant at which it is due."""

    at: datetime
    step: EscalationStep


def next_escalation(
    ladder: EscalationLadder, opened_at: datetime, due_at: datetime, taken: int
) -> DueEscalation | None:
    """The step that follows the first `taken` steps, with its instant; None after the last step.

    An instant in the past is due at once. After the due instant of the task has moved, a call with the new one gives the
    instants of the remaining steps.
    """
    if taken >= len(ladder.steps):
        return None
    step = ladder.steps[taken]
    return DueEscalation(_step_due_at(step, opened_at, due_at), step)


def _step_due_at(step: EscalationStep, opened_at: datetime, due_at: datetime) -> datetime:
    if step.share_left == 0:
        return due_at + timedelta(seconds=1)
    whole = max((due_at - opened_at).total_seconds(), 0.0)
    return due_at - timedelta(seconds=int(whole * step.share_left))
