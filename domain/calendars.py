"""Calendars and time zones: business days from holiday data, and UTC instants of local times."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from domain.model import Model

END_OF_DAY = time(23, 59, 59)
NOON = time(12)
CLOSE_OF_BUSINESS = time(17)
"""Regulations name no hour for the close of business; 17:00 local is used."""

_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """A day outside the years that a calendar knows, or a zone that does not exist."""


class Calendar(Model):
    """Weekends and holidays between `first_day` and `last_day`, both included; data, so that a case can pin it. `others`
    are the calendars of laws that count their days by holidays of their own.

    `weekend` counts from Monday = 0. A day whose status is unclear belongs in no list: it counts as a business day.
    """

    name: str
    first_day: date
    last_day: date
    holidays: tuple[date, ...] = ()
    weekend: tuple[int, ...] = (5, 6)
    others: tuple[Calendar, ...] = Field(default=(), exclude=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first_day > self.last_day:
            raise ValueError("first_day lies after last_day")
        if len(set(self.weekend)) >= 7 or not set(self.weekend) <= set(range(7)):
            raise ValueError("weekend needs numbers from 0 (Monday) to 6, and at least one working day")
        return self

    @cached_property
    def _holidays(self) -> frozenset[date]:
        return frozenset(self.holidays)

    def of_law(self, name: str | None) -> Calendar:
        """The calendar by which a law counts: this one where it names none. Raises CalendarError for an unknown name."""
        found = self if name in (None, self.name) else next((one for one in self.others if one.name == name), None)
        if found is None:
            raise CalendarError(f"no calendar is called {name}: name one of the rulebook's calendars")
        return found

    def is_holiday(self, day: date) -> bool:
        """Whether the day is a holiday; raises CalendarError for a day that the calendar does not cover."""
        if not self.first_day <= day <= self.last_day:
            raise CalendarError(
                f"{day} is outside the calendar {self.name} ({self.first_day} to {self.last_day}): extend its years"
            )
        return day in self._holidays

    def covers(self, day: date) -> bool:
        """Whether the calendar knows the day."""
        return self.first_day <= day <= self.last_day

    def is_business_day(self, day: date) -> bool:
        return day.weekday() not in self.weekend and not self.is_holiday(day)

    def add_business_days(self, day: date, count: int) -> date:
        """The count-th business day after `day` (before it when negative). `day` itself is day 0."""
        step = _DAY if count >= 0 else -_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_business_day(day):
                day += step
        return day

    def add_days_less_holidays(self, day: date, count: int) -> date:
        """The count-th day after `day` that is no holiday; weekends count."""
        step = _DAY if count >= 0 else -_DAY
        for _ in range(abs(count)):
            day += step
            while self.is_holiday(day):
                day += step
        return day

    def roll(self, day: date, step: int) -> date:
        """`day` when it is a business day, else the next (step 1) or the previous (step -1) one."""
        while not self.is_business_day(day):
            day += step * _DAY
        return day


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The IANA zone; raises CalendarError when there is none of this name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as problem:
        raise CalendarError(f"{name!r} is not an IANA time zone; write one like America/New_York") from problem


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The local date of the instant in the zone."""
    return instant.astimezone(zone).date()


def utc_of_local_time(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC instant at which a local clock shows this time.

    Where it shows it twice (clocks go back) or never (clocks go forward), the earlier of the two candidates is taken:
    a deadline is then never computed too late.
    """
    local = datetime.combine(day, clock, zone)
    early = local.astimezone(UTC)
    if local.utcoffset() == (folded := local.replace(fold=1)).utcoffset():
        return early
    return min(early, folded.astimezone(UTC))


def add_months(day: date, months: int) -> date:
    """The same day number so many months on; where that month has none, the first day of the month after it."""
    years, month = divmod(day.month - 1 + months, 12)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:
        return date(day.year + years + (month + 1) // 12, (month + 1) % 12 + 1, 1)
