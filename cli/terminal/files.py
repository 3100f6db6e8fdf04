"""Input files and receipt times of commands."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import typer

from cli.terminal.context import CliContext
from domain.errors import NotReadable, Refused, RuleViolation, ValidationIssue

STDIN = "-"


def read_content(name: str) -> bytes:
    """Read a file, or standard input. Raises NotReadable when it cannot be opened."""
    try:
        return sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except OSError as wrong:
        reason = (wrong.strerror or "cannot be opened").lower()
        problem = ValidationIssue(path=name, rule="file", message=reason, expected="a file that can be read")
        raise NotReadable((problem,)) from None


def parse_received_at(said: str | None, here: CliContext | None) -> datetime | None:
    """Parse a typed time of receipt. Raises BadParameter, and Refused for a time in the future."""
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise typer.BadParameter(
            "expected date, time and offset, such as 2026-03-02T14:00-06:00", param_hint="--received-at"
        )
    if here is not None and at > here.clock():
        message = "The time of receipt is in the future."
        raise Refused((RuleViolation(rule="intake.received_at", message=message, way_out="Give the time of arrival."),))
    return at
