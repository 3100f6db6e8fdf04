"""Formatting of quantities with their units in letters."""

from __future__ import annotations

from decimal import Decimal


def format_amount(quantity: Decimal | None, unit: str | None) -> str | None:
    """``12 visits``, ``1 month``, ``2.5 liters per minute``; None when the quantity is not known."""
    if quantity is None:
        return None
    number = format(quantity.quantize(Decimal(1)) if quantity == quantity.to_integral() else quantity.normalize(), "f")
    return f"{number} {_in_number(unit, quantity)}" if unit else number


def _in_number(unit: str, quantity: Decimal) -> str:
    """The unit's first word in the singular for exactly one, in the plural otherwise."""
    first, _, rest = unit.strip().partition(" ")
    if first.isalpha() and first.islower():
        if quantity == 1 and first.endswith("s") and len(first) > 2:
            first = first[:-1]
        elif quantity != 1 and not first.endswith("s"):
            first += "s"
    return f"{first} {rest}".strip()
