"""The case file that goes to an independent reviewer because a clock was missed: nobody has to ask for it.

The miss starts the forwarding clock of the rulebook (`time_expired`); by that clock somebody has to assemble the file and send
it, and what they say about when it went decides whether it went in time (42 CFR 423.568(h), 423.572(d)).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.authorization.case import Case
from domain.authorization.parts import Forwarding
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind
from domain.clocks.engine import DueKind, EventKind
from domain.clocks.missed import MissedClock
from domain.journal import EntryKind
from domain.vocabulary import Role


def begin(case: Case, missed: MissedClock, rule_id: str, to: str) -> None:
    """From now on the case owes the file; its task is opened as soon as the clock has been computed."""
    case.forwarding = Forwarding(rule_id=rule_id, to=to, missed_rule=missed.rule_id, owed_since=missed.due_at)


def is_owed(case: Case) -> bool:
    """Whether the file has to go, or had to; a request that was taken back leaves nothing to forward."""
    return case.forwarding is not None and case.withdrawal is None


def open_task(case: Case, now: datetime) -> None:
    """Ask for the file, once, by the instant of its own clock. For when the clocks are computed."""
    owed = case.forwarding
    if owed is None or not is_owed(case) or owed.task_id is not None:
        return
    due = case.due(DueKind.CASE_FILE)
    # The rulebook is checked to have the clock; were it gone, the file is asked for as anything else that was missed.
    by = due[1].at if due is not None else now + timedelta(hours=case.looked_at().policy.missed_clock_task_hours)
    task = case.new_task(
        TaskKind.CASE_FORWARDING,
        Role.APPEALS,
        f"{owed.missed_rule} was missed: assemble the case file and send it to the {owed.to} ({owed.rule_id}).",
        now,
        by,
        tuple(line.line_id for line in case.looked_at().lines),
        rule=owed.rule_id,
        citation=due[1].citation if due is not None else None,
    )
    owed.task_id = task.task_id


def forwarded(case: Case, message: CompleteTask) -> str:
    """Somebody sent the file; when, is the stamp of their message."""
    owed = case.forwarding
    if owed is None:
        raise LookupError("a case file was forwarded that nobody owed")
    owed.forwarded_at = message.at
    case.done.setdefault(DueKind.CASE_FILE, message.at)
    case.happened(EventKind.CASE_FILE_SENT, message.at)
    case.note(
        EntryKind.CASE_FORWARDED,
        message.at,
        f"The case file went to the {owed.to} ({owed.rule_id}).",
        message.actor,
        rule=owed.rule_id,
        to=owed.to,
        forwarded_at=message.at.isoformat(),
        note=message.note,
    )
    return f"The case file is recorded as sent to the {owed.to}."
