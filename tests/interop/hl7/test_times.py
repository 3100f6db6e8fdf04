"""Instants as other senders write them, and local times that come twice."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from interop.hl7.times import TimeReader
from interop.issues import IssueCollector

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-02T20:55:00-06:00", datetime(2026, 3, 3, 2, 55, tzinfo=UTC)),
        ("2026-03-03T02:55:00.500Z", datetime(2026, 3, 3, 2, 55, 0, 500_000, tzinfo=UTC)),
        ("2026-03-02 20:55", datetime(2026, 3, 3, 2, 55, tzinfo=UTC)),
    ],
)
def test_an_instant_in_iso_form_is_read(text: str, utc: datetime) -> None:
    reader = TimeReader(IssueCollector(), datetime(2026, 3, 20, tzinfo=UTC), CHICAGO)
    assert reader.instant(text, "EVN-2") == utc


def test_a_local_time_that_comes_twice_is_the_one_that_fits_the_receipt_and_is_remarked_upon() -> None:
    first, second = datetime(2026, 11, 1, 6, 10, tzinfo=UTC), datetime(2026, 11, 1, 7, 10, tzinfo=UTC)
    for received in (first, second):
        findings = IssueCollector()
        assert TimeReader(findings, received, CHICAGO).instant("202611010110", "EVN-2") == received
        assert [note.rule for note in findings.notes] == ["adt.time_twice"]
