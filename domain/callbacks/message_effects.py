"""Effects of accepted task messages on a callback."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.callbacks.case import CallAttempt, CallbackCase
from domain.callbacks.forms import CallRecord, NotReachedForm
from domain.cases import task_forms, task_messages
from domain.cases.messages import CompleteTask
from domain.cases.task_messages import TaskMessage
from domain.cases.tasks import Task, TaskKind
from domain.errors import ImpossibleState
from domain.journal import EntryKind

SECOND = timedelta(seconds=1)


def apply_message(call: CallbackCase, message: TaskMessage, now: datetime) -> str:
    """Carry out an accepted message."""
    return task_messages.apply_task_message(call, message, now, _complete_task)


def _complete_task(call: CallbackCase, task: Task, message: CompleteTask, now: datetime) -> str:
    match task.kind:
        case TaskKind.CALL_BACK:
            return _record_call(call, message)
        case TaskKind.CALLER_NOT_REACHED:
            call.not_reached, call.not_reached_by = (
                task_forms.read_form(NotReachedForm, message.form),
                message.reviewer_id,
            )
            if call.not_reached.try_again:
                call.needs_window, call.unanswered = True, 0
                return "Another call is placed in the next window."
            return "Contact by another method recorded."
        case _:
            return "Recorded."


def _record_call(call: CallbackCase, message: CompleteTask) -> str:
    record, window = task_forms.read_form(CallRecord, message.form), call.window
    if window is None:
        raise ImpossibleState(f"{call.case_id}: a call without a window")
    in_window = message.at < window.due_at + SECOND
    call.attempts.append(
        CallAttempt(at=message.at, by=message.reviewer_id, window=window, in_window=in_window, record=record)
    )
    late = "" if in_window else " The call was late."
    if record.outcome == "answered":
        says = f"The call was returned to the {record.reached.replace('_', ' ')}.{late}"
    else:
        call.unanswered += 1
        call.needs_window = True
        call.not_reached = None
        says = f"Call {len(call.attempts)}: {record.outcome.replace('_', ' ')}.{late}"
    call.note(EntryKind.CALL_ATTEMPTED, message.at, says, message.actor)
    return says
