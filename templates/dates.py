"""Formatting of dates and instants in letters, in English, in the case's zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_LAST_MINUTE = time(23, 59)
_ZONE_NAMES = {
    "E": "Eastern",
    "C": "Central",
    "M": "Mountain",
    "P": "Pacific",
    "AK": "Alaska",
    "H": "Hawaii",
    "A": "Atlantic",
}


def long_date(day: date) -> str:
    """``March 3, 2026``."""
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def weekday_date(day: date) -> str:
    """``Tuesday, March 3, 2026``: how every deadline is printed."""
    return f"{_WEEKDAYS[day.weekday()]}, {long_date(day)}"


def date_range(start: date | None, end: date | None) -> str | None:
    """``March 3, 2026 to March 9, 2026`` or what is known of it; None when nothing is."""
    if start and end:
        return long_date(start) if start == end else f"{long_date(start)} to {long_date(end)}"
    if start:
        return f"from {long_date(start)}"
    return f"until {long_date(end)}" if end else None


def format_instant(at: datetime, zone: str) -> str:
    """An aware instant in the zone: ``Tuesday, March 3, 2026 at 2:05 p.m. (Central Standard Time)``.

    The last minute of a day is printed as ``the end of Tuesday, March 3, 2026 (Central Time)``, because a deadline at
    11:59 p.m. is a day to every reader. Twelve in the day is printed as ``noon``.
    """
    local = at.astimezone(ZoneInfo(zone))
    day = weekday_date(local.date())
    if local.time().replace(second=0, microsecond=0) == _LAST_MINUTE:
        return f"the end of {day} ({_zone_name(local, zone, with_season=False)})"
    if (local.hour, local.minute) == (12, 0):
        return f"noon on {day} ({_zone_name(local, zone, with_season=True)})"
    hour = local.hour % 12 or 12
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{day} at {hour}:{local.minute:02d} {half} ({_zone_name(local, zone, with_season=True)})"


def with_zone(hours: str, zone: str, day: date) -> str:
    """Opening hours with the name of their zone: ``8 a.m. to 8 p.m., Central Time``; as they are where they name one."""
    if not hours.strip() or re.search(r"\btime\b|\b[ECMP][SD]?T\b", hours, re.IGNORECASE):
        return hours
    noon = datetime.combine(day, time(12), ZoneInfo(zone))
    return f"{hours}, {_zone_name(noon, zone, with_season=False)}"


def _zone_name(local: datetime, zone: str, *, with_season: bool) -> str:
    """``Central Daylight Time`` (or ``Central Time``) for zones of the United States, else the zone's own name."""
    short = local.tzname() or ""
    region = _ZONE_NAMES.get(short[:-2]) if zone.startswith(("America/", "US/", "Pacific/Honolulu")) else None
    if region is None or short[-2:] not in ("ST", "DT"):
        return f"{zone.replace('_', ' ')} time"
    season = {"ST": "Standard ", "DT": "Daylight "}[short[-2:]] if with_season else ""
    return f"{region} {season}Time"
