"""Formatting of quantities with their units in letters."""

from __future__ import annotations

import re
from decimal import Decimal

from domain.letters.context import LetterLine

_SAYS_NOTHING = frozenset({"unit", "units", "un", "each", "ea"})
_PROCEDURE = re.compile(r"[0-9A-HJ-NP-Z]{7}")
"""An ICD-10-PCS code: a unit of it is one time that the procedure is done."""
_EQUIPMENT = re.compile(r"[EKL][0-9]{4}")
"""An HCPCS code of equipment or a brace. Several units may be months of rent: only one is certainly one item."""


def amount_of_line(line: LetterLine, quantity: Decimal | None) -> str | None:
    """A quantity of the line: ``12 visits``. A unit that says nothing: ``1 time`` of a procedure, ``1 item`` of equipment."""
    if not _says_nothing(line):
        return format_amount(quantity, line.unit)
    if _PROCEDURE.fullmatch(line.code):
        return format_amount(quantity, "time")
    return format_amount(quantity, "item" if quantity == 1 and _EQUIPMENT.fullmatch(line.code) else line.unit)


def asked_amount_of_line(line: LetterLine) -> str | None:
    """The requested quantity, as beside the requested days: a single unit that says nothing is left out."""
    bare = {"1", f"1 {(line.unit or '').strip()}"}
    amount = amount_of_line(line, line.quantity)
    return None if _says_nothing(line) and line.start is not None and amount in bare else amount


def _says_nothing(line: LetterLine) -> bool:
    unit = (line.unit or "").strip().lower()
    return not unit or unit in _SAYS_NOTHING


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
