"""Timers of a retrospective review: escalations, and the clocks after care until a review case has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases import duty_tracking, escalation
from domain.clocks.engine import DueKind
from domain.retrospective.case import RetrospectiveCase


def fire_due_timers(file: RetrospectiveCase, now: datetime) -> None:
    """Fire every timer that is due at `now` (UTC)."""
    if file.look is None:
        return
    escalation.escalate_due_tasks(file, now)
    duty_tracking.record_met_and_missed(file, _own_clock_rules(file), _done_at_by_rule(file), now)


def next_timer(file: RetrospectiveCase) -> datetime | None:
    """The next instant (UTC) at which a timer is due, or None."""
    return min(_timers(file), default=None) if file.look is not None else None


def _timers(file: RetrospectiveCase) -> Iterator[datetime]:
    yield from escalation.upcoming_timers(file)
    yield from duty_tracking.upcoming_timers(file, _own_clock_rules(file), _done_at_by_rule(file))


def _own_clock_rules(file: RetrospectiveCase) -> frozenset[str]:
    """The decision clocks of this case; once a review case decides, that case tracks them and reports a miss."""
    if file.review is not None:
        return frozenset()
    return frozenset(clock.rule_id for clock in file.clocks if clock.due[0].kind is DueKind.DECISION)


def _done_at_by_rule(file: RetrospectiveCase) -> dict[str, datetime]:
    return dict.fromkeys(_own_clock_rules(file), file.settled_at) if file.settled_at is not None else {}
