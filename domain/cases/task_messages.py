"""The tasks of any dossier but a request's: which messages about them are refused, and what those that pass do.

A request has rules of its own (`domain.checks`); here is what all other processes share, so that none of them says it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from domain.cases import assignment as assignments
from domain.cases import letter_tracking as mail
from domain.cases import task_actions as task_moves
from domain.cases import task_forms as forms
from domain.cases.case import Dossier
from domain.cases.messages import ClaimTask, CompleteTask, Message, ReassignTask, ReleaseTask
from domain.cases.tasks import Task, TaskOutcome
from domain.decisions.determination import STAMP_SKEW
from domain.errors import Refusal, refusal

TaskMessage = ClaimTask | ReleaseTask | ReassignTask | CompleteTask
OF_TASKS = (ClaimTask, ReleaseTask, ReassignTask, CompleteTask)
D = TypeVar("D", bound=Dossier)


def stamp(dossier: Dossier, message: Message, now: datetime) -> Iterator[Refusal]:
    """A time of acting that cannot be."""
    if message.at > now + STAMP_SKEW:
        yield refusal(
            "message.stamp", "The time of acting lies in the future.", "Correct the clock where you act and send again."
        )


def refusals(dossier: Dossier, message: TaskMessage, now: datetime, known: forms.Forms) -> Iterator[Refusal]:
    """Every rule that a message about a task breaks."""
    yield from stamp(dossier, message, now)
    match message:
        case ClaimTask():
            yield from assignments.claim(dossier, message, now)
        case ReleaseTask():
            yield from assignments.release(dossier, message)
        case ReassignTask():
            yield from assignments.reassign(dossier, message, now)
        case CompleteTask():
            yield from assignments.completable(dossier, message, now)
            yield from _form(dossier, message, known)


def refusals_at_sight(dossier: Dossier, message: TaskMessage, now: datetime, known: forms.Forms) -> Iterator[Refusal]:
    """What can be refused without asking the directory about anybody."""
    yield from stamp(dossier, message, now)
    if isinstance(message, ClaimTask | ReleaseTask | CompleteTask):
        yield from assignments.own(message)
    task = assignments.find(dossier, message.task_id)
    if isinstance(task, Refusal):
        yield task
    elif isinstance(message, CompleteTask):
        yield from assignments.fits_the_kind(task, message.outcome)
        yield from _form(dossier, message, known)


def carry_out(
    dossier: D, message: TaskMessage, now: datetime, done: Callable[[D, Task, CompleteTask, datetime], str]
) -> str:
    """Do what the message says; `done` tells what the end of a task of this dossier means, and answers in a sentence."""
    match message:
        case ClaimTask():
            return task_moves.claim(dossier, message)
        case ReleaseTask():
            return task_moves.release(dossier, message)
        case ReassignTask():
            return task_moves.reassign(dossier, message)
        case CompleteTask():
            task = task_moves.end(dossier, message)
            match message.outcome:
                case TaskOutcome.RETRY:
                    says = mail.try_again(dossier, message.at)
                case TaskOutcome.ACKNOWLEDGE:
                    says = "Noted."
                case _:
                    says = done(dossier, task, message, now)
            task_moves.note_end(dossier, message, note=message.note, form=message.form)
            return says


def _form(dossier: Dossier, message: CompleteTask, known: forms.Forms) -> Iterator[Refusal]:
    task = dossier.tasks.get(message.task_id)
    if task is not None and message.outcome is TaskOutcome.DONE:
        yield from forms.faults(known, task.kind, message.form)
