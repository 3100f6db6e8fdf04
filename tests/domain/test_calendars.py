from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from pydantic import ValidationError

from domain.calendars import END_OF_DAY, Calendar, CalendarError, add_months, local_day, utc_of_local_time, zone_of

CHRISTMAS = Calendar(
    name="christmas", first_day=date(2026, 12, 1), last_day=date(2027, 1, 31), holidays=(date(2026, 12, 25),)
)


def test_weekends_and_holidays_are_no_business_days():
    assert [d for d in range(23, 30) if CHRISTMAS.is_business_day(date(2026, 12, d))] == [23, 24, 28, 29]


def test_the_day_of_the_trigger_is_day_zero_of_business_days():
    # Tuesday 22: 23, 24, (25 holiday, 26-27 weekend), 28, 29, 30.
    assert CHRISTMAS.add_business_days(date(2026, 12, 22), 5) == date(2026, 12, 30)
    assert CHRISTMAS.add_business_days(date(2026, 12, 22), 0) == date(2026, 12, 22)
    assert CHRISTMAS.add_business_days(date(2026, 12, 27), 1) == date(2026, 12, 28)


def test_business_days_count_back_as_well():
    assert CHRISTMAS.add_business_days(date(2026, 12, 28), -2) == date(2026, 12, 23)


def test_days_less_holidays_count_weekends():
    assert CHRISTMAS.add_days_less_holidays(date(2026, 12, 24), 3) == date(2026, 12, 28)


def test_rolling_goes_to_the_nearest_business_day_in_its_direction():
    assert CHRISTMAS.roll(date(2026, 12, 25), 1) == date(2026, 12, 28)
    assert CHRISTMAS.roll(date(2026, 12, 25), -1) == date(2026, 12, 24)
    assert CHRISTMAS.roll(date(2026, 12, 24), 1) == date(2026, 12, 24)


def test_a_day_outside_the_calendar_is_refused_and_never_taken_for_a_business_day():
    with pytest.raises(CalendarError, match="2028-01-03 is outside the calendar christmas"):
        CHRISTMAS.is_business_day(date(2028, 1, 3))


def test_a_calendar_without_a_working_day_is_refused():
    with pytest.raises(ValidationError, match="at least one working day"):
        Calendar(name="x", first_day=date(2026, 1, 1), last_day=date(2026, 1, 2), weekend=(0, 1, 2, 3, 4, 5, 6))
    with pytest.raises(ValidationError, match="first_day lies after"):
        Calendar(name="x", first_day=date(2026, 1, 2), last_day=date(2026, 1, 1))


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "/etc/passwd", "New York"])
def test_a_zone_that_does_not_exist_is_refused_with_the_way_out(name: str):
    with pytest.raises(CalendarError, match="America/New_York"):
        zone_of(name)


def test_a_local_time_is_read_in_its_zone_with_the_offset_of_that_day():
    zone = zone_of("America/New_York")
    assert utc_of_local_time(date(2026, 10, 31), END_OF_DAY, zone) == datetime(2026, 11, 1, 3, 59, 59, tzinfo=UTC)
    assert utc_of_local_time(date(2026, 11, 1), END_OF_DAY, zone) == datetime(2026, 11, 2, 4, 59, 59, tzinfo=UTC)


def test_a_local_time_that_comes_twice_or_never_gives_the_earlier_instant():
    zone = zone_of("America/New_York")
    assert utc_of_local_time(date(2026, 11, 1), time(1, 30), zone) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert utc_of_local_time(date(2027, 3, 14), time(2, 30), zone) == datetime(2027, 3, 14, 6, 30, tzinfo=UTC)
    # In Santiago the clocks go back at the end of a day, so that its last hour comes twice.
    santiago = zone_of("America/Santiago")
    assert utc_of_local_time(date(2026, 4, 4), END_OF_DAY, santiago) == datetime(2026, 4, 5, 2, 59, 59, tzinfo=UTC)


def test_the_local_day_is_that_of_the_zone():
    instant = datetime(2026, 11, 10, 6, 30, tzinfo=UTC)
    assert local_day(instant, zone_of("America/Los_Angeles")) == date(2026, 11, 9)
    assert local_day(instant, zone_of("America/New_York")) == date(2026, 11, 10)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 8, 25), 4, date(2026, 12, 25)),
        (date(2026, 10, 30), 4, date(2027, 3, 1)),
        (date(2027, 10, 31), 4, date(2028, 3, 1)),
        (date(2027, 10, 29), 4, date(2028, 2, 29)),
        (date(2026, 8, 31), 1, date(2026, 10, 1)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 10, 31), 1, date(2026, 12, 1)),
        (date(2027, 3, 15), -4, date(2026, 11, 15)),
    ],
)
def test_months_keep_the_day_number_or_go_to_the_first_of_the_next_month(day: date, months: int, expected: date):
    assert add_months(day, months) == expected
