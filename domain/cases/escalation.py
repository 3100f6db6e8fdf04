"""Escalation of the open tasks of any case: reminders, notifications and takeovers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases.case import Case
from domain.cases.escalation_ladders import DueEscalation, EscalationAction, next_escalation
from domain.cases.tasks import Task
from domain.journal import UMPIRE, EntryKind
from domain.vocabulary import Role


def escalate_due_tasks(case: Case, now: datetime) -> None:
    """Take every escalation step that is due at `now` (UTC)."""
    for task in case.open_tasks():
        _escalate(case, task, now)


def upcoming_timers(case: Case) -> Iterator[datetime]:
    """The instants (UTC) of the next escalation step of each open task."""
    for task in case.open_tasks():
        step = _next_escalation(case, task)
        if step is not None:
            yield step.at


def _next_escalation(case: Case, task: Task) -> DueEscalation | None:
    ladder = case.ladders.for_task(task.kind.value, task.role)
    return next_escalation(ladder, task.opened_at, task.due_at, task.escalated)


def _escalate(case: Case, task: Task, now: datetime) -> None:
    while (due := _next_escalation(case, task)) is not None and due.at <= now:
        step = due.step
        notified = (
            step.to.value.replace("_", " ")
            if isinstance(step.to, Role)
            else task.assignee or f"every {task.role.value}"
        )
        changes: dict[str, object] = {"escalated": task.escalated + 1}
        if step.action is EscalationAction.TAKE_OVER and isinstance(step.to, Role):
            changes["also_for"] = tuple(sorted({*task.also_for, step.to}))
        task = task.model_copy(update=changes)
        case.note(
            EntryKind.ESCALATED,
            now,
            f"{task.task_id}: {step.says} Notified: {notified}.",
            UMPIRE,
            tasks=[case.store_task(task)],
            action=step.action.value,
            to=step.to.value,
            share_left=step.share_left,
        )
