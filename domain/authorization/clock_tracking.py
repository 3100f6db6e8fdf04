"""Met and missed clocks of an authorization. `domain.authorization.missed_clock_effects` applies the effects of a miss."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from domain.authorization import forwarding, missed_clock_effects
from domain.authorization.case import AuthorizationCase
from domain.cases.journal_rows import clock_rows
from domain.cases.tasks import TaskKind
from domain.clocks.binding import governing_clock
from domain.clocks.engine import Clock, DueInstant, DueKind, is_on_time
from domain.clocks.missed_clock import MissedClock
from domain.clocks.rules import DutyCondition
from domain.journal import EntryKind
from domain.vocabulary import Role

SECOND = timedelta(seconds=1)

# Duties of the case itself; the other kinds of due instants are windows, or belong to other processes.
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


def record_met_and_missed(case: AuthorizationCase, now: datetime) -> None:
    """Record every duty that was met and every one that was missed, in the order in which they were due."""
    for clock, due in sorted(_open_duties(case), key=lambda owed: owed[1].at):
        done_at = _done_at(case, due.kind)
        if done_at is not None and is_on_time(due, done_at):
            # Until the determination is made a line may still go back to a reviewer, so the decision is not met yet.
            if due.kind is not DueKind.DECISION or case.concluded is not None:
                _record_met(case, clock, due, done_at, now)
        elif done_at is not None or not is_on_time(due, now):
            _record_missed(case, clock, due, now)


def upcoming_timers(case: AuthorizationCase) -> Iterator[datetime]:
    """The instants (UTC) at which duties that are not done yet become missed."""
    for _, due in _open_duties(case):
        if _done_at(case, due.kind) is None:
            yield due.at + SECOND


def earliest_due(clocks: tuple[Clock, ...], kind: DueKind) -> datetime | None:
    """The earliest due instant of a duty among these clocks."""
    found = governing_clock(clocks, kind)
    return found[1].at if found is not None else None


def _done_at(case: AuthorizationCase, kind: DueKind) -> datetime | None:
    """The instant at which the duty was done, or None while it is not: a case is decided when all its lines are."""
    if kind is DueKind.DECISION:
        return case.decided_at if case.is_settled else None
    return case.done.get(kind)


def _duty_key(clock: Clock, due: DueInstant) -> str:
    return f"{clock.rule_id}/{clock.variant}/{due.kind.value}"


def _open_duties(case: AuthorizationCase) -> Iterator[tuple[Clock, DueInstant]]:
    if case.withdrawal is not None:
        return
    for clock in case.clocks:
        if clock.set_aside is not None:
            continue
        for due in clock.due:
            if due.kind in DUTIES and _is_required(case, clock, due) and _duty_key(clock, due) not in case.judged:
                yield clock, due


def _is_required(case: AuthorizationCase, clock: Clock, due: DueInstant) -> bool:
    """Whether the duty applies. Some apply only if information is missing, which shows when it is requested; the case file is
    due only once a missed clock forwards it."""
    if due.kind is DueKind.CASE_FILE and not forwarding.is_required(case):
        return False
    if clock.condition is DutyCondition.IF_INFORMATION_IS_MISSING:
        return case.information is not None
    if clock.condition is DutyCondition.IF_ADVERSE:
        return bool(case.adverse)
    return clock.condition is DutyCondition.ALWAYS


def _record_met(case: AuthorizationCase, clock: Clock, due: DueInstant, done_at: datetime, now: datetime) -> None:
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


def _record_missed(case: AuthorizationCase, clock: Clock, due: DueInstant, now: datetime) -> None:
    """Record the miss, apply its effect, and open a compliance task. Work continues: lateness never harms the request."""
    case.judged[_duty_key(clock, due)] = "missed"
    effect = clock.missed.effect if clock.missed is not None and due.kind is DueKind.DECISION else None
    missed = MissedClock(
        rule_id=clock.rule_id,
        kind=due.kind,
        due_at=due.at,
        effect=effect.value if effect else None,
        words=clock.missed.note if clock.missed is not None else None,
        citation=due.citation,
        **_miss_effects(clock) if effect is not None else {},
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
        missed_clock_effects.apply_effect(case, missed, effect, now)
    if case.open_task(TaskKind.MISSED_CLOCK) is None:
        hours = case.require_context().policy.missed_clock_task_hours
        case.add_task(
            TaskKind.MISSED_CLOCK,
            Role.COMPLIANCE,
            f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} missed",
            now,
            now + timedelta(hours=hours),
        )


def _miss_effects(clock: Clock) -> dict[str, Any]:
    """The effects of a miss according to the clock, as fields of a `MissedClock`."""
    missed = clock.missed
    if missed is None:
        return {}
    return {name: getattr(missed, name) for name in ("told", "next_rule", "forward_to", "liability")}
