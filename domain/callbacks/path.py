"""What comes next for a callback: a call in the next window, another one when nobody answers, and another way after some."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.callbacks.case import CallbackDossier, CallbackLook
from domain.cases import escalation as escalating
from domain.cases.business_day_dues import Dues
from domain.cases.tasks import TaskKind
from domain.journal import Actor, EntryKind
from domain.office_hours import CallbackWindow
from domain.plain_language.phrases import counted
from domain.vocabulary import Role

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class LookInto:
    """Look the person, the plan's rules and the first window up."""


@dataclass(frozen=True)
class FindWindow:
    """Find the next window after `after` (UTC); `planned` opens the next work then."""

    after: datetime
    business_days: tuple[int, ...]


@dataclass(frozen=True)
class Wait:
    """Nothing to do until somebody calls, or time does something."""


@dataclass(frozen=True)
class Finish:
    """The call was returned, or another way was found."""


Step = LookInto | FindWindow | Wait | Finish


def next_step(call: CallbackDossier, now: datetime) -> Step:
    """The next step. Closes the callback once somebody was reached, or somebody found another way."""
    if call.policy is None or call.window is None:
        return LookInto()
    if call.is_open and (call.is_answered or (call.not_reached is not None and not call.not_reached.try_again)):
        _close(call, now)
    if not call.is_open:
        return Finish()
    if call.needs_window:
        return FindWindow(max(now, call.window.due_at), (call.rules.not_reached_business_days.value,))
    return Wait()


def looked(call: CallbackDossier, found: CallbackLook, now: datetime) -> None:
    """Take in what the first look found, begin the journal, and open the call. Days are counted in the plan's zone."""
    call.take_person(found.person)
    call.zone, call.policy, call.window = found.plan_zone, found.policy, found.window
    call.note(
        EntryKind.CALL_TAKEN,
        call.received_at,
        f"A message was left by {_whom(call)} about {call.about.value.replace('_', ' ')}; "
        f"it is returned by {call.local(found.window.due_at)}.",
        Actor(kind=call.from_whom, id=call.member_id or "caller"),
        document=call.message_document,
    )
    _open_call(call, now)


def planned(call: CallbackDossier, found: Dues, now: datetime) -> None:
    """Open what comes after a call that nobody answered: the next one, or, after enough of them, another way."""
    call.needs_window = False
    if call.unanswered >= call.rules.attempts.value:
        why = f"Nobody was reached in {counted(call.unanswered, 'call')}: find another way"
        call.new_task(TaskKind.CALLER_NOT_REACHED, Role.SUPERVISOR, why, now, found.due_at[0], needs=call.needs)
        return
    call.window, call.window_late = found.window, False
    _open_call(call, now)


def ring(call: CallbackDossier, now: datetime) -> None:
    """Everything that is due at `now` (UTC): escalations, and a window that ended without a call."""
    escalating.ring(call, now)
    late_at = _late_at(call)
    if late_at is not None and late_at <= now and call.window is not None:
        call.window_late = True
        says = f"Nobody has called back by {call.local(call.window.due_at)}; the call stays owed."
        call.note(EntryKind.CALL_LATE, now, says, due_at=call.window.due_at.isoformat())


def next_alarm(call: CallbackDossier) -> datetime | None:
    """The next instant (UTC) at which `ring` has something to do, or None."""
    late_at = _late_at(call)
    return min((*escalating.alarms(call), *([late_at] if late_at is not None else [])), default=None)


def _late_at(call: CallbackDossier) -> datetime | None:
    owed = call.open_task(TaskKind.CALL_BACK) is not None and not call.window_late
    return call.window.due_at + SECOND if owed and call.window is not None else None


def _open_call(call: CallbackDossier, now: datetime) -> None:
    window = call.window
    if window is None:
        raise LookupError(f"{call.case_id}: there is no window to call back in")
    which = "" if call.unanswered == 0 else f", attempt {call.unanswered + 1}"
    why = f"Call {_whom(call)} back about {call.about.value.replace('_', ' ')}{which}{_from(call, window, now)}"
    role = call.rules.role_for(call.about)
    call.new_task(TaskKind.CALL_BACK, role, why, now, window.due_at, about=call.about.value, needs=call.needs)


def _from(call: CallbackDossier, window: CallbackWindow, now: datetime) -> str:
    return f", from {call.local(window.opens_at)}" if window.opens_at > now else ""


def _whom(call: CallbackDossier) -> str:
    return "somebody else" if call.from_whom == "other" else f"the {call.from_whom}"


def _close(call: CallbackDossier, now: datetime) -> None:
    call.closed_at = now
    how = "the call was returned" if call.is_answered else "no call reached them, and another way was taken"
    call.note(EntryKind.CLOSED, now, f"Closed: {how}.")
