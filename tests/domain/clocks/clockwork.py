"""Shorthand for clock tests: rules by id, facts with ordinary values, events and instants from text."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from domain.calendars import Calendar
from domain.clocks.binding import compute_clocks
from domain.clocks.engine import Clock, ClockEvent, ClockFacts, EventKind, NotStarted, compute_clock
from domain.clocks.rules import ClockRule
from domain.vocabulary import Lob, ReviewKind, ServiceKind, Urgency
from rulebook.calendar_rules import load_calendars
from rulebook.clock_rules import load_clock_rules

FEDERAL: Calendar = load_calendars()["us_federal"]
SHIPPED: tuple[ClockRule, ...] = load_clock_rules()

_LOB_OF_PREFIX = {"MA": Lob.MEDICARE_ADVANTAGE, "MCD": Lob.MEDICAID, "ERISA": Lob.COMMERCIAL_ERISA}


def rule(rule_id: str, variant: str = "") -> ClockRule:
    (found,) = (r for r in SHIPPED if (r.rule_id, r.variant) == (rule_id, variant))
    return found


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def event(kind: str, at: str, **more: Any) -> ClockEvent:
    """An event; `at` may be a date alone, which the event then names."""
    if len(at) == len("2026-01-01"):
        return ClockEvent(kind=EventKind(kind), at=instant(f"{at}T12:00:00+00:00"), on=date.fromisoformat(at), **more)
    return ClockEvent(kind=EventKind(kind), at=instant(at), **more)


def facts(received: str, zone: str = "America/New_York", **more: Any) -> ClockFacts:
    """A standard Medicare Advantage request for a medical service that needs prior authorization, unless stated otherwise."""
    ordinary: dict[str, Any] = {
        "lob": Lob.MEDICARE_ADVANTAGE,
        "urgency": Urgency.STANDARD,
        "service_kind": ServiceKind.MEDICAL,
        "review_kind": ReviewKind.PROSPECTIVE,
        "requires_prior_authorization": True,
    }
    return ClockFacts(received_at=instant(received), zone=zone, **(ordinary | more))


def clock(rule_id: str, received: str, *events: ClockEvent, variant: str = "", **more: Any) -> Clock:
    """The running clock of one rule."""
    answer = compute_clock(rule(rule_id, variant), facts(received, **more), events, FEDERAL)
    assert isinstance(answer, Clock), answer
    return answer


def not_started(rule_id: str, received: str, *events: ClockEvent, **more: Any) -> str:
    """The reason that the clock of one rule does not run."""
    answer = compute_clock(rule(rule_id), facts(received, **more), events, FEDERAL)
    assert isinstance(answer, NotStarted), answer
    return answer.why


def clocks(received: str, *events: ClockEvent, **more: Any) -> dict[str, Clock]:
    """The running clocks of the shipped rules that bind, by rule id."""
    return {one.rule_id: one for one in compute_clocks(SHIPPED, facts(received, **more), events, FEDERAL)}


def decision_due(rule_id: str, received: str, *events: ClockEvent, **more: Any) -> datetime | None:
    return clock(rule_id, received, *events, **more).decision_due
