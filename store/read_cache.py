"""Cache of the rows that a transaction has read, so that it does not read them again.

Writing one letter needs the member, the plan and the providers; writing four in one transaction needs the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from sqlalchemy.orm import Session

T = TypeVar("T")
_CACHE_KEY = "umpire_read"


def read_once(s: Session, key: Hashable, read: Callable[[], T]) -> T:
    """The result of `read`, or the cached result of this session under `key`. Only for values that are not modified."""
    kept = s.info.setdefault(_CACHE_KEY, {})
    if key not in kept:
        kept[key] = read()
    return cast(T, kept[key])


def forget_reads(s: Session) -> None:
    """Clear the cache, because cached rows are being written."""
    s.info.pop(_CACHE_KEY, None)
