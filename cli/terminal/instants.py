"""Parsing of typed dates and times with offset."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import typer

DAY_FORMATS = ["%Y-%m-%d"]
"""The way in which a day is typed."""
_SPAN = re.compile(r"(\d{1,4})([hd])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


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


def as_day(stated: datetime | None) -> date | None:
    """A day that was typed; None when none was."""
    return stated.date() if stated is not None else None


def parse_deadline(said: str | None, now: datetime, option: str) -> datetime | None:
    """Parse an instant with offset, or a span from now: ``24h``, ``3d``. None when it is not given. Raises BadParameter."""
    span = _SPAN.fullmatch(said.strip()) if said is not None else None
    if span is not None:
        return now + int(span[1]) * _UNITS[span[2]]
    try:
        return parse_instant(said, option)
    except typer.BadParameter:
        raise typer.BadParameter(
            "expected a span from now such as 24h or 3d, or date, time and offset such as 2026-03-02T14:00-06:00",
            param_hint=option,
        ) from None
