"""Conversion of numbers in documents to the numbers that facts carry."""

from __future__ import annotations

from decimal import Decimal


def plain_number(number: Decimal) -> int | float:
    """A whole number as int, any other as the nearest float. The caller has bounded its digits."""
    return int(number) if number == number.to_integral_value() else float(number)
