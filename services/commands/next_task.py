"""Taking the next task: the first of several that is still to be had, claimed for who asks."""

from __future__ import annotations

from collections.abc import Sequence

from domain.model import Model
from services.commands.case_actions import claim_task
from services.context import CommandResult, CommandStatus, ServiceContext

TAKEN_BY_ANOTHER = frozenset({"task.claimed", "task.ended", "task.unknown"})
"""Rules that a claim breaks because somebody was faster."""


class TakenTask(Model):
    """A task that is now theirs. `answer` is None for one that was theirs before."""

    task_id: str
    answer: CommandResult | None = None


async def take_first(
    services: ServiceContext, candidates: Sequence[tuple[str, bool]], reviewer_id: str, act: str | None
) -> TakenTask | None:
    """The first of these tasks (each with whether it is theirs already) that the reviewer gets; None when there is none left.

    A lost race goes on to the next one, and so does a claim that a rule refuses. `act` makes a repeat harmless. Raises
    TemporalUnavailable.
    """
    for task_id, is_theirs in candidates:
        if is_theirs:
            return TakenTask(task_id=task_id)
        answer = await claim_task(services, task_id, reviewer_id, claim_id(act, task_id))
        if answer.kind is not CommandStatus.REFUSED:
            return TakenTask(task_id=task_id, answer=answer)
    return None


def claim_id(act: str | None, task_id: str) -> str | None:
    """The message id of the claim of one task by an act that may claim several."""
    return f"{act}.{task_id}" if act else None
