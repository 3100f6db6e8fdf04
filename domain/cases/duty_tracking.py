"""Duties under single clock rules, such as notices to deliver and files to send: met in time, or recorded as missed.

Authorization cases use `domain.authorization.clock_tracking`, which tracks by kind of duty (a decision, a notice). Here a case
may have several duties of one kind at once, one form for each rule, so the rule is the key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from domain.cases.case import Case
from domain.cases.journal_rows import clock_rows
from domain.cases.tasks import TaskKind
from domain.clocks.engine import Clock, DueInstant, is_on_time
from domain.clocks.missed_clock import MissedClock
from domain.journal import EntryKind
from domain.vocabulary import Role

SECOND = timedelta(seconds=1)


def record_met_and_missed(case: Case, rules: Collection[str], done: Mapping[str, datetime], now: datetime) -> None:
    """Record every duty of these rules that was met in time, and every one that was missed by `now` (UTC).

    `done` gives, by rule id, the instant at which the duty was done.
    """
    for clock, due in tuple(_open_duties(case, rules)):
        done_at = done.get(clock.rule_id)
        if done_at is not None and is_on_time(due, done_at):
            _record_met(case, clock, due, done_at, now)
        elif done_at is not None or not is_on_time(due, now):
            _record_missed(case, clock, due, done_at, now)


def upcoming_timers(case: Case, rules: Collection[str], done: Mapping[str, datetime]) -> Iterator[datetime]:
    """The instants (UTC) at which duties that are not done yet become missed."""
    for clock, due in _open_duties(case, rules):
        if clock.rule_id not in done:
            yield due.at + SECOND


def reopen_duty(case: Case, rule_id: str) -> None:
    """Reopen the duty of a rule that is due again (a second notice, because the end of coverage moved)."""
    for key in [key for key in case.judged if key.startswith(f"{rule_id}/")]:
        del case.judged[key]


def _open_duties(case: Case, rules: Collection[str]) -> Iterator[tuple[Clock, DueInstant]]:
    for clock in case.clocks:
        if clock.set_aside is None and clock.rule_id in rules and _duty_key(clock, clock.due[0]) not in case.judged:
            yield clock, clock.due[0]


def _duty_key(clock: Clock, due: DueInstant) -> str:
    return f"{clock.rule_id}/{clock.variant}/{due.kind.value}"


def _record_met(case: Case, clock: Clock, due: DueInstant, done_at: datetime, now: datetime) -> None:
    case.judged[_duty_key(clock, due)] = "met"
    case.note(
        EntryKind.CLOCK_MET,
        now,
        f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} in time ({due.at - done_at} to spare).",
        rule=clock.rule_id,
        duty=due.kind.value,
        due_at=due.at.isoformat(),
        done_at=done_at.isoformat(),
        clocks=clock_rows(case),
    )


def _record_missed(case: Case, clock: Clock, due: DueInstant, done_at: datetime | None, now: datetime) -> None:
    """Record the miss and open a task for compliance. The duty remains open: it is still done, and recorded as late."""
    case.judged[_duty_key(clock, due)] = "missed"
    effect = clock.missed.effect.value if clock.missed is not None else None
    case.missed.append(
        MissedClock(
            rule_id=clock.rule_id,
            kind=due.kind,
            due_at=due.at,
            effect=effect,
            words=clock.missed.note if clock.missed is not None else None,
            citation=due.citation,
        )
    )
    late = "was done late" if done_at is not None else "was due and is late"
    case.note(
        EntryKind.CLOCK_MISSED,
        now,
        f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} {late} ({due.citation}).",
        rule=clock.rule_id,
        duty=due.kind.value,
        due_at=due.at.isoformat(),
        done_at=done_at.isoformat() if done_at is not None else None,
        clocks=clock_rows(case),
    )
    if case.open_task(TaskKind.MISSED_CLOCK) is None:
        case.add_task(
            TaskKind.MISSED_CLOCK,
            Role.COMPLIANCE,
            f"{clock.rule_id}: {clock.title} is late",
            now,
            now + timedelta(hours=case.missed_clock_hours),
        )
