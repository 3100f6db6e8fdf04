"""Messages about tasks in every case except authorizations: their checks and their effects.

Authorization cases have their own rules (`domain.authorization.message_checks`); all other processes share these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from domain.cases import assignment, letter_tracking, task_actions, task_forms
from domain.cases.case import Case
from domain.cases.messages import BaseMessage, ClaimTask, CompleteTask, ReassignTask, ReleaseTask
from domain.cases.tasks import Task, TaskOutcome
from domain.decisions.determination import STAMP_SKEW
from domain.errors import RuleViolation, violation

TaskMessage = ClaimTask | ReleaseTask | ReassignTask | CompleteTask
TASK_MESSAGES = (ClaimTask, ReleaseTask, ReassignTask, CompleteTask)
D = TypeVar("D", bound=Case)


def stamp_violations(case: Case, message: BaseMessage, now: datetime) -> Iterator[RuleViolation]:
    """A time of acting that lies in the future."""
    if message.at > now + STAMP_SKEW:
        yield violation(
            "message.stamp", "The time of acting lies in the future.", "Correct the clock where you act and send again."
        )


def violations(case: Case, message: TaskMessage, now: datetime, known: task_forms.Forms) -> Iterator[RuleViolation]:
    """Every rule that a message about a task breaks."""
    yield from stamp_violations(case, message, now)
    match message:
        case ClaimTask():
            yield from assignment.claim_violations(case, message, now)
        case ReleaseTask():
            yield from assignment.release_violations(case, message)
        case ReassignTask():
            yield from assignment.reassign_violations(case, message, now)
        case CompleteTask():
            yield from assignment.completion_violations(case, message, now)
            yield from _form_violations(case, message, known)


def violations_without_lookup(
    case: Case, message: TaskMessage, now: datetime, known: task_forms.Forms
) -> Iterator[RuleViolation]:
    """Every rule that a message breaks, as far as it can be checked without looking up reviewers."""
    yield from stamp_violations(case, message, now)
    if isinstance(message, ClaimTask | ReleaseTask | CompleteTask):
        yield from assignment.sender_violations(message)
    task = assignment.find_open_task(case, message.task_id)
    if isinstance(task, RuleViolation):
        yield task
    elif isinstance(message, CompleteTask):
        yield from assignment.outcome_violations(task, message.outcome)
        yield from _form_violations(case, message, known)


def apply_task_message(
    case: D, message: TaskMessage, now: datetime, done: Callable[[D, Task, CompleteTask, datetime], str]
) -> str:
    """Apply a message about a task; `done` carries out the outcome of a completed task and answers in a sentence."""
    match message:
        case ClaimTask():
            return task_actions.claim(case, message)
        case ReleaseTask():
            return task_actions.release(case, message)
        case ReassignTask():
            return task_actions.reassign(case, message)
        case CompleteTask():
            task = task_actions.end_task(case, message)
            match message.outcome:
                case TaskOutcome.RETRY:
                    says = letter_tracking.retry_letters(case, message.at)
                case TaskOutcome.ACKNOWLEDGE:
                    says = "Noted."
                case _:
                    says = done(case, task, message, now)
            task_actions.journal_completion(case, message, note=message.note, form=message.form)
            return says


def _form_violations(case: Case, message: CompleteTask, known: task_forms.Forms) -> Iterator[RuleViolation]:
    task = case.tasks.get(message.task_id)
    if task is not None and message.outcome is TaskOutcome.DONE:
        yield from task_forms.violations(known, task.kind, message.form)
