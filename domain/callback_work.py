"""What people do on a callback: which records are refused, and what those that pass do to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain import forms, task_desk
from domain.callback import Attempt, CallbackDossier
from domain.callback_forms import FORMS, CallRecord, NotReachedForm
from domain.errors import Refusal, refusal
from domain.journal import EntryKind
from domain.messages import CompleteTask
from domain.task_desk import TaskMessage
from domain.tasks import Task, TaskKind, TaskOutcome

SECOND = timedelta(seconds=1)


def refusals(call: CallbackDossier, message: TaskMessage, now: datetime) -> tuple[Refusal, ...]:
    """Every rule that the message breaks."""
    broken = tuple(task_desk.refusals(call, message, now, FORMS))
    return broken or tuple(_needs(call, message))


def refusals_at_sight(call: CallbackDossier, message: TaskMessage, now: datetime) -> tuple[Refusal, ...]:
    """What can be refused without asking the directory about anybody."""
    return tuple(task_desk.refusals_at_sight(call, message, now, FORMS))


def apply(call: CallbackDossier, message: TaskMessage, now: datetime) -> str:
    """Carry out what may be."""
    return task_desk.carry_out(call, message, now, _done)


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


def _done(call: CallbackDossier, task: Task, message: CompleteTask, now: datetime) -> str:
    match task.kind:
        case TaskKind.CALL_BACK:
            return _called(call, message)
        case TaskKind.CALLER_NOT_REACHED:
            call.not_reached, call.not_reached_by = forms.read(NotReachedForm, message.form), message.reviewer_id
            if call.not_reached.try_again:
                call.needs_window, call.unanswered = True, 0
                return "Another call is placed in the next window."
            return "Another way was taken."
        case _:
            return "Noted."


def _called(call: CallbackDossier, message: CompleteTask) -> str:
    record, window = forms.read(CallRecord, message.form), call.window
    if window is None:
        raise LookupError(f"{call.case_id}: a call without a window")
    in_window = message.at < window.due_at + SECOND
    call.attempts.append(
        Attempt(at=message.at, by=message.reviewer_id, window=window, in_window=in_window, record=record)
    )
    late = "" if in_window else " It came late."
    if record.outcome == "answered":
        says = f"The call was returned to the {record.reached.replace('_', ' ')}.{late}"
    else:
        call.unanswered += 1
        call.needs_window = True
        call.not_reached = None
        says = f"Call {len(call.attempts)}: {record.outcome.replace('_', ' ')}.{late}"
    call.note(EntryKind.CALL_ATTEMPTED, message.at, says, message.actor)
    return says
