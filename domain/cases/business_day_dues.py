"""When work on a concern or a call is due: business days of the plan's zone, and the hours in which calls are returned."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from domain.calendars import END_OF_DAY, Calendar, at_local, local_day
from domain.model import Model
from domain.office_hours import CallbackHours, CallbackWindow, callback_window


class DuesOrder(Model):
    """Ask when work that begins at `at` (UTC) is due in each of these numbers of business days."""

    zone: str
    at: AwareDatetime
    business_days: tuple[int, ...]


class Dues(Model):
    """The due instants (UTC), in the order of what was asked; and the window in which a call left at `at` is returned."""

    due_at: tuple[AwareDatetime, ...]
    window: CallbackWindow


def dues(order: DuesOrder, hours: CallbackHours, calendar: Calendar) -> Dues:
    """The answer to an order. Raises CalendarError for days outside the calendar."""
    zone = ZoneInfo(order.zone)
    due_at = tuple(due_in(order.at, days, hours, calendar, zone) for days in order.business_days)
    return Dues(due_at=due_at, window=callback_window(order.at, hours, calendar, zone))


def due_in(at: datetime, business_days: int, hours: CallbackHours, calendar: Calendar, zone: ZoneInfo) -> datetime:
    """The end (UTC) of the last day. 0 is by the end of the same business day's hours, or of the next one's after hours."""
    if business_days == 0:
        return callback_window(at, hours, calendar, zone).due_at
    return at_local(calendar.add_business_days(local_day(at, zone), business_days), END_OF_DAY, zone)
