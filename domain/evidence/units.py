"""Units of measure by their UCUM code, and other spellings of the same units.

Spellings are made equal, values are never converted: a value in kilopascals is not a value in millimeters of mercury.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

_SPELLINGS = {
    "%": ("%", "percent", "pct", "%{saturation}"),
    "mm[Hg]": ("mm[hg]", "mmhg", "mm hg", "torr"),
    "kg/m2": ("kg/m2", "kg/m^2", "kg/m²", "kg/m*2"),
    "/h": ("/h", "1/h", "h-1", "/hr", "per hour", "events/h", "events/hr", "events/hour"),
    "[lb_av]": ("[lb_av]", "lb", "lbs", "pound", "pounds"),
    "[in_i]": ("[in_i]", "in", "inch", "inches"),
    "kg": ("kg", "kilogram", "kilograms"),
    "cm": ("cm", "centimeter", "centimeters"),
    "deg": ("deg", "°", "degree", "degrees"),
    "min": ("min", "minute", "minutes"),
    "h": ("h", "hr", "hour", "hours"),
    "d": ("d", "day", "days"),
    "wk": ("wk", "week", "weeks"),
    "mo": ("mo", "month", "months"),
    "a": ("a", "yr", "yrs", "year", "years"),
    "1": ("1", ""),
}
_WRITTEN = {
    "%": "%",
    "mm[Hg]": "mmHg",
    "kg/m2": "kg/m²",
    "/h": "per hour",
    "[lb_av]": "pounds",
    "[in_i]": "inches",
    "kg": "kg",
    "cm": "cm",
    "deg": "degrees",
    "min": "minutes",
    "h": "hours",
    "d": "days",
    "wk": "weeks",
    "mo": "months",
    "a": "years",
    "s": "seconds",
    "[IU]/mL": "IU/mL",
    "mg/dL": "mg/dL",
}
_CODE_OF = {spelling: code for code, spellings in _SPELLINGS.items() for spelling in spellings}
_SHORTEST_SLIP = 4
"""Shorter units differ by one letter and are right: mg, kg, ug."""
_ANNOTATION = re.compile(r"\{[^}]*\}")


def ucum_code(unit: str | None) -> str:
    """The UCUM code of a unit; a count (no unit, or only an annotation in braces) is ``1``; others stay as they are."""
    written = (unit or "").strip()
    known = _CODE_OF.get(written.lower())
    if known is not None:
        return known
    bare = _ANNOTATION.sub("", written).strip()
    return _CODE_OF.get(bare.lower(), bare)


def clinic_unit(unit: str | None) -> str | None:
    """The unit as a clinic writes it; None for a count. A unit that is not listed here stays as it is."""
    if unit is None or not _ANNOTATION.sub("", unit).strip():
        return None
    return _WRITTEN.get(ucum_code(unit), unit)


def unit_spellings(unit: str) -> tuple[str, ...]:
    """Every spelling that means this unit, as far as they are listed."""
    return _SPELLINGS.get(ucum_code(unit) or unit, (unit,))


def known_units() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Every unit that is understood: its code, the way a clinic writes it, and the spellings that mean the same."""
    codes = dict.fromkeys((*_SPELLINGS, *_WRITTEN))
    return tuple((code, _WRITTEN.get(code, "a count"), _SPELLINGS.get(code, (code,))) for code in codes)


def misspelt_unit(unit: str | None) -> str | None:
    """The UCUM code that was meant, where the dictionary's own unit is written in another way or with a slip of the pen; None
    for a code of this list, a count, and for a unit that is like none of them."""
    if unit is None or _ANNOTATION.fullmatch(unit) or unit in _SPELLINGS or unit in _WRITTEN:
        return None
    near = get_close_matches(unit.lower(), [one for one in _CODE_OF if len(one) >= _SHORTEST_SLIP], n=1, cutoff=0.75)
    return _CODE_OF.get(unit.strip().lower()) or (_CODE_OF[near[0]] if near and len(unit) >= _SHORTEST_SLIP else None)


def same_unit(one: str | None, other: str | None) -> bool:
    """Whether two spellings mean the same unit, so that values in them can be compared as they are."""
    return ucum_code(one) == ucum_code(other)
