"""Parsing of typed dates and times with offset."""

from __future__ import annotations

from datetime import UTC, datetime

import typer


def parse_instant(said: str | None, option: str) -> datetime | None:
    """Parse a date and time with offset; None when it is not given. Raises BadParameter."""
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise typer.BadParameter("expected date, time and offset, such as 2026-03-02T14:00-06:00", param_hint=option)
    return at


def as_utc(stated: datetime | None, now: datetime) -> datetime:
    """A time that was typed, which is UTC unless it names an offset; now when none was."""
    if stated is None:
        return now
    return stated if stated.tzinfo is not None else stated.replace(tzinfo=UTC)
