"""What people do with the tasks of any dossier: claim, release, reassign, end."""

from __future__ import annotations

from typing import Any

from domain.cases.case import Dossier
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask
from domain.cases.tasks import Task, TaskOutcome, TaskStatus
from domain.journal import EntryKind


def claim(dossier: Dossier, message: ClaimTask) -> str:
    task = _assigned(dossier, message.task_id, message.reviewer_id)
    dossier.note(
        EntryKind.TASK_CLAIMED,
        message.at,
        f"{message.reviewer_id} claimed {task.task_id}.",
        message.actor,
        tasks=[dossier.put_task(task)],
    )
    return f"{task.task_id} is yours until {dossier.local(task.due_at)}."


def release(dossier: Dossier, message: ReleaseTask) -> str:
    task = dossier.tasks[message.task_id].model_copy(update={"status": TaskStatus.OPEN, "assignee": None})
    says = f"{task.task_id} is free again."
    dossier.note(EntryKind.TASK_RELEASED, message.at, says, message.actor, tasks=[dossier.put_task(task)])
    return says


def reassign(dossier: Dossier, message: ReassignTask) -> str:
    task = _assigned(dossier, message.task_id, message.reviewer_id)
    says = f"{task.task_id} goes to {message.reviewer_id}."
    dossier.note(EntryKind.TASK_REASSIGNED, message.at, says, message.actor, tasks=[dossier.put_task(task)])
    return says


def _assigned(dossier: Dossier, task_id: str, reviewer_id: str) -> Task:
    return dossier.tasks[task_id].model_copy(update={"status": TaskStatus.CLAIMED, "assignee": reviewer_id})


def end(dossier: Dossier, message: CompleteTask) -> Task:
    """End the task with its outcome; returns it as it was while it was open."""
    task = dossier.tasks[message.task_id]
    done = task.model_copy(
        update={
            "status": TaskStatus.DONE,
            "assignee": message.reviewer_id,
            "outcome": message.outcome,
            "completed_at": message.at,
        }
    )
    dossier.put_task(done)
    return task


def note_end(dossier: Dossier, message: CompleteTask, **data: Any) -> None:
    """Journal the end of a task, after what it did."""
    done = dossier.tasks[message.task_id]
    dossier.note(
        EntryKind.TASK_COMPLETED,
        message.at,
        f"{message.reviewer_id} completed {done.task_id}: {_ended(done, message)}.",
        message.actor,
        tasks=[done.model_dump(mode="json")],
        **data,
    )


def _ended(task: Task, message: CompleteTask) -> str:
    """The outcome, and what was done where that is all it says."""
    words = message.outcome.value.replace("_", " ")
    return f"{task.kind.value.replace('_', ' ')} {words}" if message.outcome is TaskOutcome.DONE else words
