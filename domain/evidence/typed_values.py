"""Values of facts as people type them: read as the dictionary defines the fact, never guessed."""

from __future__ import annotations

from domain.evidence.fact_reading import is_day
from domain.evidence.facts import FactDefinition, FactType, FactValue

_YES, _NO = frozenset({"true", "yes"}), frozenset({"false", "no"})


def parse_value(known: FactDefinition, text: str) -> FactValue | None:
    """The typed value of this fact; None where it does not fit it."""
    match known.type:
        case FactType.BOOL:
            said = text.casefold()
            return True if said in _YES else False if said in _NO else None
        case FactType.NUMBER:
            return _parse_number(text)
        case FactType.CODE:
            return text if not known.values or text in known.values else None
        case FactType.DATE:
            return text if is_day(text) else None
        case FactType.CODES:
            parts = tuple(part.strip() for part in text.split(",") if part.strip())
            return parts if parts and (not known.values or set(parts) <= set(known.values)) else None


def describe_expected(known: FactDefinition) -> str:
    """The values that fit the fact, in words."""
    one_of = f"one of {', '.join(known.values)}" if known.values else ""
    match known.type:
        case FactType.BOOL:
            return "yes or no"
        case FactType.NUMBER:
            return f"a number{f' in {known.unit}' if known.unit else ''}"
        case FactType.CODE:
            return one_of or "a code"
        case FactType.DATE:
            return "a day, such as 2026-03-10"
        case FactType.CODES:
            return f"codes separated by commas{f', each {one_of}' if one_of else ''}"


def _parse_number(text: str) -> int | float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0 else None
