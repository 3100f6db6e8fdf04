"""The path of a callback: a call in the next window, further attempts without an answer, then another contact method."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.callbacks.case import CallbackCase, CallbackContext
from domain.cases import escalation
from domain.cases.due_dates import DueDates
from domain.cases.steps import Finish, LookUpContext, Wait
from domain.cases.tasks import TaskKind
from domain.errors import ImpossibleState
from domain.journal import Actor, EntryKind
from domain.office_hours import CallbackWindow
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import Role

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class FindWindow:
    """Find the next window after `after` (UTC); `open_next_task` then opens the next task."""

    after: datetime
    business_days: tuple[int, ...]


CallbackStep = LookUpContext | FindWindow | Wait | Finish


def advance(call: CallbackCase, now: datetime) -> CallbackStep:
    """Advance the callback to its next step. Deterministic, no I/O; closes it (journaled) once the caller was reached."""
    if call.policy is None or call.window is None:
        return LookUpContext()
    if call.is_open and (call.is_answered or (call.not_reached is not None and not call.not_reached.try_again)):
        _close(call, now)
    if not call.is_open:
        return Finish()
    if call.needs_window:
        return FindWindow(max(now, call.window.due_at), (call.rules.not_reached_business_days.value,))
    return Wait()


def record_context(call: CallbackCase, found: CallbackContext, now: datetime) -> None:
    """Record the looked-up context, begin the journal, and open the call task. Days count in the plan's zone."""
    call.set_member_context(found.person)
    call.zone, call.policy, call.window = found.plan_zone, found.policy, found.window
    call.note(
        EntryKind.CALL_TAKEN,
        call.received_at,
        f"A message was left by {_caller_phrase(call)} about {call.about.value.replace('_', ' ')}; "
        f"it is returned by {call.local(found.window.due_at)}.",
        Actor(kind=call.from_whom, id=call.member_id or "caller"),
        document=call.message_document,
    )
    _open_call(call, now)


def open_next_task(call: CallbackCase, found: DueDates, now: datetime) -> None:
    """Open the task after an unanswered call: the next call, or, after enough attempts, another contact method."""
    call.needs_window = False
    if call.unanswered >= call.rules.attempts.value:
        why = f"Nobody was reached in {count_phrase(call.unanswered, 'call')}: use another contact method"
        call.add_task(TaskKind.CALLER_NOT_REACHED, Role.SUPERVISOR, why, now, found.due_at[0], needs=call.needs)
        return
    call.window, call.window_late = found.window, False
    _open_call(call, now)


def fire_due_timers(call: CallbackCase, now: datetime) -> None:
    """Fire every timer that is due at `now` (UTC): escalations, and a window that ended without a call."""
    escalation.escalate_due_tasks(call, now)
    late_at = _window_missed_at(call)
    if late_at is not None and late_at <= now and call.window is not None:
        call.window_late = True
        says = f"Nobody has called back by {call.local(call.window.due_at)}; the call is still due."
        call.note(EntryKind.CALL_LATE, now, says, due_at=call.window.due_at.isoformat())


def next_timer(call: CallbackCase) -> datetime | None:
    """The next instant (UTC) at which a timer is due, or None."""
    late_at = _window_missed_at(call)
    return min((*escalation.upcoming_timers(call), *([late_at] if late_at is not None else [])), default=None)


def _window_missed_at(call: CallbackCase) -> datetime | None:
    owed = call.open_task(TaskKind.CALL_BACK) is not None and not call.window_late
    return call.window.due_at + SECOND if owed and call.window is not None else None


def _open_call(call: CallbackCase, now: datetime) -> None:
    window = call.window
    if window is None:
        raise ImpossibleState(f"{call.case_id}: there is no window to call back in")
    which = "" if call.unanswered == 0 else f", attempt {call.unanswered + 1}"
    about = call.about.value.replace("_", " ")
    why = f"Call {_caller_phrase(call)} back about {about}{which}{_earliest_phrase(call, window, now)}"
    role = call.rules.role_for(call.about)
    call.add_task(TaskKind.CALL_BACK, role, why, now, window.due_at, about=call.about.value, needs=call.needs)


def _earliest_phrase(call: CallbackCase, window: CallbackWindow, now: datetime) -> str:
    return f", from {call.local(window.opens_at)}" if window.opens_at > now else ""


def _caller_phrase(call: CallbackCase) -> str:
    return "somebody else" if call.from_whom == "other" else f"the {call.from_whom}"


def _close(call: CallbackCase, now: datetime) -> None:
    call.closed_at = now
    how = (
        "the call was returned"
        if call.is_answered
        else "no call reached the caller, and another contact method was used"
    )
    call.note(EntryKind.CLOSED, now, f"Closed: {how}.")
