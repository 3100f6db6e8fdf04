"""Whether what was owed was done in time, told from the stamps of the events and never from what was awaited first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from domain.clock_events import ClockEvent, EventKind
from domain.clock_results import DueInstant
from domain.clock_rules import DueKind
from domain.clocks import was_met
from domain.model import Model

MET_BY: dict[DueKind, frozenset[EventKind]] = {
    DueKind.DECISION: frozenset({EventKind.DECISION_MADE}),
    DueKind.ORAL_NOTICE: frozenset({EventKind.ORAL_NOTICE_GIVEN, EventKind.WRITTEN_NOTICE_SENT}),
    DueKind.WRITTEN_NOTICE: frozenset({EventKind.WRITTEN_NOTICE_SENT}),
    DueKind.PROVIDER_NOTICE: frozenset({EventKind.PROVIDER_NOTICE_SENT}),
    DueKind.EXTENSION_NOTICE_LATEST: frozenset({EventKind.EXTENSION_NOTICE_SENT}),
    DueKind.INFORMATION_REQUEST: frozenset({EventKind.INFORMATION_REQUESTED}),
    DueKind.PROCEDURE_NOTICE: frozenset({EventKind.PROCEDURE_NOTICE_SENT}),
    DueKind.EXPEDITE_REFUSAL_NOTICE: frozenset({EventKind.EXPEDITE_REFUSAL_NOTICE_SENT}),
    DueKind.GRIEVANCE_ANSWER: frozenset({EventKind.GRIEVANCE_ANSWERED}),
    DueKind.FILING: frozenset({EventKind.APPEAL_REQUESTED, EventKind.EXTERNAL_REVIEW_REQUESTED}),
    DueKind.PAYMENT: frozenset({EventKind.PAYMENT_MADE}),
    DueKind.CASE_FILE: frozenset({EventKind.CASE_FILE_SENT}),
    DueKind.EFFECTUATION: frozenset({EventKind.EFFECTUATED}),
    DueKind.FORM_DELIVERY: frozenset({EventKind.FORM_DELIVERED}),
    DueKind.HEARING_REQUEST: frozenset({EventKind.HEARING_REQUESTED}),
    DueKind.PRELIMINARY_REVIEW: frozenset({EventKind.PRELIMINARY_REVIEW_COMPLETED}),
}
"""Which events do what is owed. A protection that ends is met by nothing: it just ends."""


class State(StrEnum):
    """Open: still to be done, and in time. Met: done in time. Late: done, too late. Missed: not done, and too late."""

    OPEN = "open"
    MET = "met"
    LATE = "late"
    MISSED = "missed"


class Outcome(Model):
    """`at` is the stamp of what was done; None while nothing was."""

    state: State
    at: AwareDatetime | None = None

    @property
    def broken(self) -> bool:
        """Whether the rule's consequence applies: what comes after the due instant does not undo the miss."""
        return self.state in (State.LATE, State.MISSED)


def outcome(due: DueInstant, events: Iterable[ClockEvent], now: datetime) -> Outcome:
    """How a due instant stands at `now`. The earliest event that does what is owed counts, by its own stamp."""
    kinds = MET_BY.get(due.kind, frozenset())
    done = min((event.at for event in events if event.kind in kinds and event.at <= now), default=None)
    if done is not None:
        return Outcome(state=State.MET if was_met(due, done) else State.LATE, at=done)
    return Outcome(state=State.OPEN if was_met(due, now) else State.MISSED)
