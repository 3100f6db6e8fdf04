"""Ranges of consecutive days, and the quantity of a review line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from domain.stays.orders import LevelTerms
from domain.stays.parts import DAY, StayReviewLine


def requested_quantity(terms: LevelTerms | None, line: StayReviewLine) -> Decimal:
    """Requested quantity of a line: hours where its level is counted in hours, else days."""
    hours = terms.hours if terms is not None else None
    return Decimal(hours if hours is not None and line.length == 1 else line.length * (24 if hours else 1))


def consecutive_ranges(found: Iterable[date]) -> list[tuple[date, date]]:
    """Days as ranges without gaps: first and last day of each."""
    rows: list[tuple[date, date]] = []
    for day in sorted(found):
        if rows and rows[-1][1] + DAY == day:
            rows[-1] = (rows[-1][0], day)
        else:
            rows.append((day, day))
    return rows


def describe_days(found: list[date]) -> str:
    return ", ".join(describe_range(first, last) for first, last in consecutive_ranges(found))


def describe_range(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
