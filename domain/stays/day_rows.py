"""Carried out of domain/stay_rounds.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from domain.stays.orders import LevelTerms
from domain.stays.parts import DAY, RoundLine


def _quantity(terms: LevelTerms | None, line: RoundLine) -> Decimal:
    """How much of a line is asked for: hours where its level is counted in hours, else days."""
    hours = terms.hours if terms is not None else None
    return Decimal(hours if hours is not None and line.length == 1 else line.length * (24 if hours else 1))


def in_rows(found: Iterable[date]) -> list[tuple[date, date]]:
    """Days as rows without gaps: first and last day of each."""
    rows: list[tuple[date, date]] = []
    for day in sorted(found):
        if rows and rows[-1][1] + DAY == day:
            rows[-1] = (rows[-1][0], day)
        else:
            rows.append((day, day))
    return rows


def _rows_words(found: list[date]) -> str:
    return ", ".join(_span_words(first, last) for first, last in in_rows(found))


def _span_words(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
