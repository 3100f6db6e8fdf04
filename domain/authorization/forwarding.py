"""Auto-forwarding of the case file to the independent review entity (IRE) after a missed clock.

The miss starts the forwarding clock of the rulebook (`time_expired`). By that clock staff assemble and send the file; the
time of sending that they report decides whether it was timely (42 CFR 423.568(h), 423.572(d)).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.authorization.case import AuthorizationCase
from domain.authorization.parts import IreForwarding
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind
from domain.clocks.engine import DueKind, EventKind
from domain.clocks.missed_clock import MissedClock
from domain.errors import ImpossibleState
from domain.journal import EntryKind
from domain.vocabulary import Role


def begin_forwarding(case: AuthorizationCase, missed: MissedClock, rule_id: str, to: str) -> None:
    """Begin the forwarding of the case file; its task is opened as soon as the clock has been computed."""
    case.forwarding = IreForwarding(rule_id=rule_id, to=to, missed_rule=missed.rule_id, owed_since=missed.due_at)


def is_required(case: AuthorizationCase) -> bool:
    """Whether the case file must be forwarded, or was; a request that ended without a decision leaves nothing to forward."""
    return case.forwarding is not None and not case.ends_undecided


def open_forwarding_task(case: AuthorizationCase, now: datetime) -> None:
    """Open the forwarding task, once, due by its own clock. Call it after the clocks are computed."""
    owed = case.forwarding
    if owed is None or not is_required(case) or owed.task_id is not None:
        return
    due = case.due(DueKind.CASE_FILE)
    # The rulebook is checked to have the clock; without it the task gets the time of other missed-clock tasks.
    by = due[1].at if due is not None else now + timedelta(hours=case.require_context().policy.missed_clock_task_hours)
    task = case.add_task(
        TaskKind.CASE_FORWARDING,
        Role.APPEALS,
        f"{owed.missed_rule} was missed: assemble the case file and send it to the {owed.to} ({owed.rule_id}).",
        now,
        by,
        tuple(line.line_id for line in case.require_context().lines),
        rule=owed.rule_id,
        citation=due[1].citation if due is not None else None,
    )
    owed.task_id = task.task_id


def record_forwarded(case: AuthorizationCase, message: CompleteTask) -> str:
    """Record that the case file was sent, at the time of the message."""
    owed = case.forwarding
    if owed is None:
        raise ImpossibleState("a case file was forwarded that was not required")
    owed.forwarded_at = message.at
    case.mark_done(DueKind.CASE_FILE, message.at)
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
