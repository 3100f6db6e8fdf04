"""The next task: the one with the least time left that somebody may do, claimed for them, so that an act ends at the next."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from domain.model import Model
from services.access import require_on_file
from services.commands import case_actions
from services.context import CommandResult, CommandStatus, ServiceContext
from services.fitting_work import load_fitness
from store import tasks
from store.tasks import WorkItem
from store.worklist.selection import WorkSelection

MOST_TRIES = 12
"""Tasks that are tried in turn when others claim them a moment before."""


class NextTask(Model):
    """The task that is theirs now. `answer` is that of its claim, None for one that was theirs before."""

    task_id: str
    case_id: str
    answer: CommandResult | None = None

    @property
    def is_claimed(self) -> bool:
        """False while no worker has answered the claim: it may still be another's."""
        return self.answer is None or self.answer.kind is CommandStatus.ACCEPTED


async def claim_next(
    services: ServiceContext,
    reviewer_id: str,
    wanted: WorkSelection | None = None,
    *,
    but: frozenset[str] = frozenset(),
    act: str | None = None,
) -> NextTask | None:
    """Claim the task with the least time left that this reviewer may do, or return one that is theirs already and due before
    it; None when there is none. `but` are tasks to leave out, such as the one just done; `act` makes a repeat harmless.

    A lost race goes on to the next task. Raises NotOnFile and TemporalUnavailable.
    """
    most = MOST_TRIES + len(but)
    found = await services.read(_fitting_work, services, reviewer_id, wanted or WorkSelection(), most)
    for item in found:
        if item.case_id is None or item.task_id in but:
            continue
        if item.assignee == reviewer_id:
            return NextTask(task_id=item.task_id, case_id=item.case_id)
        reply = await case_actions.claim_task(
            services, item.task_id, reviewer_id, claim_id(act, item.task_id, reviewer_id)
        )
        if reply.kind is not CommandStatus.REFUSED:
            return NextTask(task_id=item.task_id, case_id=item.case_id, answer=reply)
    return None


def claim_id(act: str | None, task_id: str, reviewer_id: str) -> str | None:
    """The message id of what one person does to one task by an act that may be about several; None where the act has none."""
    return f"{act}.{reviewer_id}.{task_id}" if act else None


def _fitting_work(
    s: Session, services: ServiceContext, reviewer_id: str, wanted: WorkSelection, most: int
) -> tuple[WorkItem, ...]:
    """The first open tasks that are the reviewer's already, or are nobody's and fit them; the least time left first."""
    fitness = load_fitness(s, require_on_file(s, reviewer_id), services.deciders, services.clock())
    mine_or_free = replace(wanted, fitness=fitness, free=True, own=reviewer_id)
    return tasks.select_work(s, mine_or_free, most).items
