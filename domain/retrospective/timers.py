"""What time does to a retrospective review: escalations, and the clocks after care while no case keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases import duty_tracking as duty_watch
from domain.cases import escalation as escalating
from domain.clocks.engine import DueKind
from domain.retrospective.case import RetrospectiveFile


def ring(file: RetrospectiveFile, now: datetime) -> None:
    """Do everything that is due at `now` (UTC)."""
    if file.look is None:
        return
    escalating.ring(file, now)
    duty_watch.judge(file, _rules(file), _done(file), now)


def next_alarm(file: RetrospectiveFile) -> datetime | None:
    """The next instant (UTC) at which time itself has something to do, or None."""
    return min(_alarms(file), default=None) if file.look is not None else None


def _alarms(file: RetrospectiveFile) -> Iterator[datetime]:
    yield from escalating.alarms(file)
    yield from duty_watch.alarms(file, _rules(file), _done(file))


def _rules(file: RetrospectiveFile) -> frozenset[str]:
    """The decision clocks, as long as they are this file's: once a case decides, the case keeps them and tells of a miss."""
    if file.review is not None:
        return frozenset()
    return frozenset(clock.rule_id for clock in file.clocks if clock.due[0].kind is DueKind.DECISION)


def _done(file: RetrospectiveFile) -> dict[str, datetime]:
    return dict.fromkeys(_rules(file), file.settled_at) if file.settled_at is not None else {}
