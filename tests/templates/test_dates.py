from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from templates.amounts import format_amount
from templates.dates import date_range, format_instant, long_date, weekday_date, with_zone
from templates.text_layout import WIDTH, fill, fill_lines, one_blank_line


def test_a_deadline_carries_its_weekday() -> None:
    assert weekday_date(date(2028, 2, 29)) == "Tuesday, February 29, 2028"
    assert long_date(date(2026, 12, 1)) == "December 1, 2026"


def test_every_weekday_is_that_of_the_calendar() -> None:
    for days in range(800):
        day = date(2026, 1, 1) + timedelta(days=days)
        assert weekday_date(day) == f"{day:%A}, {day:%B} {day.day}, {day.year}"


@pytest.mark.parametrize(
    ("at", "zone", "shown"),
    [
        # both sides of the jump in spring: the hour between 2 and 3 does not exist
        ("2026-03-08T07:30", "America/Chicago", "Sunday, March 8, 2026 at 1:30 a.m. (Central Standard Time)"),
        ("2026-03-08T08:30", "America/Chicago", "Sunday, March 8, 2026 at 3:30 a.m. (Central Daylight Time)"),
        # the same hour twice in autumn, told apart by the season's name
        ("2026-11-01T06:30", "America/Chicago", "Sunday, November 1, 2026 at 1:30 a.m. (Central Daylight Time)"),
        ("2026-11-01T07:30", "America/Chicago", "Sunday, November 1, 2026 at 1:30 a.m. (Central Standard Time)"),
        # a day of 25 hours ends when it ends
        ("2026-11-02T05:59:59", "America/Chicago", "the end of Sunday, November 1, 2026 (Central Time)"),
        ("2026-03-09T04:59:59", "America/Chicago", "the end of Sunday, March 8, 2026 (Central Time)"),
        ("2028-03-01T04:59:59", "America/New_York", "the end of Tuesday, February 29, 2028 (Eastern Time)"),
        ("2026-07-01T19:05", "America/Phoenix", "Wednesday, July 1, 2026 at 12:05 p.m. (Mountain Standard Time)"),
        ("2026-03-09T17:00", "America/Chicago", "noon on Monday, March 9, 2026 (Central Daylight Time)"),
        ("2026-07-01T07:00", "America/Los_Angeles", "Wednesday, July 1, 2026 at 12:00 a.m. (Pacific Daylight Time)"),
        ("2026-07-01T12:00", "America/Anchorage", "Wednesday, July 1, 2026 at 4:00 a.m. (Alaska Daylight Time)"),
        ("2026-07-01T12:00", "America/Puerto_Rico", "Wednesday, July 1, 2026 at 8:00 a.m. (Atlantic Standard Time)"),
        ("2026-07-01T12:00", "Pacific/Guam", "Wednesday, July 1, 2026 at 10:00 p.m. (Pacific/Guam time)"),
        ("2026-07-01T12:00", "Europe/Berlin", "Wednesday, July 1, 2026 at 2:00 p.m. (Europe/Berlin time)"),
        ("2026-07-01T12:00", "Asia/Shanghai", "Wednesday, July 1, 2026 at 8:00 p.m. (Asia/Shanghai time)"),
    ],
)
def test_an_instant_is_told_in_the_zone_of_the_case_with_its_name(at: str, zone: str, shown: str) -> None:
    assert format_instant(datetime.fromisoformat(at).replace(tzinfo=UTC), zone) == shown


def test_a_span_tells_what_is_known() -> None:
    first, last = date(2026, 3, 9), date(2026, 3, 10)
    assert date_range(first, last) == "March 9, 2026 to March 10, 2026"
    assert date_range(first, first) == "March 9, 2026"
    assert date_range(first, None) == "from March 9, 2026"
    assert date_range(None, last) == "until March 10, 2026"
    assert date_range(None, None) is None


@pytest.mark.parametrize(
    ("quantity", "unit", "shown"),
    [
        ("1", "visits", "1 visit"),
        ("1.0", "visit", "1 visit"),
        ("12", "visit", "12 visits"),
        ("100", "units", "100 units"),
        ("2.50", "liters per minute", "2.5 liters per minute"),
        ("2", "month rental", "2 months rental"),
        ("30", "MG", "30 MG"),
        ("1E+2", None, "100"),
    ],
)
def test_amounts_are_plain_numbers_with_their_unit(quantity: str, unit: str | None, shown: str) -> None:
    assert format_amount(Decimal(quantity), unit) == shown


def test_an_unknown_amount_is_not_zero() -> None:
    assert format_amount(None, "visits") is None


def test_plain_text_is_broken_at_words_and_indented_as_it_began() -> None:
    rows = fill("word " * 40, "* ").splitlines()
    assert all(len(row) <= WIDTH for row in rows)
    assert rows[0].startswith("* word") and all(row.startswith("  word") for row in rows[1:])
    assert fill("x" * 100) == "x" * 100
    assert fill_lines("one\ntwo") == "one\ntwo"
    assert one_blank_line("\n\na\n  \n\n\nb\n\n") == "a\n\nb\n"


def test_opening_hours_name_their_zone() -> None:
    day = date(2026, 7, 1)
    assert with_zone("8 a.m. to 8 p.m.", "America/Chicago", day) == "8 a.m. to 8 p.m., Central Time"
    assert with_zone("8 a.m. to 8 p.m. Eastern time", "America/Chicago", day) == "8 a.m. to 8 p.m. Eastern time"
    assert with_zone("", "America/Chicago", day) == "", "hours that are not known are not known with a zone"
