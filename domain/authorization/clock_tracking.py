"""Duties of an authorization, and when each was done: by kind of duty, whichever clock demands it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from domain.authorization import forwarding, missed_clock_effects
from domain.authorization.case import AuthorizationCase
from domain.cases import duty_tracking
from domain.cases.duty_tracking import Duty
from domain.clocks.binding import governing_clock
from domain.clocks.engine import Clock, DueInstant, DueKind
from domain.clocks.rules import DutyCondition

# Duties of the case itself; the other kinds of due instants are windows, or belong to other processes.
DUTIES = frozenset(
    {
        DueKind.DECISION,
        DueKind.WRITTEN_NOTICE,
        DueKind.PROVIDER_NOTICE,
        DueKind.INFORMATION_REQUEST,
        DueKind.EXPEDITE_REFUSAL_NOTICE,
        DueKind.DEEMED_NOTICE,
        DueKind.SUPPLY_NOTICE,
        DueKind.CASE_FILE,
    }
)


def record_met_and_missed(case: AuthorizationCase, now: datetime) -> None:
    """Record every duty that was met and every one that was missed, and apply the legal effects of the misses."""
    duty_tracking.record_met_and_missed(
        case,
        tuple(_duties(case)),
        partial(_done_at, case),
        now,
        # Until the determination is made a line may still go back to a reviewer, so the decision is not met yet.
        is_final=lambda due: due.kind is not DueKind.DECISION or case.concluded is not None,
        on_missed=lambda missed: missed_clock_effects.apply_effect(case, missed, now),
    )


def upcoming_timers(case: AuthorizationCase) -> Iterator[datetime]:
    """The instants (UTC) at which duties that are not done yet become missed."""
    return duty_tracking.upcoming_timers(case, _duties(case), partial(_done_at, case))


def earliest_due(clocks: tuple[Clock, ...], kind: DueKind) -> datetime | None:
    """The earliest due instant of a duty among these clocks."""
    found = governing_clock(clocks, kind)
    return found[1].at if found is not None else None


def _done_at(case: AuthorizationCase, _clock: Clock, due: DueInstant) -> datetime | None:
    """The instant at which the duty was done, or None while it is not: a case is decided when all its lines are."""
    if due.kind is DueKind.DECISION:
        return case.decided_at if case.is_settled else None
    return case.done.get(due.kind)


def _duties(case: AuthorizationCase) -> Iterator[Duty]:
    if case.withdrawal is not None:
        return
    for clock in case.clocks:
        for due in clock.due:
            if due.kind in DUTIES and _is_required(case, clock, due):
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
