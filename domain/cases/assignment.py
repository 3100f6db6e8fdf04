"""Rules on who may claim, release, reassign and complete the tasks of any case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from domain.cases.case import Case
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskOutcome
from domain.decisions.determination import STAMP_SKEW, reviewer_violations
from domain.decisions.reviewers import Reviewer
from domain.errors import RuleViolation, violation
from domain.journal import Actor
from domain.vocabulary import Role


def find_open_task(case: Case, task_id: str) -> Task | RuleViolation:
    """Find the open task with this id, or the rule that is broken when there is none."""
    task = case.tasks.get(task_id)
    if task is None:
        return violation("task.unknown", "The case has no such task.", "Look at the worklist for its open tasks.")
    if not task.is_open:
        return violation(
            "task.ended", f"The task is {task.status.value} already.", "Look at the case for what is open now."
        )
    return task


class _ReviewerMessage(Protocol):
    """A message that names the reviewer for whom it acts."""

    @property
    def actor(self) -> Actor: ...
    @property
    def reviewer_id(self) -> str: ...


def sender_violations(message: _ReviewerMessage) -> Iterator[RuleViolation]:
    if message.actor.id != message.reviewer_id:
        yield violation("message.actor", "The sender is not the reviewer named.", "Act under your own name.")


class _AssignedWork(Protocol):
    """A task, or a row about one: for which role, and which licensed professions it needs."""

    @property
    def role(self) -> Role: ...
    @property
    def professions(self) -> tuple[str, ...]: ...


def professions_for(who: Reviewer, task: _AssignedWork) -> tuple[str, ...]:
    """The licensed professions that a task needs of this reviewer: none of a role that took over after an escalation.

    Pharmacist and psychologist are no such roles: where they may decide, they take the task with their own license.
    """
    return task.professions if {task.role, Role.PHARMACIST, Role.PSYCHOLOGIST} & set(who.roles) else ()


def claim_violations(case: Case, message: ClaimTask, now: datetime) -> Iterator[RuleViolation]:
    yield from sender_violations(message)
    task = find_open_task(case, message.task_id)
    if isinstance(task, RuleViolation):
        yield task
        return
    yield from _claimed_violations(task, message.reviewer_id)
    yield from _assignee_violations(case, task, message.reviewer_id, now)


def release_violations(case: Case, message: ReleaseTask) -> Iterator[RuleViolation]:
    yield from sender_violations(message)
    task = find_open_task(case, message.task_id)
    if isinstance(task, RuleViolation):
        yield task
    elif task.assignee != message.reviewer_id:
        yield violation("task.not_yours", "The task is not yours to release.", "Only who claimed it can release it.")


def reassign_violations(case: Case, message: ReassignTask, now: datetime) -> Iterator[RuleViolation]:
    task = find_open_task(case, message.task_id)
    if isinstance(task, RuleViolation):
        yield task
        return
    sender = case.reviewers.get(message.actor.id)
    leads = sender is not None and sender.active and {Role.SUPERVISOR, Role.MEDICAL_DIRECTOR} & set(sender.roles)
    if not leads and task.assignee != message.actor.id:
        yield violation(
            "task.reassign", "Only a supervisor, a medical director or the assignee may reassign.", "Ask one of them."
        )
    yield from _assignee_violations(case, task, message.reviewer_id, now)


def completion_violations(case: Case, message: CompleteTask, now: datetime) -> Iterator[RuleViolation]:
    """Every rule that the completion of any task breaks: by whom, when, and with which outcome."""
    yield from sender_violations(message)
    task = find_open_task(case, message.task_id)
    if isinstance(task, RuleViolation):
        yield task
        return
    if message.at < task.opened_at - STAMP_SKEW:
        yield violation(
            "message.stamp", "The time of acting lies before the task was opened.", "Correct the clock and send again."
        )
    yield from _claimed_violations(task, message.reviewer_id)
    yield from _assignee_violations(case, task, message.reviewer_id, now)
    yield from outcome_violations(task, message.outcome)


def outcome_violations(task: Task, outcome: TaskOutcome) -> Iterator[RuleViolation]:
    if outcome not in ALLOWED_OUTCOMES[task.kind]:
        may = ", ".join(sorted(allowed.value for allowed in ALLOWED_OUTCOMES[task.kind]))
        yield violation(
            "task.outcome",
            f"A {task.kind.value.replace('_', ' ')} cannot end with '{outcome.value}'.",
            f"It may end with: {may}. Only a physician's signed decision can be adverse, "
            "or one of benefit staff on the plan's documents.",
        )


def _claimed_violations(task: Task, reviewer_id: str) -> Iterator[RuleViolation]:
    if task.assignee is not None and task.assignee != reviewer_id:
        yield violation("task.claimed", "Somebody else has claimed the task.", "Ask a supervisor to reassign it.")


def _assignee_violations(case: Case, task: Task, reviewer_id: str, now: datetime) -> Iterator[RuleViolation]:
    who = case.reviewers.get(reviewer_id)
    if who is None:
        yield violation("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")
    else:
        yield from reviewer_violations(who, (task.role, *task.also_for), professions_for(who, task), case.day(now))
