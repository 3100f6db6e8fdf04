"""Clocks that were met or missed; what the law makes of a miss is done by `domain.consequences`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from domain.authorization import forwarding
from domain.authorization import missed_clock_effects as consequences
from domain.authorization.case import Case
from domain.cases.journal_rows import clock_rows
from domain.cases.tasks import TaskKind
from domain.clocks.binding import governing
from domain.clocks.engine import Clock, DueInstant, DueKind, was_met
from domain.clocks.missed import MissedClock
from domain.clocks.rules import Condition
from domain.journal import EntryKind
from domain.vocabulary import Role

SECOND = timedelta(seconds=1)

# What the case itself has to do by an instant; the other kinds of due instants are windows, or belong to other processes.
DUTIES = frozenset(
    {
        DueKind.DECISION,
        DueKind.WRITTEN_NOTICE,
        DueKind.PROVIDER_NOTICE,
        DueKind.INFORMATION_REQUEST,
        DueKind.EXPEDITE_REFUSAL_NOTICE,
        DueKind.DEEMED_NOTICE,
        DueKind.CASE_FILE,
    }
)


def judge(case: Case, now: datetime) -> None:
    """Record every duty that was done in time, and every one that was not, in the order in which they were due."""
    for clock, due in sorted(_unjudged(case), key=lambda owed: owed[1].at):
        done_at = _done_at(case, due.kind)
        if done_at is not None and was_met(due, done_at):
            # Until the conclusion is drawn a line may still go back to a person: nothing is met that could be undone.
            if due.kind is not DueKind.DECISION or case.concluded is not None:
                _met(case, clock, due, done_at, now)
        elif done_at is not None or not was_met(due, now):
            _missed(case, clock, due, now)


def alarms(case: Case) -> Iterator[datetime]:
    """The instants (UTC) at which a duty that is not done yet will have been missed."""
    for _, due in _unjudged(case):
        if _done_at(case, due.kind) is None:
            yield due.at + SECOND


def earliest(clocks: tuple[Clock, ...], kind: DueKind) -> datetime | None:
    """The earliest instant of a duty among these clocks."""
    found = governing(clocks, kind)
    return found[1].at if found is not None else None


def _done_at(case: Case, kind: DueKind) -> datetime | None:
    """When the duty was done, or None while it is not: a case is decided when none of its lines is left."""
    if kind is DueKind.DECISION:
        return case.decided_at if case.is_settled else None
    return case.done.get(kind)


def _key(clock: Clock, due: DueInstant) -> str:
    return f"{clock.rule_id}/{clock.variant}/{due.kind.value}"


def _unjudged(case: Case) -> Iterator[tuple[Clock, DueInstant]]:
    if case.withdrawal is not None:
        return
    for clock in case.clocks:
        if clock.set_aside is not None:
            continue
        for due in clock.due:
            if due.kind in DUTIES and _is_owed(case, clock, due) and _key(clock, due) not in case.judged:
                yield clock, due


def _is_owed(case: Case, clock: Clock, due: DueInstant) -> bool:
    """Some duties are owed only if information is missing, which shows when it is asked for; the case file only once a miss
    sends it on."""
    if due.kind is DueKind.CASE_FILE and not forwarding.is_owed(case):
        return False
    if clock.condition is Condition.IF_INFORMATION_IS_MISSING:
        return case.information is not None
    if clock.condition is Condition.IF_ADVERSE:
        return bool(case.adverse)
    return clock.condition is Condition.ALWAYS


def _met(case: Case, clock: Clock, due: DueInstant, done_at: datetime, now: datetime) -> None:
    case.judged[_key(clock, due)] = "met"
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


def _missed(case: Case, clock: Clock, due: DueInstant, now: datetime) -> None:
    """Record the miss, do what the rule says, tell people. The work goes on: a plan's lateness never harms the request."""
    case.judged[_key(clock, due)] = "missed"
    effect = clock.missed.effect if clock.missed is not None and due.kind is DueKind.DECISION else None
    missed = MissedClock(
        rule_id=clock.rule_id,
        kind=due.kind,
        due_at=due.at,
        effect=effect.value if effect else None,
        words=clock.missed.note if clock.missed is not None else None,
        citation=due.citation,
        **_does(clock) if effect is not None else {},
    )
    case.missed.append(missed)
    case.note(
        EntryKind.CLOCK_MISSED,
        now,
        f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} was due and is late ({due.citation}).",
        rule=clock.rule_id,
        duty=due.kind.value,
        due_at=due.at.isoformat(),
        clocks=clock_rows(case),
    )
    if effect is not None:
        consequences.apply(case, missed, effect, now)
    if case.open_task(TaskKind.MISSED_CLOCK) is None:
        hours = case.looked_at().policy.missed_clock_task_hours
        case.new_task(
            TaskKind.MISSED_CLOCK,
            Role.COMPLIANCE,
            f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} missed",
            now,
            now + timedelta(hours=hours),
        )


def _does(clock: Clock) -> dict[str, Any]:
    """What the clock says that its miss does, as a `MissedClock` keeps it."""
    missed = clock.missed
    if missed is None:
        return {}
    return {name: getattr(missed, name) for name in ("told", "next_rule", "forward_to", "liability")}
