"""Calls are returned in the plan's next hours of business, whenever the message was left."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.calendars import local_day
from domain.office_hours import LEAST_LEFT, CallbackHours, callback_window, office_hours
from rulebook.calendar_rules import load_federal_calendar
from rulebook.stay_rules import load_stay_rules

SEEDED = settings(derandomize=True, database=None, deadline=None, max_examples=150)
CHICAGO = ZoneInfo("America/Chicago")
FEDERAL = load_federal_calendar()
HOURS = load_stay_rules().policy.callback_hours


def at(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("left", "opens", "due"),
    [
        (at(11, 4, 10, 30), at(11, 4, 10, 30), at(11, 4, 17)),  # within the hours: by their end
        (at(11, 4, 3), at(11, 4, 8), at(11, 4, 17)),  # after midnight: the same business day
        (at(11, 4, 17), at(11, 5, 8), at(11, 5, 17)),  # the instant they end is after hours
        (at(11, 4, 16, 59, 59), at(11, 4, 16, 59, 59), at(11, 4, 17)),
        (at(11, 6, 18), at(11, 9, 8), at(11, 9, 17)),  # Friday evening: Monday
        (at(11, 7, 9), at(11, 9, 8), at(11, 9, 17)),  # Saturday
        (at(11, 25, 20), at(11, 27, 8), at(11, 27, 17)),  # the evening before Thanksgiving: Friday
        (at(7, 2, 20), at(7, 6, 8), at(7, 6, 17)),  # Independence Day is kept on Friday, July 3
    ],
)
def test_a_message_is_called_back_in_the_next_hours_of_business(left: datetime, opens: datetime, due: datetime):
    found = callback_window(left, HOURS, FEDERAL, CHICAGO)
    assert (found.opens_at, found.due_at) == (opens, due)


def test_the_hours_are_those_of_the_plans_zone_and_not_of_the_caller():
    left = datetime(2026, 11, 4, 17, 30, tzinfo=ZoneInfo("America/New_York"))  # 16:30 in Chicago
    assert callback_window(left, HOURS, FEDERAL, CHICAGO).due_at == at(11, 4, 17)


@pytest.mark.parametrize(("left", "offset"), [(at(3, 6, 20), -5), (at(10, 30, 20), -6)])
def test_after_clocks_are_changed_the_hours_are_still_eight_to_five_by_the_wall_clock(left: datetime, offset: int):
    found = callback_window(left, HOURS, FEDERAL, CHICAGO)
    assert found.opens_at.astimezone(CHICAGO).time() == time(8)
    assert found.due_at - found.opens_at == timedelta(hours=9)
    assert found.due_at.astimezone(CHICAGO).utcoffset() == timedelta(hours=offset)


@SEEDED
@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["America/Chicago", "America/New_York", "Pacific/Honolulu", "America/Anchorage"]).map(ZoneInfo),
)
def test_a_call_back_always_falls_into_the_hours_of_the_first_business_day_that_has_some_left(
    left: datetime, zone: ZoneInfo
):
    found = callback_window(left, HOURS, FEDERAL, zone)
    assert left <= found.opens_at < found.due_at
    day = local_day(found.due_at, zone)
    assert FEDERAL.is_business_day(day) and local_day(found.opens_at, zone) == day
    assert found.opens_at.astimezone(zone).time() >= HOURS.opens
    assert found.due_at.astimezone(zone).time() == HOURS.closes
    begun = local_day(left, zone)
    skipped = [begun + timedelta(days=n) for n in range(1, (day - begun).days)]
    assert not any(map(FEDERAL.is_business_day, skipped))


@pytest.mark.parametrize(("opens", "closes"), [("08:00", "15:59"), ("17:00", "08:00"), ("08:00Z", "17:00Z")])
def test_fewer_than_eight_hours_are_refused(opens: str, closes: str):
    with pytest.raises(ValidationError):
        CallbackHours.model_validate({"opens": opens, "closes": closes, "source": "x", "confidence": "known"})


def test_the_shipped_hours_are_eight_to_five_with_their_source():
    assert (HOURS.opens, HOURS.closes) == (time(8), time(17))
    assert "NCQA UM 3" in HOURS.source


def test_a_day_that_the_calendar_does_not_know_is_an_error_and_no_guess():
    after = datetime.combine(FEDERAL.last_day, time(20), CHICAGO)
    with pytest.raises(ValueError, match="extend its years"):
        callback_window(after, HOURS, FEDERAL, CHICAGO)
    assert FEDERAL.last_day > date(2027, 12, 1)


OFFICE = office_hours(HOURS, FEDERAL, "America/Chicago", date(2026, 11, 2))


@pytest.mark.parametrize(
    ("deadline", "rolled"),
    [
        (at(11, 4, 14, 5, 33), at(11, 4, 14, 5)),  # somebody is there: in whole minutes
        (at(11, 4, 17), at(11, 4, 17)),
        (at(11, 5, 6, 4), at(11, 4, 17)),  # four past six in the morning: the evening before
        (at(11, 5, 19, 38), at(11, 5, 17)),
        (at(11, 8, 5, 45), at(11, 6, 17)),  # Sunday: Friday
        (at(11, 11, 12), at(11, 10, 17)),  # Veterans Day
        (at(11, 27, 7), at(11, 25, 17)),  # before the Friday after Thanksgiving opens
    ],
)
def test_a_deadline_for_people_ends_while_somebody_is_there(deadline: datetime, rolled: datetime) -> None:
    assert OFFICE.roll_back(deadline, at(11, 2, 9)) == rolled


def test_a_deadline_is_rolled_back_on_the_clocks_of_those_for_whom_it_is() -> None:
    hawaii = office_hours(HOURS, FEDERAL, "Pacific/Honolulu", date(2026, 11, 2))
    six_in_chicago = at(11, 5, 6)
    assert hawaii.roll_back(six_in_chicago, at(11, 2, 9)) == datetime(2026, 11, 5, 3, tzinfo=UTC)


def test_nobody_is_left_without_time_because_a_deadline_was_rolled_back() -> None:
    asked, until = at(11, 6, 16), at(11, 7, 16)  # Friday afternoon until Saturday
    assert OFFICE.roll_back(until, asked) == until


@SEEDED
@given(st.integers(0, 60 * 24 * 60), st.integers(0, 60 * 24 * 60))
def test_a_deadline_never_moves_on_and_leaves_time_to_act(since: int, longer: int) -> None:
    begins = at(11, 2, 0) + timedelta(minutes=since)
    until = begins + timedelta(minutes=longer)
    rolled = OFFICE.roll_back(until, begins)
    assert rolled <= until
    if rolled.replace(second=0) != until.replace(second=0):
        local = rolled.astimezone(CHICAGO)
        assert local.time() == HOURS.closes and FEDERAL.is_business_day(local.date())
        assert rolled - begins >= LEAST_LEFT
