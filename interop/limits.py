"""Limits of what a document from outside may say: beyond them is a typing error or a default of the sender's software.

Every day and instant from outside lies within one window, so that no later arithmetic and no time zone can leave the calendar.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from domain.limits import FIRST_YEAR, LAST_YEAR, LONGEST_DAYS, is_span_possible

FIRST_DAY = date(FIRST_YEAR, 1, 1)
LAST_DAY = date(LAST_YEAR, 12, 31)

MAX_QUANTITY = Decimal(10) ** 9
MAX_YEARS = 10

_MAX_OF_UNIT = {
    "hour": Decimal(MAX_YEARS * 366 * 24),
    "day": Decimal(MAX_YEARS * 366),
    "week": Decimal(MAX_YEARS * 53),
    "month": Decimal(MAX_YEARS * 12),
}
"""Nobody authorizes more than ten years at once."""

WINDOW_TEXT = f"a day from {FIRST_DAY.isoformat()} to {LAST_DAY.isoformat()}"


LONGEST_SPAN_TEXT = f"no more than {LONGEST_DAYS} days from the first to the last"


def is_in_window(value: date | datetime) -> bool:
    """Whether this day, or this aware instant, can be meant."""
    if not isinstance(value, datetime):
        return FIRST_DAY <= value <= LAST_DAY
    try:
        return FIRST_DAY <= value.astimezone(UTC).date() <= LAST_DAY
    except OverflowError:
        return False


def is_too_long(first: date | None, last: date | None) -> bool:
    """Whether nobody can mean care from the first to the last day. A day outside the window is a problem of its own."""
    known = first is not None and last is not None and is_in_window(first) and is_in_window(last)
    return known and not is_span_possible(first, last)


def largest_quantity(unit: str | None) -> Decimal:
    """The largest quantity of this unit, one singular word, that can be asked for."""
    return _MAX_OF_UNIT.get(unit or "", MAX_QUANTITY)


def one_line(text: str) -> str:
    """The text on one line, with single spaces."""
    return " ".join(text.split())
