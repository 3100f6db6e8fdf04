"""Dates and times as Americans read them, in the case's zone, which is named."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def describe_instant(at: datetime | None, zone: str) -> str:
    """'Mon Dec 7, 11:59 PM EST', with the year where it is not this one's neighbor; empty for None."""
    if at is None:
        return ""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%a %b} {there.day}, {_clock(there)} {there:%Z}"


def describe_moment(at: datetime | None, zone: str) -> str:
    """Day, year, and time with seconds, where an exact instant counts: 'Mon Dec 7, 2026, 11:59:59 PM EST'."""
    if at is None:
        return ""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%a %b} {there.day}, {there.year}, {there.hour % 12 or 12}:{there:%M:%S %p %Z}"


def describe_time(at: datetime, zone: str) -> str:
    """'11:59 PM EST'."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{_clock(there)} {there:%Z}"


def describe_day(day: date | None) -> str:
    """'Mon Dec 7, 2026'; empty for None."""
    return "" if day is None else f"{day:%a %b} {day.day}, {day.year}"


def describe_short_day(at: datetime | None, zone: str) -> str:
    """'Dec 7', where the time is of no matter; empty for None."""
    if at is None:
        return ""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%b} {there.day}"


def _clock(there: datetime) -> str:
    return f"{there.hour % 12 or 12}:{there:%M %p}"
