"""Three lengths of a stay, and what follows from them: in any zone, across changes of the clock and ends of months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendars import Calendar, CalendarError, local_day
from domain.stays.day_counts import (
    InvalidStayDates,
    calendar_days,
    days_to_certify,
    elapsed_hours,
    midnight_expectation,
    midnights_crossed,
    next_review_opens_at,
)
from rulebook.calendar_rules import load_federal_calendar

SEEDED = settings(derandomize=True, database=None, deadline=None, max_examples=150)
NEW_YORK = ZoneInfo("America/New_York")
FEDERAL = load_federal_calendar()
ZONES = st.sampled_from(
    [
        "America/New_York",
        "America/Phoenix",
        "Pacific/Honolulu",
        "America/Havana",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
    ]
).map(ZoneInfo)
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
LENGTHS = st.decimals(Decimal("1.0"), Decimal("40.0"), places=1)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK)


# -- three lengths ---------------------------------------------------------------------------------------------------------


def test_a_night_of_two_hours_is_one_midnight_one_day_and_two_hours():
    begins, ends = at(3, 23), at(4, 1)
    assert midnights_crossed(begins, ends, NEW_YORK) == 1
    assert calendar_days(date(2026, 11, 3), date(2026, 11, 4)) == 1
    assert elapsed_hours(begins, ends) == 2


def test_a_day_of_twenty_three_hours_may_cross_no_midnight():
    assert midnights_crossed(at(3, 0), at(3, 23, 59), NEW_YORK) == 0


def test_a_midnight_at_the_very_end_counts():
    assert midnights_crossed(at(3, 12), at(4, 0), NEW_YORK) == 1


def test_the_day_of_admission_is_billed_and_the_day_of_discharge_is_not():
    assert calendar_days(date(2026, 1, 30), date(2026, 2, 2)) == 3
    assert calendar_days(date(2028, 2, 28), date(2028, 3, 1)) == 2, "2028 is a leap year"


def test_a_stay_that_begins_and_ends_on_one_day_is_billed_as_one():
    assert calendar_days(date(2026, 11, 3), date(2026, 11, 3)) == 1


@pytest.mark.parametrize(("day", "month", "hours"), [(8, 3, 23), (1, 11, 25), (5, 11, 24)])
def test_elapsed_hours_count_what_passed_when_clocks_are_changed(day: int, month: int, hours: int):
    begins = datetime(2026, month, day, 0, tzinfo=NEW_YORK)
    ends = datetime(2026, month, day + 1, 0, tzinfo=NEW_YORK)
    assert elapsed_hours(begins, ends) == hours
    assert midnights_crossed(begins, ends, NEW_YORK) == 1


@SEEDED
@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=400)), ZONES)
def test_midnights_and_hours_agree_within_a_day_in_every_zone(begins: datetime, stay: timedelta, zone: ZoneInfo):
    midnights, hours = midnights_crossed(begins, begins + stay, zone), elapsed_hours(begins, begins + stay)
    assert abs(midnights * 24 - hours) <= 25


@SEEDED
@given(INSTANTS, st.integers(0, 10**7), st.integers(0, 10**7), ZONES)
def test_midnights_of_two_parts_of_a_stay_add_up(begins: datetime, first: int, second: int, zone: ZoneInfo):
    middle = begins + timedelta(seconds=first)
    ends = middle + timedelta(seconds=second)
    parts = midnights_crossed(begins, middle, zone) + midnights_crossed(middle, ends, zone)
    assert midnights_crossed(begins, ends, zone) == parts


@SEEDED
@given(DAYS, st.integers(1, 200), st.integers(1, 200))
def test_days_billed_for_a_stay_in_two_parts_add_up(admitted: date, first: int, second: int):
    moved = admitted + timedelta(days=first)
    left = moved + timedelta(days=second)
    assert calendar_days(admitted, moved) + calendar_days(moved, left) == calendar_days(admitted, left)


def test_an_end_before_the_beginning_and_an_instant_without_a_zone_are_refused():
    with pytest.raises(InvalidStayDates, match="before the beginning"):
        elapsed_hours(at(4, 1), at(3, 1))
    with pytest.raises(InvalidStayDates, match="before the beginning"):
        midnights_crossed(at(4, 1), at(3, 1), NEW_YORK)
    with pytest.raises(InvalidStayDates, match="before the day of admission"):
        calendar_days(date(2026, 11, 3), date(2026, 11, 2))
    with pytest.raises(InvalidStayDates, match="without a time zone"):
        elapsed_hours(datetime(2026, 11, 3), at(4, 1))  # noqa: DTZ001


# -- certifying ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cap", "gmlos", "elapsed", "days"),
    [(3, "4.8", 0, 3), (3, "4.8", 3, 2), (3, "4.8", 4, 1), (3, "4.8", 9, 1), (7, "4.8", 0, 5), (3, None, 9, 3)],
)
def test_a_round_certifies_up_to_the_usual_length_within_the_cap(cap: int, gmlos: str | None, elapsed: int, days: int):
    assert days_to_certify(cap, Decimal(gmlos) if gmlos else None, elapsed) == days


@SEEDED
@given(st.integers(1, 60), st.none() | LENGTHS, st.integers(0, 400))
def test_a_round_certifies_at_least_a_day_and_never_more_than_the_cap(cap: int, gmlos: Decimal | None, elapsed: int):
    assert 1 <= days_to_certify(cap, gmlos, elapsed) <= cap


@pytest.mark.parametrize(("cap", "elapsed"), [(0, 1), (3, -1)])
def test_a_cap_or_a_length_that_cannot_be_is_refused(cap: int, elapsed: int):
    with pytest.raises(InvalidStayDates):
        days_to_certify(cap, None, elapsed)


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("last", "opens"),
    [
        (date(2026, 11, 5), noon(2026, 11, 4)),
        (date(2026, 11, 9), noon(2026, 11, 6)),  # the day before is a Sunday
        (date(2026, 11, 27), noon(2026, 11, 25)),  # the day before is Thanksgiving
        (date(2026, 3, 1), noon(2026, 2, 27)),  # a Saturday at the end of a month
        (date(2026, 11, 3), noon(2026, 11, 2)),  # the day after clocks went back
    ],
)
def test_a_review_opens_at_noon_of_the_business_day_before_the_last_certified_day(last: date, opens: datetime):
    assert next_review_opens_at(last, FEDERAL, NEW_YORK) == opens


@SEEDED
@given(DAYS, ZONES)
def test_a_review_opens_on_a_business_day_before_the_last_certified_day_begins(last: date, zone: ZoneInfo):
    day = local_day(next_review_opens_at(last, FEDERAL, zone), zone)
    assert FEDERAL.is_business_day(day) and day < last
    between = [day + timedelta(days=n) for n in range(1, (last - day).days)]
    assert not any(map(FEDERAL.is_business_day, between)), "no business day in between was left out"


def test_a_review_on_a_day_that_the_calendar_does_not_know_is_an_error_and_no_guess():
    short = Calendar(name="short", first_day=date(2026, 1, 1), last_day=date(2026, 1, 31))
    with pytest.raises(CalendarError, match="extend its years"):
        next_review_opens_at(date(2026, 3, 1), short, NEW_YORK)


# -- signals ---------------------------------------------------------------------------------------------------------------


def test_midnights_before_the_order_count_towards_the_expectation():
    found = midnight_expectation(at(3, 22), at(4, 9), 1, NEW_YORK)
    assert (found.outpatient_midnights, found.total) == (1, 2)


def test_an_expectation_that_nobody_wrote_down_is_unknown_however_long_the_patient_was_there():
    assert midnight_expectation(at(3, 22), at(6, 9), None, NEW_YORK).total is None


def test_a_planned_admission_has_no_midnights_before_its_order():
    assert midnight_expectation(at(4, 7), at(2, 9), 2, NEW_YORK).total == 2


def test_the_actual_length_of_a_stay_has_no_place_in_the_two_midnight_test():
    assert set(type(midnight_expectation(at(3, 1), at(3, 2), 2, NEW_YORK)).model_fields) == {
        "outpatient_midnights",
        "expected_after_order",
    }
