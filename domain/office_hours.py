"""Office hours: those of the plan's UM staff, the window in which a message has to be called back, and deadlines for people,
which end while somebody is there.

Staff answers calls at least eight hours a day on normal business days, messages can be left at any hour, one left after
hours is returned on the next business day, and one left after midnight from Monday to Friday on the same business day
(NCQA UM 3, access to staff). A message left during business hours is due by their end on that day: no standard says so, it is
the careful reading.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, model_validator

from domain.calendars import Calendar, local_day, utc_of_local_time
from domain.cited_value import CitedEntry
from domain.model import Model

_DAY, _SATURDAY = timedelta(days=1), 5
LEAST_HOURS = timedelta(hours=8)
LEAST_LEFT = timedelta(hours=2)
"""The least time that somebody has after a deadline was rolled back; with less of it nobody could act."""
HORIZON = timedelta(days=120)


class CallbackHours(CitedEntry):
    """The local hours in which calls are answered and returned, on every business day of the plan's calendar."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _eight_hours_of_one_day(self) -> Self:
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise ValueError("opens and closes are local times of the plan's zone, such as 08:00")
        day = date(2000, 1, 1)
        if datetime.combine(day, self.closes) - datetime.combine(day, self.opens) < LEAST_HOURS:
            raise ValueError(
                "staff is reached for at least eight hours of a business day: closes is 8 hours after opens"
            )
        return self


class OfficeHours(Model):
    """The hours of an office, from Monday to Friday but on `closed_on`, on the clocks of its IANA `zone`."""

    opens: time
    closes: time
    zone: str
    closed_on: tuple[date, ...] = ()

    def roll_back(self, deadline: datetime, since: datetime) -> datetime:
        """The last instant (UTC) not after `deadline` at which somebody is there, in whole minutes. A deadline stays as it is
        where rolling it back would leave less than LEAST_LEFT since `since`."""
        zone = ZoneInfo(self.zone)
        local = deadline.astimezone(zone)
        whole = deadline.astimezone(UTC).replace(second=0, microsecond=0)
        day = local.date()
        if self._is_open_on(day) and self.opens <= local.time() <= self.closes:
            return whole
        if not self._is_open_on(day) or local.time() < self.opens:
            day -= _DAY
        while not self._is_open_on(day):
            day -= _DAY
        rolled = utc_of_local_time(day, self.closes, zone)
        return rolled if rolled - since >= LEAST_LEFT else deadline

    def _is_open_on(self, day: date) -> bool:
        return day.weekday() < _SATURDAY and day not in self.closed_on


def office_hours(hours: CallbackHours, calendar: Calendar, zone: str, since: date) -> OfficeHours:
    """The hours of an office in this zone, with the holidays of the calendar from `since` for HORIZON, as far as it reaches."""
    days = (since + count * _DAY for count in range(-7, HORIZON.days))
    closed = tuple(day for day in days if calendar.covers(day) and calendar.is_holiday(day))
    return OfficeHours(opens=hours.opens, closes=hours.closes, zone=zone, closed_on=closed)


class CallbackWindow(Model):
    """Between `opens_at` and `due_at` (both UTC) the call is returned: not before, and late afterwards."""

    opens_at: AwareDatetime
    due_at: AwareDatetime


def callback_window(left_at: datetime, hours: CallbackHours, calendar: Calendar, zone: ZoneInfo) -> CallbackWindow:
    """The window in which a message has to be called back. Raises CalendarError for a day outside the calendar.

    A message left at the instant at which the hours end counts as left after hours.
    """
    day = calendar.roll(local_day(left_at, zone), 1)
    if left_at >= utc_of_local_time(day, hours.closes, zone):
        day = calendar.roll(day + _DAY, 1)
    opens_at = utc_of_local_time(day, hours.opens, zone)
    return CallbackWindow(
        opens_at=max(opens_at, left_at.astimezone(UTC)), due_at=utc_of_local_time(day, hours.closes, zone)
    )
