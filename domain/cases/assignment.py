"""What people may do with tasks of any dossier: who may take one, who may give it away, and who may end it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from domain.cases.case import Dossier
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask
from domain.cases.tasks import ALLOWED, Task, TaskOutcome
from domain.decisions.determination import STAMP_SKEW, may_work
from domain.decisions.reviewers import Reviewer
from domain.errors import Refusal, refusal
from domain.journal import Actor
from domain.vocabulary import Role


def find(dossier: Dossier, task_id: str) -> Task | Refusal:
    """The open task, or why there is none."""
    task = dossier.tasks.get(task_id)
    if task is None:
        return refusal("task.unknown", "The case has no such task.", "Look at the worklist for its open tasks.")
    if not task.is_open:
        return refusal(
            "task.ended", f"The task is {task.status.value} already.", "Look at the case for what is open now."
        )
    return task


class _ByReviewer(Protocol):
    """A message that names the reviewer in whose name it acts."""

    @property
    def actor(self) -> Actor: ...
    @property
    def reviewer_id(self) -> str: ...


def own(message: _ByReviewer) -> Iterator[Refusal]:
    if message.actor.id != message.reviewer_id:
        yield refusal("message.actor", "The sender is not the reviewer named.", "Act under your own name.")


def professions_for(who: Reviewer, task: Task) -> tuple[str, ...]:
    """The licensed professions that a task needs of this reviewer: none of a role that took over after an escalation.

    A pharmacist is no such role: where pharmacists may decide, they take the task with their own licence.
    """
    return task.professions if {task.role, Role.PHARMACIST} & set(who.roles) else ()


def claim(dossier: Dossier, message: ClaimTask, now: datetime) -> Iterator[Refusal]:
    yield from own(message)
    task = find(dossier, message.task_id)
    if isinstance(task, Refusal):
        yield task
        return
    yield from _free(task, message.reviewer_id)
    yield from _assignable(dossier, task, message.reviewer_id, now)


def release(dossier: Dossier, message: ReleaseTask) -> Iterator[Refusal]:
    yield from own(message)
    task = find(dossier, message.task_id)
    if isinstance(task, Refusal):
        yield task
    elif task.assignee != message.reviewer_id:
        yield refusal("task.not_yours", "The task is not yours to release.", "Only who claimed it can release it.")


def reassign(dossier: Dossier, message: ReassignTask, now: datetime) -> Iterator[Refusal]:
    task = find(dossier, message.task_id)
    if isinstance(task, Refusal):
        yield task
        return
    sender = dossier.reviewers.get(message.actor.id)
    leads = sender is not None and sender.active and {Role.SUPERVISOR, Role.MEDICAL_DIRECTOR} & set(sender.roles)
    if not leads and task.assignee != message.actor.id:
        yield refusal(
            "task.reassign", "Only a supervisor, a medical director or the assignee may reassign.", "Ask one of them."
        )
    yield from _assignable(dossier, task, message.reviewer_id, now)


def completable(dossier: Dossier, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    """What every completion has to keep, whatever the task is: who, when, and with which outcome."""
    yield from own(message)
    task = find(dossier, message.task_id)
    if isinstance(task, Refusal):
        yield task
        return
    if message.at < task.opened_at - STAMP_SKEW:
        yield refusal(
            "message.stamp", "The time of acting lies before the task was opened.", "Correct the clock and send again."
        )
    yield from _free(task, message.reviewer_id)
    yield from _assignable(dossier, task, message.reviewer_id, now)
    yield from fits_the_kind(task, message.outcome)


def fits_the_kind(task: Task, outcome: TaskOutcome) -> Iterator[Refusal]:
    if outcome not in ALLOWED[task.kind]:
        may = ", ".join(sorted(allowed.value for allowed in ALLOWED[task.kind]))
        yield refusal(
            "task.outcome",
            f"A {task.kind.value.replace('_', ' ')} cannot end with '{outcome.value}'.",
            f"It may end with: {may}. Only a physician's signed decision can be adverse.",
        )


def _free(task: Task, reviewer_id: str) -> Iterator[Refusal]:
    if task.assignee is not None and task.assignee != reviewer_id:
        yield refusal("task.claimed", "Somebody else has claimed the task.", "Ask a supervisor to reassign it.")


def _assignable(dossier: Dossier, task: Task, reviewer_id: str, now: datetime) -> Iterator[Refusal]:
    who = dossier.reviewers.get(reviewer_id)
    if who is None:
        yield refusal("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")
    else:
        yield from may_work(who, (task.role, *task.also_for), professions_for(who, task), dossier.day(now))
