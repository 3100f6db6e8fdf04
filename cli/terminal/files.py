"""Carried out of cli/submitting.py."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import typer

from cli.terminal.context import Office
from domain.errors import NotReadable, Problem, Refusal, Refused

STDIN = "-"


def content_of(name: str) -> bytes:
    """The bytes of a file, or of standard input. Raises NotReadable when it cannot be opened."""
    try:
        return sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except OSError as wrong:
        reason = (wrong.strerror or "cannot be opened").lower()
        problem = Problem(path=name, rule="file", message=reason, expected="a file that can be read")
        raise NotReadable((problem,)) from None


def instant(said: str | None, here: Office | None) -> datetime | None:
    """The instant of arrival that somebody typed. Raises BadParameter, and Refused for one in the future."""
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
        message = "The receipt lies in the future."
        raise Refused((Refusal(rule="intake.received_at", message=message, way_out="Give the instant of arrival."),))
    return at
