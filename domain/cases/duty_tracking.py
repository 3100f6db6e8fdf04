"""Duties by the rule that makes them: notices to be delivered, files to be sent. Each is done in time, or late and said to be.

Requests are judged in `domain.clock_watch`, by what is owed (a decision, a notice); here a dossier may owe several of one kind
at once, a form for each rule, so the rule itself is the key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from domain.cases.case import Dossier
from domain.cases.journal_rows import clock_rows
from domain.cases.tasks import TaskKind
from domain.clocks.engine import Clock, DueInstant, was_met
from domain.clocks.missed import MissedClock
from domain.journal import EntryKind
from domain.vocabulary import Role

SECOND = timedelta(seconds=1)


def judge(dossier: Dossier, rules: Collection[str], done: Mapping[str, datetime], now: datetime) -> None:
    """Record every duty of these rules that was done in time, and every one that was not by `now` (UTC).

    `done` tells by rule id when its duty was done.
    """
    for clock, due in tuple(_unjudged(dossier, rules)):
        done_at = done.get(clock.rule_id)
        if done_at is not None and was_met(due, done_at):
            _met(dossier, clock, due, done_at, now)
        elif done_at is not None or not was_met(due, now):
            _missed(dossier, clock, due, done_at, now)


def alarms(dossier: Dossier, rules: Collection[str], done: Mapping[str, datetime]) -> Iterator[datetime]:
    """The instants (UTC) at which a duty that is not done yet will have been missed."""
    for clock, due in _unjudged(dossier, rules):
        if clock.rule_id not in done:
            yield due.at + SECOND


def reopen(dossier: Dossier, rule_id: str) -> None:
    """Forget what became of a rule's duty, because it is owed anew (a second notice after the first one's end moved)."""
    for key in [key for key in dossier.judged if key.startswith(f"{rule_id}/")]:
        del dossier.judged[key]


def _unjudged(dossier: Dossier, rules: Collection[str]) -> Iterator[tuple[Clock, DueInstant]]:
    for clock in dossier.clocks:
        if clock.set_aside is None and clock.rule_id in rules and _key(clock, clock.due[0]) not in dossier.judged:
            yield clock, clock.due[0]


def _key(clock: Clock, due: DueInstant) -> str:
    return f"{clock.rule_id}/{clock.variant}/{due.kind.value}"


def _met(dossier: Dossier, clock: Clock, due: DueInstant, done_at: datetime, now: datetime) -> None:
    dossier.judged[_key(clock, due)] = "met"
    dossier.note(
        EntryKind.CLOCK_MET,
        now,
        f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} in time ({due.at - done_at} to spare).",
        rule=clock.rule_id,
        duty=due.kind.value,
        due_at=due.at.isoformat(),
        done_at=done_at.isoformat(),
        clocks=clock_rows(dossier),
    )


def _missed(dossier: Dossier, clock: Clock, due: DueInstant, done_at: datetime | None, now: datetime) -> None:
    """Record the miss and tell compliance. The duty stays owed: late is better than never, and the record says late."""
    dossier.judged[_key(clock, due)] = "missed"
    effect = clock.missed.effect.value if clock.missed is not None else None
    dossier.missed.append(
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
    dossier.note(
        EntryKind.CLOCK_MISSED,
        now,
        f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} {late} ({due.citation}).",
        rule=clock.rule_id,
        duty=due.kind.value,
        due_at=due.at.isoformat(),
        done_at=done_at.isoformat() if done_at is not None else None,
        clocks=clock_rows(dossier),
    )
    if dossier.open_task(TaskKind.MISSED_CLOCK) is None:
        dossier.new_task(
            TaskKind.MISSED_CLOCK,
            Role.COMPLIANCE,
            f"{clock.rule_id}: {clock.title} is late",
            now,
            now + timedelta(hours=dossier.missed_clock_hours),
        )
