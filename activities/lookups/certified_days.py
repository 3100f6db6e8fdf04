"""Certified days of a member's stays as authorizations, for comparison with a claim; and the DRG of a stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.calendars import local_day
from domain.retrospective.comparison import ApprovedLine, is_same_level, level_of_care_for
from domain.stays.on_file import DecidedDays
from store import stays_on_file

_DAY = timedelta(days=1)


def certified_days(s: Session, member_id: str) -> Iterator[ApprovedLine]:
    """Each period of consecutive certified days at one level of care as one authorization, across reviews.

    Days that were denied, that are undecided, or that a later review ended in advance do not count.
    """
    for view, stay in stays_on_file.of_member(s, member_id):
        for first, last, level in _certified_periods(stay.days):
            yield ApprovedLine(
                case_id=view.case_id,
                line_id=f"from {first}",
                number=view.case_id,
                code="stay",
                level_of_care=level,
                start=first,
                end=last,
                providers=frozenset({view.requesting_npi}) if view.requesting_npi else frozenset(),
            )


def _certified_periods(spans: tuple[DecidedDays, ...]) -> list[tuple[date, date, str]]:
    """First day, last day and level of each period of certified days without a gap."""
    rows: list[tuple[date, date, str]] = []
    for span in sorted((span for span in spans if span.is_certified), key=lambda span: (span.first, span.last)):
        if (
            rows
            and span.first <= rows[-1][1] + _DAY
            and is_same_level(level_of_care_for(rows[-1][2]), level_of_care_for(span.level_of_care))
        ):
            first, last, level = rows[-1]
            rows[-1] = (first, max(last, span.last), level)
        else:
            rows.append((span.first, span.last, span.level_of_care))
    return rows


def working_drg(s: Session, member_id: str, admitted: date | None) -> str | None:
    """The working DRG of the member's stay with its inpatient order on this day, in the zone of the stay."""
    found = (
        stay.working_drg
        for view, stay in stays_on_file.of_member(s, member_id)
        if stay.admitted_at is not None and local_day(stay.admitted_at, ZoneInfo(view.zone)) == admitted
    )
    return next((drg for drg in found if drg is not None), None)
