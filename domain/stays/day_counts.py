"""The three lengths of a stay (midnights, calendar days, hours), never mixed, and the figures that follow from them.

Midnights crossed are for the status of a stay, calendar days for its bill, elapsed hours for observation. Each has its own
function and none takes the result of another. Days are days of the facility's zone; hours are elapsed time in UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, NonNegativeInt, model_validator

from domain.calendars import NOON, Calendar, local_day, utc_of_local_time
from domain.cited_value import CitedEntry
from domain.model import Model

_DAY = timedelta(days=1)


class InvalidStayDates(ValueError):
    """An end before its beginning, or a number of days that cannot be certified."""


def midnights_crossed(begins: datetime, ends: datetime, zone: ZoneInfo) -> int:
    """Number of local midnights between two instants; one that falls on `ends` counts. Raises InvalidStayDates."""
    _check_order(begins, ends)
    return (local_day(ends, zone) - local_day(begins, zone)).days


def calendar_days(admitted: date, discharged: date) -> int:
    """Days that are billed: the day of admission counts, the day of discharge does not; a stay within one day is one.

    Medicare Benefit Policy Manual, chapter 3, section 20.1. Raises InvalidStayDates.
    """
    if discharged < admitted:
        raise InvalidStayDates("the day of discharge lies before the day of admission")
    return max(1, (discharged - admitted).days)


def elapsed_hours(begins: datetime, ends: datetime) -> Decimal:
    """Elapsed hours, to the second, also across clock changes. Raises InvalidStayDates."""
    _check_order(begins, ends)
    seconds = int((ends.astimezone(UTC) - begins.astimezone(UTC)).total_seconds())
    return Decimal(seconds) / 3600


def days_to_certify(level_cap: int, gmlos: Decimal | None, elapsed_midnights: int) -> int:
    """Number of days that one review certifies: up to the DRG's usual length of stay, within the level's cap.

    At least one, also when the usual length is over: the figure is a signal for planning, never a ground to stop.
    Raises InvalidStayDates for a cap below one or midnights below zero.
    """
    if level_cap < 1:
        raise InvalidStayDates("a round certifies at least one day: the level's cap is below 1")
    if elapsed_midnights < 0:
        raise InvalidStayDates("fewer than zero midnights have passed")
    if gmlos is None:
        return level_cap
    return min(level_cap, max(1, whole_days(gmlos) - elapsed_midnights))


def next_review_opens_at(last_certified_day: date, calendar: Calendar, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which the next review opens: noon of the day before the last certified day.

    When the plan is closed on that day, noon of the business day before it. An instant that has passed means: at once.
    """
    return utc_of_local_time(calendar.roll(last_certified_day - _DAY, -1), NOON, zone)


def whole_days(gmlos: Decimal) -> int:
    """The geometric mean length of stay as whole days, rounded up."""
    return int(gmlos.to_integral_value(rounding=ROUND_CEILING))


class MidnightExpectation(Model):
    """Inputs of the two-midnight test: midnights spent before the order, and those expected after it.

    `total` is the fact `ip.expected_midnights`; None when nobody wrote down an expectation. There is no field for how
    long the stay turned out to be, because the test never uses it (42 CFR 412.3(d)(1)).
    """

    outpatient_midnights: NonNegativeInt
    expected_after_order: NonNegativeInt | None

    @property
    def total(self) -> int | None:
        if self.expected_after_order is None:
            return None
        return self.outpatient_midnights + self.expected_after_order


def midnight_expectation(
    care_began: datetime, ordered: datetime, expected_after_order: int | None, zone: ZoneInfo
) -> MidnightExpectation:
    """Midnights of outpatient hospital care (emergency, observation, surgery) count towards the expectation.

    `care_began` is when care started after arrival, not the time of waiting or triage. An order before any care, for a
    planned admission, has no outpatient midnights. 42 CFR 412.3(d)(1), CMS guidance on reviewing short stays.
    """
    spent = midnights_crossed(care_began, ordered, zone) if ordered.astimezone(UTC) > care_began.astimezone(UTC) else 0
    return MidnightExpectation(outpatient_midnights=spent, expected_after_order=expected_after_order)


def _check_order(begins: datetime, ends: datetime) -> None:
    if begins.tzinfo is None or ends.tzinfo is None:
        raise InvalidStayDates("an instant without a time zone: nobody can say on which day it lies")
    if ends.astimezone(UTC) < begins.astimezone(UTC):
        raise InvalidStayDates("the end lies before the beginning")


# -- the usual length of such stays: a signal, never a limit


class DrgKind(StrEnum):
    MEDICAL = "MED"
    SURGICAL = "SURG"


class GmlosEntry(Model):
    """One MS-DRG of one fiscal year. Lengths are days; `relative_weight` is the weight that the payment uses.

    `same_meaning_now` is False when the number has another title in the current version of the grouper or is gone from
    it: the figure may then be about other patients. None is unknown.
    """

    ms_drg: str = Field(pattern=r"^[0-9]{3}$")
    fiscal_year: int = Field(ge=2008, le=2100)
    title: str = Field(min_length=1)
    kind: DrgKind | None
    mdc: str | None = Field(default=None, pattern=r"^[0-9]{2}$")
    relative_weight: Decimal = Field(ge=0)
    gmlos: Decimal = Field(gt=0)
    amlos: Decimal = Field(gt=0)
    post_acute_transfer: bool
    special_pay: bool
    same_meaning_now: bool | None = None


class GmlosSource(CitedEntry):
    """The source of a rulebook's table, and its federal fiscal year (October to September)."""

    fiscal_year: int = Field(ge=2008, le=2100)
    title: str = Field(min_length=1)
    columns: dict[str, str] = Field(min_length=1)


class GmlosTable(Model):
    """All entries. A DRG without a usual length (invalid, ungroupable) has none."""

    about: GmlosSource
    entries: tuple[GmlosEntry, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(self._by_drg) != len(self.entries):
            raise ValueError("a DRG is there twice")
        return self

    @cached_property
    def _by_drg(self) -> dict[str, GmlosEntry]:
        return {entry.ms_drg: entry for entry in self.entries}

    def gmlos(self, drg: str) -> GmlosEntry | None:
        """The entry of a DRG, written with or without leading zeros; None when there is no usual length for it."""
        return self._by_drg.get(drg.strip().zfill(3))
