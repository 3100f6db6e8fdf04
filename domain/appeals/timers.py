"""Timers of an appeal: escalations, and the duties after its decision. The time to decide is watched where it is decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.appeals import path
from domain.appeals.case import AppealCase
from domain.cases import duty_tracking, escalation
from domain.cases.duty_tracking import Duty
from domain.clocks.engine import Clock, DueInstant, DueKind

_OWN = frozenset({DueKind.EFFECTUATION, DueKind.CASE_FILE})


def fire_due_timers(appeal: AppealCase, now: datetime) -> None:
    """Fire every timer that is due at `now` (UTC)."""
    if appeal.origin is None:
        return
    escalation.escalate_due_tasks(appeal, now)
    duty_tracking.record_met_and_missed(appeal, _own_duties(appeal), _done_at(appeal), now)


def next_timer(appeal: AppealCase) -> datetime | None:
    """The next instant (UTC) at which a timer is due, or None."""
    return min(_timers(appeal), default=None) if appeal.origin is not None else None


def _timers(appeal: AppealCase) -> Iterator[datetime]:
    yield from escalation.upcoming_timers(appeal)
    yield from duty_tracking.upcoming_timers(appeal, _own_duties(appeal), _done_at(appeal))


def _own_duties(appeal: AppealCase) -> tuple[Duty, ...]:
    """The duties that follow from the decision; before it there is nothing to carry out or to forward."""
    return tuple(
        (clock, due) for clock in appeal.clocks for due in clock.due if due.kind in _OWN and _is_owed(appeal, due.kind)
    )


def _is_owed(appeal: AppealCase, kind: DueKind) -> bool:
    return appeal.is_granted_in_part if kind is DueKind.EFFECTUATION else path.must_forward(appeal)


def _done_at(appeal: AppealCase) -> duty_tracking.DoneAt:
    def done_at(_: Clock, due: DueInstant) -> datetime | None:
        if due.kind is DueKind.EFFECTUATION:
            return appeal.effectuation.done_at if appeal.effectuation is not None else None
        return appeal.forwarding.arrived_at if appeal.forwarding is not None else None

    return done_at
