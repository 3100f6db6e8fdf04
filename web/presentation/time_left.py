"""The badge of time left: words, shape and color together, so that none of them stands alone.

The wedge is the share of time that is left. Thresholds are those at which a task escalates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SOON = timedelta(days=1)
AT_RISK = timedelta(hours=1)


class LeftKind(StrEnum):
    """The state of a clock, which is also the name of its color in the stylesheet."""

    ON_TIME = "ok"
    SOON = "soon"
    AT_RISK = "risk"
    MISSED = "miss"
    STOPPED = "stop"
    KEPT = "kept"


@dataclass(frozen=True)
class TimeLeft:
    """A badge: its state, its words, and the share of time left in percent (0 to 100)."""

    kind: LeftKind
    words: str
    share: int


def time_left(due: datetime, now: datetime, since: datetime | None = None) -> TimeLeft:
    """The badge of something due at `due`, open since `since` (both UTC)."""
    left = due - now
    if left < timedelta(0):
        return TimeLeft(LeftKind.MISSED, f"Missed by {describe_span(-left)}", 0)
    kind = LeftKind.AT_RISK if left < AT_RISK else LeftKind.SOON if left < SOON else LeftKind.ON_TIME
    whole = due - since if since is not None else timedelta(days=14)
    share = 100 if whole <= timedelta(0) else max(0, min(100, round(100 * left / whole)))
    return TimeLeft(kind, f"{describe_span(left)} left", share)


def stopped(until: str) -> TimeLeft:
    """The badge of a clock that the law stops until then (in words)."""
    return TimeLeft(LeftKind.STOPPED, f"Stopped until {until}" if until else "Stopped", 0)


def kept(spare: timedelta) -> TimeLeft:
    """The badge of a clock that was kept with time to spare."""
    return TimeLeft(LeftKind.KEPT, f"Kept, {describe_span(spare)} to spare", 100)


def describe_span(span: timedelta) -> str:
    """'4 d 13 h', below a day '13 h 17 min', below an hour '36 min'."""
    minutes = int(span.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
