"""Where a case stands, in a sentence: what it waits for, who owes it, until when, and what happens then."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from domain.cases.tasks import TaskKind
from domain.cases.views import Waiting

# What compliance looks into while the case itself waits for somebody else.
BESIDE = frozenset({TaskKind.MISSED_CLOCK, TaskKind.NO_CLOCK})


def in_a_sentence(wait: Waiting, zone: str) -> str:
    """'Waits for X from Y until Z; then W.' with the time in the case's zone."""
    until = f" until {wait.until.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}" if wait.until is not None else ""
    return f"Waits for {wait.what} from {wait.owner}{until}; then {wait.then}."
