"""What time does to the open tasks of a dossier: who is told, and who may take over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases.case import Dossier
from domain.cases.escalation_ladders import Due, EscalationAction, next_step
from domain.cases.tasks import Task
from domain.journal import UMPIRE, EntryKind
from domain.vocabulary import Role


def ring(dossier: Dossier, now: datetime) -> None:
    """Take every step of the ladders that is due at `now` (UTC)."""
    for task in dossier.open_tasks():
        _escalate(dossier, task, now)


def alarms(dossier: Dossier) -> Iterator[datetime]:
    """The instants (UTC) of the next step of each open task."""
    for task in dossier.open_tasks():
        step = _next_step(dossier, task)
        if step is not None:
            yield step.at


def _next_step(dossier: Dossier, task: Task) -> Due | None:
    ladder = dossier.ladders.for_task(task.kind.value, task.role)
    return next_step(ladder, task.opened_at, task.due_at, task.escalated)


def _escalate(dossier: Dossier, task: Task, now: datetime) -> None:
    while (due := _next_step(dossier, task)) is not None and due.at <= now:
        step = due.step
        told = (
            step.to.value.replace("_", " ")
            if isinstance(step.to, Role)
            else task.assignee or f"every {task.role.value}"
        )
        changes: dict[str, object] = {"escalated": task.escalated + 1}
        if step.action is EscalationAction.TAKE_OVER and isinstance(step.to, Role):
            changes["also_for"] = tuple(sorted({*task.also_for, step.to}))
        task = task.model_copy(update=changes)
        dossier.note(
            EntryKind.ESCALATED,
            now,
            f"{task.task_id}: {step.says} Told: {told}.",
            UMPIRE,
            tasks=[dossier.put_task(task)],
            action=step.action.value,
            to=step.to.value,
            share_left=step.share_left,
        )
