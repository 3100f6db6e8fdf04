"""Units of measure by their UCUM code, and other spellings of the same units.

Spellings are made equal, values are never converted: a value in kilopascals is not a value in millimeters of mercury.
"""

from __future__ import annotations

import re

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
_CODE_OF = {spelling: code for code, spellings in _SPELLINGS.items() for spelling in spellings}
_ANNOTATION = re.compile(r"\{[^}]*\}")


def ucum_code(unit: str | None) -> str:
    """The UCUM code of a unit; a count (no unit, or only an annotation in braces) is ``1``; others stay as they are."""
    written = (unit or "").strip()
    known = _CODE_OF.get(written.lower())
    if known is not None:
        return known
    bare = _ANNOTATION.sub("", written).strip()
    return _CODE_OF.get(bare.lower(), bare)


def same_unit(one: str | None, other: str | None) -> bool:
    """Whether two spellings mean the same unit, so that values in them can be compared as they are."""
    return ucum_code(one) == ucum_code(other)
