"""Actions on the tasks of any case: claim, release, reassign, end."""

from __future__ import annotations

from typing import Any

from domain.cases.case import Case
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask
from domain.cases.tasks import Task, TaskOutcome, TaskStatus
from domain.journal import EntryKind


def claim(case: Case, message: ClaimTask) -> str:
    task = _with_assignee(case, message.task_id, message.reviewer_id)
    case.note(
        EntryKind.TASK_CLAIMED,
        message.at,
        f"{message.reviewer_id} claimed {task.task_id}.",
        message.actor,
        tasks=[case.store_task(task)],
    )
    return f"{task.task_id} is yours until {case.local(task.due_at)}."


def release(case: Case, message: ReleaseTask) -> str:
    task = case.tasks[message.task_id].model_copy(update={"status": TaskStatus.OPEN, "assignee": None})
    says = f"{task.task_id} is unassigned again."
    case.note(EntryKind.TASK_RELEASED, message.at, says, message.actor, tasks=[case.store_task(task)])
    return says


def reassign(case: Case, message: ReassignTask) -> str:
    task = _with_assignee(case, message.task_id, message.reviewer_id)
    says = f"{task.task_id} is reassigned to {message.reviewer_id}."
    case.note(EntryKind.TASK_REASSIGNED, message.at, says, message.actor, tasks=[case.store_task(task)])
    return says


def _with_assignee(case: Case, task_id: str, reviewer_id: str) -> Task:
    return case.tasks[task_id].model_copy(update={"status": TaskStatus.CLAIMED, "assignee": reviewer_id})


def end_task(case: Case, message: CompleteTask) -> Task:
    """End the task with its outcome and return it as it was while open."""
    task = case.tasks[message.task_id]
    done = task.model_copy(
        update={
            "status": TaskStatus.DONE,
            "assignee": message.reviewer_id,
            "outcome": message.outcome,
            "completed_at": message.at,
        }
    )
    case.store_task(done)
    return task


def journal_completion(case: Case, message: CompleteTask, **data: Any) -> None:
    """Journal the completion of a task, after its effects."""
    done = case.tasks[message.task_id]
    case.note(
        EntryKind.TASK_COMPLETED,
        message.at,
        f"{message.reviewer_id} completed {done.task_id}: {_completion_text(done, message)}.",
        message.actor,
        tasks=[done.model_dump(mode="json")],
        **data,
    )


def _completion_text(task: Task, message: CompleteTask) -> str:
    """The outcome in words, with the kind of task where the outcome is only `done`."""
    words = message.outcome.value.replace("_", " ")
    return f"{task.kind.value.replace('_', ' ')} {words}" if message.outcome is TaskOutcome.DONE else words
