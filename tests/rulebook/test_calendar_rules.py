from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rulebook.calendar_rules import load_calendars
from rulebook.yamlfile import RulebookErrors

FEDERAL = load_calendars()["us_federal"]


def of_year(year: int) -> list[str]:
    return [day.isoformat()[5:] for day in FEDERAL.holidays if day.year == year]


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2024, "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25"),
        (2025, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"),
        (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
        # Juneteenth and Christmas fall on Saturdays, Independence Day on a Sunday; so does the next New Year's Day.
        (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
        (2028, "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"),
    ],
)
def test_federal_holidays_come_on_their_observed_days(year: int, days: str):
    assert of_year(year) == days.split()


def test_a_federal_holiday_is_never_on_a_weekend():
    assert all(day.weekday() < 5 for day in FEDERAL.holidays)


def test_every_year_has_its_eleven_holidays():
    whole = sum(len(of_year(year)) for year in range(2021, 2046))
    assert 11 * 25 - 1 <= whole <= 11 * 25 + 1


def test_the_calendar_covers_the_years_that_cases_live_in():
    assert FEDERAL.first_day == date(2021, 1, 1)
    assert FEDERAL.last_day == date(2045, 12, 31)


@pytest.mark.parametrize(
    ("holiday", "says"),
    [
        ("{name: X, month: 1}", "write either day, or weekday with nth"),
        ("{name: X, month: 1, day: 1, weekday: monday, nth: 1}", "write either day, or weekday with nth"),
        ("{name: X, month: 1, weekday: monday, nth: 0}", "write either day, or weekday with nth"),
        ("{name: X, month: 13, day: 1}", "holidays[0].month: got 13; expected less than or equal to 12"),
        ("{name: X, month: 1, weekday: mon, nth: 1}", "holidays[0].weekday: got 'mon'; expected one of monday"),
    ],
)
def test_a_wrong_holiday_is_refused_with_its_place(tmp_path: Path, holiday: str, says: str):
    (tmp_path / "x.yaml").write_text(
        "calendars:\n- name: x\n  title: X\n  first_year: 2026\n  last_year: 2026\n  weekend: [sunday]\n"
        f"  observed: same_day\n  cites: [a law]\n  holidays:\n  - {holiday}\n",
        encoding="utf-8",
    )
    with pytest.raises(RulebookErrors) as refused:
        load_calendars(tmp_path)
    (error,) = refused.value.errors
    assert error.line == 10
    assert says in str(error)
