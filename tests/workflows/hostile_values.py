"""Messages as nobody would send them: every field of a message filled with the edges of its type, seeded."""

from __future__ import annotations

import types
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

TEXTS = (
    "",
    " ",
    "x",
    "nurse.adams",
    "PA-1-T1",
    "\x00",
    "é" * 300,
    "y" * 30_000,
    "%s{}",
    "../../x",
    "<b>",
    "\x1b[2J",
    "2026-03-02",
)
NUMBERS = (0, 1, -1, 2, 90, 3650, 10**9, 10**18, -(10**30))
DECIMALS = ("0", "1", "-1", "0.5", "1E+999", "1E-999", "NaN", "Infinity", "12345678901234567890")
DAYS = (date(1, 1, 1), date(1900, 1, 1), date(2026, 3, 2), date(2026, 3, 9), date(2200, 12, 31), date(9999, 12, 31))
INSTANTS = (
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(1900, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 2, 15, tzinfo=UTC),
    datetime(2200, 12, 31, 23, 59, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-14))),
)
MEMBERS_OF_UNIONS = (Union, types.UnionType)


def hostile(kind: Any, chance: Random, depth: int = 0) -> Any:
    """A value of the type, in Python."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return hostile(parts[0], chance, depth)
    if origin in MEMBERS_OF_UNIONS:
        return hostile(chance.choice(parts), chance, depth)
    if origin is Literal:
        return chance.choice(parts)
    if origin in (tuple, list, frozenset, set):
        return tuple(hostile(parts[0], chance, depth + 1) for _ in range(chance.choice((0, 1, 2, 3))))
    if origin is dict:
        return {
            hostile(parts[0], chance): hostile(parts[1], chance, depth + 1) for _ in range(chance.choice((0, 1, 3)))
        }
    if isinstance(kind, type) and issubclass(kind, Enum):
        return chance.choice(list(kind))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        hints = get_type_hints(kind, include_extras=True)
        return {name: hostile(hints[name], chance, depth + 1) for name in kind.model_fields if chance.random() < 0.9}
    pools: dict[Any, tuple[Any, ...]] = {
        str: TEXTS,
        int: NUMBERS,
        Decimal: DECIMALS,
        date: DAYS,
        datetime: INSTANTS,
        bool: (True, False),
        type(None): (None,),
        float: (0.0, -1.5, 1e300, float("nan")),
    }
    return chance.choice(pools.get(kind, (*TEXTS, *NUMBERS, None, [], {})))
