"""Limits of what comes from outside: lengths of texts and lists, numbers, days, and instants. They stand here and nowhere else.

Whatever exceeds them is refused with a reason, at the edge and in the case alike, before anything computes with it: no text
outgrows a payload, no loop runs over centuries, no instant leaves the calendar.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from pydantic import BaseModel

from domain.errors import RuleViolation, ValidationIssue, violation

FIRST_YEAR, LAST_YEAR = 1900, 2200
IDENTIFIER_LENGTH = 200
NESTING = 30
LARGEST_NUMBER = 10**12
LONGEST_DAYS = 3660
"""Ten years: nobody asks for, authorizes or bills care of a longer time at once; it is a typing error in a year."""
NUMBER_DIGITS = 30
_IDENTIFIERS = frozenset({"id", "kind", "type", "npi", "code", "code_system"})
_LISTS: Mapping[str, int] = {"lines": 999}


class SizeLimits(NamedTuple):
    """Limits in characters and items: of one text, of one list, of all texts together."""

    text: int
    items: int
    total: int


MESSAGE = SizeLimits(text=20_000, items=1_000, total=200_000)
DOCUMENT = SizeLimits(text=50_000, items=5_000, total=1_000_000)


def message_violations(message: BaseModel) -> tuple[RuleViolation, ...]:
    """The limit that a message exceeds first, as a rule violation; the text itself is not quoted."""
    found = next(_exceeded(message, MESSAGE, "message"), None)
    if found is None:
        return ()
    place, problem, expected = found
    return (violation("message.limits", f"{place}: {problem}.", f"Send {expected}."),)


def form_problem(form: BaseModel) -> tuple[str, str] | None:
    """The place and the limit that a filled-in form exceeds first."""
    found = next(_exceeded(form, MESSAGE, "form"), None)
    return None if found is None else (found[0], f"{found[1]}; {found[2]} is possible")


def document_issues(document: object) -> tuple[ValidationIssue, ...]:
    """The first limits that a document exceeds, as far as it was read; bytes of attachments are not counted."""
    found = []
    for place, problem, expected in _exceeded(document, DOCUMENT, "document"):
        found.append(ValidationIssue(path=place, rule="umpire-limits", message=problem, expected=expected))
        if len(found) == 20:
            break
    return tuple(found)


def is_span_possible(first: date | None, last: date | None) -> bool:
    """Whether somebody can mean care from the first to the last day; with an end that is open, or no day at all, yes."""
    return first is None or last is None or (last - first).days < LONGEST_DAYS


def is_instant_possible(instant: date) -> bool:
    """Whether an instant or a day lies in the years that are computed with."""
    return FIRST_YEAR <= instant.year <= LAST_YEAR


def _exceeded(root: object, size: SizeLimits, whole: str) -> Iterator[tuple[str, str, str]]:
    """Each place that exceeds a limit, the problem, and what is possible. No recursion: nesting costs nothing."""
    total = 0
    stack: list[tuple[str, int, Any]] = [(whole, 0, root)]
    while stack:
        name, depth, value = stack.pop()
        if depth > NESTING:
            yield name, f"it nests deeper than {NESTING} levels", "a flatter one"
            continue
        match value:
            case str():
                total += len(value)
                if (problem := _text_problem(name, value, size)) is not None:
                    yield problem
            case bytes() | None:
                pass
            case BaseModel():
                stack.extend((field, depth + 1, child) for field, child in value.__dict__.items())
            case Mapping():
                if len(value) > size.items:
                    yield name, f"it has {len(value)} entries", f"at most {size.items}"
                    continue
                # A key of a sender's own could be about a person: places inside are named by the field around them.
                stack.extend((name, depth + 1, key) for key in value)
                stack.extend((name, depth + 1, child) for child in value.values())
            case list() | tuple() | set() | frozenset():
                most = _LISTS.get(name, size.items)
                if len(value) > most:
                    yield name, f"it has {len(value)} entries", f"at most {most}"
                    continue
                stack.extend((name, depth + 1, child) for child in value)
            case _ if is_dataclass(value):
                stack.extend((field, depth + 1, child) for field, child in vars(value).items())
            case _:
                if (problem := _value_problem(name, value)) is not None:
                    yield problem
    if total > size.total:
        yield whole, f"its texts have {total} characters in all", f"at most {size.total} characters"


def _text_problem(name: str, value: str, size: SizeLimits) -> tuple[str, str, str] | None:
    if isinstance(value, Enum):
        return None
    most = IDENTIFIER_LENGTH if name in _IDENTIFIERS or name.endswith(("_id", "_ids")) else size.text
    if len(value) <= most:
        return None
    return name, f"it has {len(value)} characters", f"at most {most} characters"


def _value_problem(name: str, value: Any) -> tuple[str, str, str] | None:
    match value:
        case bool() | Enum():
            return None
        case int() | float() | Decimal():
            return None if _is_number_possible(name, value) else (name, "the number is impossible", "a usual number")
        case date():
            years = f"a day or time of the years {FIRST_YEAR} to {LAST_YEAR}"
            return None if is_instant_possible(value) else (name, "the year is impossible", years)
    return None


def _is_number_possible(name: str, value: Any) -> bool:
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or abs(exponent) > NUMBER_DIGITS:
            return False
    elif isinstance(value, float) and not math.isfinite(value):
        return False
    most = LONGEST_DAYS if name.startswith("days") or name.endswith("_days") else LARGEST_NUMBER
    return bool(abs(value) <= most)
