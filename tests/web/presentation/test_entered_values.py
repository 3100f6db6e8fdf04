"""Values typed into forms: what no calendar and no store can hold is not read, and breaks nothing."""

from __future__ import annotations

import pytest

from web.presentation.entered_values import parse_count, parse_local_time
from web.presentation.request_form import count_lines
from web.presentation.worklist import read_place


@pytest.mark.parametrize("text", ["9" * 10, "9" * 5000, "-1", "1.5", "1e3", "", "\u00b2"])
def test_a_number_that_nothing_can_count_is_none(text: str) -> None:
    assert parse_count(text) is None
    assert count_lines({"lines": text}) == 1
    place = read_place(f"0~2026-03-02T12:00:00+00:00~{text}")
    assert place is None or place.number == 0


@pytest.mark.parametrize(
    ("text", "zone"), [("0001-01-01T00:00", "Asia/Tokyo"), ("9999-12-31T23:00", "America/Chicago")]
)
def test_an_hour_that_no_other_zone_has_is_none(text: str, zone: str) -> None:
    assert parse_local_time(text, zone) is None
