"""Due dates of work on a concern or a callback: business days of the plan's zone and its callback hours."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from domain.calendars import END_OF_DAY, Calendar, local_day, utc_of_local_time
from domain.model import Model
from domain.office_hours import CallbackHours, CallbackWindow, callback_window


class DueDatesInput(Model):
    """Activity input: work begins at `at` (UTC) and is due in each of these numbers of business days."""

    zone: str
    at: AwareDatetime
    business_days: tuple[int, ...]


class DueDates(Model):
    """The due instants (UTC), in the order of the input, and the window in which a call left at `at` is returned."""

    due_at: tuple[AwareDatetime, ...]
    window: CallbackWindow


def compute_due_dates(order: DueDatesInput, hours: CallbackHours, calendar: Calendar) -> DueDates:
    """Compute the due instants and the callback window. Raises CalendarError for days outside the calendar."""
    zone = ZoneInfo(order.zone)
    due_at = tuple(due_after_business_days(order.at, days, hours, calendar, zone) for days in order.business_days)
    return DueDates(due_at=due_at, window=callback_window(order.at, hours, calendar, zone))


def due_after_business_days(
    at: datetime, business_days: int, hours: CallbackHours, calendar: Calendar, zone: ZoneInfo
) -> datetime:
    """The end (UTC) of the last day. 0 is by the end of the same business day's hours, or of the next one's after hours."""
    if business_days == 0:
        return callback_window(at, hours, calendar, zone).due_at
    return utc_of_local_time(calendar.add_business_days(local_day(at, zone), business_days), END_OF_DAY, zone)
