"""Dates and times as Americans read them, in the case's zone, which is named."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.plain_language.phrases import instant_phrase

_WEEK = 7
_WRITTEN = re.compile(r"\b[A-Z][a-z]{2} (?P<day>\d{4}-\d\d-\d\d) (?P<time>\d\d:\d\d) (?P<zone>[A-Z]{2,5}|[+-]\d\d)\b")


def describe_instant(at: datetime | None, zone: str) -> str:
    """'Mon Dec 7, 11:59 PM EST'; empty for None."""
    return "" if at is None else instant_phrase(at, zone)


def respell_instants(said: str) -> str:
    """The words with the instants that journal and answers write ('Wed 2026-12-02 21:31 CST') as pages say them."""
    return _WRITTEN.sub(_respell, said)


def _respell(found: re.Match[str]) -> str:
    try:
        there = datetime.fromisoformat(f"{found['day']}T{found['time']}")
    except ValueError:
        return found[0]
    return f"{there:%a %b} {there.day}, {_clock(there)} {found['zone']}"


def describe_recent(at: datetime | None, zone: str, now: datetime) -> str:
    """'today 10:42 AM', within a week 'Mon 8:31 AM', else with the date and the year; empty for None. The zone is not named."""
    if at is None:
        return ""
    there = at.astimezone(ZoneInfo(zone))
    days = (now.astimezone(ZoneInfo(zone)).date() - there.date()).days
    if days == 0:
        return f"today {_clock(there)}"
    return (
        f"{there:%a} {_clock(there)}" if 0 < days < _WEEK else f"{there:%b} {there.day}, {there.year}, {_clock(there)}"
    )


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


def name_zone(at: datetime, zone: str) -> str:
    """'EST': the zone's name at an instant."""
    return f"{at.astimezone(ZoneInfo(zone)):%Z}"


def describe_day(day: date | None) -> str:
    """'Mon Dec 7, 2026'; empty for None."""
    return "" if day is None else f"{day:%a %b} {day.day}, {day.year}"


def describe_days(first: date | None, last: date | None) -> str:
    """'Jan 12 to 15, 2027', 'Jan 30 to Feb 2, 2027', 'Jan 12, 2027'; empty for None."""
    if first is None or last is None or first == last:
        only = first or last
        return f"{only:%b} {only.day}, {only.year}" if only is not None else ""
    began = f"{first:%b} {first.day}" + (f", {first.year}" if first.year != last.year else "")
    ended = f"{last.day}" if (first.year, first.month) == (last.year, last.month) else f"{last:%b} {last.day}"
    return f"{began} to {ended}, {last.year}"


def describe_short_day(at: datetime | None, zone: str) -> str:
    """'Dec 7', where the time is of no matter; empty for None."""
    if at is None:
        return ""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%b} {there.day}"


def _clock(there: datetime) -> str:
    return f"{there.hour % 12 or 12}:{there:%M %p}"
