"""What people do on a callback: which records are refused, and what those that pass do to it."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.callbacks.case import Attempt, CallbackDossier
from domain.callbacks.forms import CallRecord, NotReachedForm
from domain.cases import task_forms as forms
from domain.cases import task_messages as task_desk
from domain.cases.messages import CompleteTask
from domain.cases.task_messages import TaskMessage
from domain.cases.tasks import Task, TaskKind
from domain.journal import EntryKind

SECOND = timedelta(seconds=1)


def apply(call: CallbackDossier, message: TaskMessage, now: datetime) -> str:
    """Carry out what may be."""
    return task_desk.carry_out(call, message, now, _done)


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
