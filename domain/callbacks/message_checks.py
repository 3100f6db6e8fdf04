"""Rules for messages to a callback: violations that keep a message from being carried out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.callbacks.case import CallbackCase
from domain.callbacks.forms import FORMS, CallRecord
from domain.cases import task_forms, task_messages
from domain.cases.messages import CompleteTask
from domain.cases.task_messages import TaskMessage
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.errors import RuleViolation, violation


def violations(call: CallbackCase, message: TaskMessage, now: datetime) -> tuple[RuleViolation, ...]:
    """Every rule that the message breaks."""
    broken = tuple(task_messages.violations(call, message, now, FORMS))
    return broken or tuple(_access_need_violations(call, message))


def violations_without_lookup(call: CallbackCase, message: TaskMessage, now: datetime) -> tuple[RuleViolation, ...]:
    """The violations that show without a lookup in the reviewer directory."""
    return tuple(task_messages.violations_without_lookup(call, message, now, FORMS))


def _access_need_violations(call: CallbackCase, message: TaskMessage) -> Iterator[RuleViolation]:
    """Violations of a call record that does not say how a language or TTY need was met."""
    if not isinstance(message, CompleteTask) or message.outcome is not TaskOutcome.DONE:
        return
    task = call.tasks[message.task_id]
    if task.kind is not TaskKind.CALL_BACK:
        return
    record = task_forms.read_form(CallRecord, message.form)
    if record.outcome != "answered":
        return
    if "language" in task.needs and not (record.language_help or "").strip():
        yield violation(
            "callback.language", "The caller asked for a language.", "Say in language_help how that was met."
        )
    if "tty" in task.needs and record.tty_used is None:
        yield violation("callback.tty", "The caller needs TTY.", "Say in tty_used whether the call was by TTY.")
