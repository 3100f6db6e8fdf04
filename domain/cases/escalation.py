"""Escalation of the open tasks of any case: reminders, notifications and takeovers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.cases.case import Case
from domain.cases.escalation_ladders import DueEscalation, EscalationAction, EscalationStep, next_escalation
from domain.cases.tasks import Task
from domain.journal import UMPIRE, EntryKind
from domain.vocabulary import Role


def escalate_due_tasks(case: Case, now: datetime) -> None:
    """Take every escalation step that is due at `now` (UTC). Of tasks whose time had largely passed when they were opened,
    several steps are due at once: all of them come as one message, where the ladders say so."""
    waiting = case.open_tasks()
    late = tuple(task for task in waiting if len(_due_steps(case, task, now)) > 1) if waiting else ()
    if late and case.ladders.one_message_if_late:
        _escalate_together(case, late, now)
    for task in waiting:
        _escalate(case, case.tasks[task.task_id], now)


def upcoming_timers(case: Case) -> Iterator[datetime]:
    """The instants (UTC) of the next escalation step of each open task."""
    for task in case.open_tasks():
        step = _next_escalation(case, task)
        if step is not None:
            yield step.at


def _next_escalation(case: Case, task: Task) -> DueEscalation | None:
    ladder = case.ladders.for_task(task.kind.value, task.role)
    return next_escalation(ladder, task.opened_at, task.due_at, task.escalated)


def _due_steps(case: Case, task: Task, now: datetime) -> tuple[EscalationStep, ...]:
    """The steps of this task's ladder that are due and not taken."""
    found: list[EscalationStep] = []
    ladder = case.ladders.for_task(task.kind.value, task.role)
    while (due := next_escalation(ladder, task.opened_at, task.due_at, task.escalated + len(found))) is not None:
        if due.at > now:
            break
        found.append(due.step)
    return tuple(found)


def _escalate_together(case: Case, late: tuple[Task, ...], now: datetime) -> None:
    """Take all steps that are due of these tasks, in one entry for everybody who has to know."""
    told: dict[str, None] = {}
    shown = []
    for task in late:
        steps = _due_steps(case, task, now)
        told |= dict.fromkeys(_notified(step, task) for step in steps)
        shown.append(case.store_task(_after_steps(task, steps)))
    named = ", ".join(f"{task.task_id.rsplit('-', 1)[-1]} ({task.kind.value.replace('_', ' ')})" for task in late)
    case.note(
        EntryKind.ESCALATED,
        now,
        f"Told late, so that most of the time had passed: {named}. Notified: {', '.join(told)}.",
        UMPIRE,
        tasks=shown,
        action=EscalationAction.ESCALATE.value,
    )


def _after_steps(task: Task, steps: Sequence[EscalationStep]) -> Task:
    """The task after these steps of its ladder."""
    takers = {step.to for step in steps if step.action is EscalationAction.TAKE_OVER and isinstance(step.to, Role)}
    also_for = tuple(sorted({*task.also_for, *takers})) if takers else task.also_for
    return task.model_copy(update={"escalated": task.escalated + len(steps), "also_for": also_for})


def _notified(step: EscalationStep, task: Task) -> str:
    if isinstance(step.to, Role):
        return step.to.value.replace("_", " ")
    return task.assignee or f"every {task.role.value}"


def _escalate(case: Case, task: Task, now: datetime) -> None:
    for step in _due_steps(case, task, now):
        task = _after_steps(task, (step,))
        case.note(
            EntryKind.ESCALATED,
            now,
            f"{task.task_id}: {step.says} Notified: {_notified(step, task)}.",
            UMPIRE,
            tasks=[case.store_task(task)],
            action=step.action.value,
            to=step.to.value,
            share_left=step.share_left,
        )
