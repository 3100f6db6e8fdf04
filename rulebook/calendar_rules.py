"""Rules of holiday calendars, such as "the third Monday of January", and the dates that the clock engine uses."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from domain.calendars import Calendar
from domain.model import Model
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.yamlfile import RULEBOOK_ROOT, load_models

CALENDARS = RULEBOOK_ROOT / "calendars"
FEDERAL = "us_federal"
_DAY = timedelta(days=1)


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        return list(Weekday).index(self)


class Observed(StrEnum):
    """Rule for the day on which a holiday that falls on a weekend is observed."""

    SAME_DAY = "same_day"
    NEAREST_WEEKDAY = "nearest_weekday"
    MONDAY_AFTER_SUNDAY = "monday_after_sunday"


class Holiday(Model):
    """A fixed day of a month, or its nth weekday (-1: the last one)."""

    name: str
    month: int = Field(ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)
    weekday: Weekday | None = None
    nth: int | None = Field(default=None, ge=-1, le=5)

    @model_validator(mode="after")
    def _fixed_or_nth(self) -> Self:
        fixed = self.day is not None and self.weekday is None and self.nth is None
        if not fixed and (self.day is not None or self.weekday is None or not self.nth):
            raise ValueError("write either day, or weekday with nth (1 to 5, or -1 for the last)")
        return self

    def in_year(self, year: int) -> date:
        if self.day is not None:
            return date(year, self.month, self.day)
        assert self.weekday is not None and self.nth is not None
        if self.nth > 0:
            first = date(year, self.month, 1)
            return first + ((self.weekday.number - first.weekday()) % 7 + 7 * (self.nth - 1)) * _DAY
        last = date(year + self.month // 12, self.month % 12 + 1, 1) - _DAY
        return last - ((last.weekday() - self.weekday.number) % 7) * _DAY


class CalendarRule(Model):
    """A calendar as the policy team writes it, for the years from `first_year` to `last_year`."""

    name: str
    title: str
    first_year: int
    last_year: int
    weekend: tuple[Weekday, ...]
    observed: Observed
    holidays: tuple[Holiday, ...]
    closed: tuple[date, ...] = ()
    cites: tuple[str, ...] = Field(min_length=1)
    note: str = ""

    def calendar(self) -> Calendar:
        """The dates. The year after the last counts too: its New Year's Day may be observed on December 31."""
        weekend = tuple(day.number for day in self.weekend)
        years = range(self.first_year, self.last_year + 2)
        days = {self._kept(holiday.in_year(year), weekend) for holiday in self.holidays for year in years}
        first, last = date(self.first_year, 1, 1), date(self.last_year, 12, 31)
        kept = sorted(day for day in days | set(self.closed) if first <= day <= last)
        return Calendar(name=self.name, first_day=first, last_day=last, holidays=tuple(kept), weekend=weekend)

    def _kept(self, day: date, weekend: tuple[int, ...]) -> date:
        if self.observed is Observed.SAME_DAY or day.weekday() not in weekend:
            return day
        saturday = day.weekday() == Weekday.SATURDAY.number
        if saturday and self.observed is Observed.MONDAY_AFTER_SUNDAY:
            return day
        return day - _DAY if saturday else day + _DAY


def load_calendars(folder: Path = CALENDARS) -> dict[str, Calendar]:
    """Load every calendar of a folder by its name. Raises RulebookErrors naming file, line and key."""
    rules = [rule for path in sorted(folder.glob("*.yaml")) for rule in load_models(path, "calendars", CalendarRule)]
    found = {rule.name: rule.calendar() for rule in rules}
    if FEDERAL in found:
        others = tuple(calendar for name, calendar in found.items() if name != FEDERAL)
        found[FEDERAL] = found[FEDERAL].model_copy(update={"others": others})
    return found


def load_federal_calendar(folder: Path = CALENDARS) -> Calendar:
    """Load the calendar of business days, `us_federal`, with those of the States beside it. Raises RulebookErrors, also when
    there is no such calendar."""
    calendars = load_calendars(folder)
    if FEDERAL not in calendars:
        raise RulebookErrors(
            (RulebookError(str(folder), 1, "name", "no calendar is called us_federal", "one that is"),)
        )
    return calendars[FEDERAL]
