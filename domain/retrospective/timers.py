"""Timers of a retrospective review: escalations, and the clocks after care until a review case has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases import duty_tracking, escalation
from domain.cases.duty_tracking import Duty
from domain.clocks.engine import DueKind
from domain.retrospective.case import RetrospectiveCase


def fire_due_timers(file: RetrospectiveCase, now: datetime) -> None:
    """Fire every timer that is due at `now` (UTC)."""
    if file.look is None:
        return
    escalation.escalate_due_tasks(file, now)
    duty_tracking.record_met_and_missed(file, _own_duties(file), lambda *_: file.settled_at, now)


def next_timer(file: RetrospectiveCase) -> datetime | None:
    """The next instant (UTC) at which a timer is due, or None."""
    return min(_timers(file), default=None) if file.look is not None else None


def _timers(file: RetrospectiveCase) -> Iterator[datetime]:
    yield from escalation.upcoming_timers(file)
    yield from duty_tracking.upcoming_timers(file, _own_duties(file), lambda *_: file.settled_at)


def _own_duties(file: RetrospectiveCase) -> tuple[Duty, ...]:
    """The decisions due in this case; once a review case decides, that case tracks them and reports a miss."""
    if file.review is not None:
        return ()
    return tuple((clock, clock.due[0]) for clock in file.clocks if clock.due[0].kind is DueKind.DECISION)
