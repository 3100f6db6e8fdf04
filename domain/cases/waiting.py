"""The current wait of a case as a sentence: for what, from whom, until when, and what happens then."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from domain.cases.tasks import TaskKind
from domain.cases.views import Waiting

# Tasks of compliance that run beside the work on the case itself.
COMPLIANCE_TASKS = frozenset({TaskKind.MISSED_CLOCK, TaskKind.NO_CLOCK})


def describe_wait(wait: Waiting, zone: str) -> str:
    """'Waits for X from Y until Z; then W.' with the time in the case's zone."""
    until = f" until {wait.until.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}" if wait.until is not None else ""
    return f"Waits for {wait.what} from {wait.owner}{until}; then {wait.then}."
