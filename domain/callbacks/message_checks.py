"""Carried out of domain/callback_work.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.callbacks.case import CallbackDossier
from domain.callbacks.forms import FORMS, CallRecord
from domain.cases import task_forms as forms
from domain.cases import task_messages as task_desk
from domain.cases.messages import CompleteTask
from domain.cases.task_messages import TaskMessage
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.errors import Refusal, refusal


def refusals(call: CallbackDossier, message: TaskMessage, now: datetime) -> tuple[Refusal, ...]:
    """Every rule that the message breaks."""
    broken = tuple(task_desk.refusals(call, message, now, FORMS))
    return broken or tuple(_needs(call, message))


def refusals_at_sight(call: CallbackDossier, message: TaskMessage, now: datetime) -> tuple[Refusal, ...]:
    """What can be refused without asking the directory about anybody."""
    return tuple(task_desk.refusals_at_sight(call, message, now, FORMS))


def _needs(call: CallbackDossier, message: TaskMessage) -> Iterator[Refusal]:
    """Whoever spoke with somebody in need of a language or of TTY says how the need was met."""
    if not isinstance(message, CompleteTask) or message.outcome is not TaskOutcome.DONE:
        return
    task = call.tasks[message.task_id]
    if task.kind is not TaskKind.CALL_BACK:
        return
    record = forms.read(CallRecord, message.form)
    if record.outcome != "answered":
        return
    if "language" in task.needs and not (record.language_help or "").strip():
        yield refusal("callback.language", "The caller asked for a language.", "Say in language_help how that was met.")
    if "tty" in task.needs and record.tty_used is None:
        yield refusal("callback.tty", "The caller needs TTY.", "Say in tty_used whether the call was by TTY.")
