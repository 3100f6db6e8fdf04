"""What a transaction has read already: asked for again within it, it is not read again.

Writing one letter needs the member, the plan and the providers; writing four in one transaction needs the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from sqlalchemy.orm import Session

T = TypeVar("T")
_KEPT = "umpire_read"


def once(s: Session, key: Hashable, read: Callable[[], T]) -> T:
    """What `read` gives, or gave when this session last asked under `key`. Only for values that nobody changes."""
    kept = s.info.setdefault(_KEPT, {})
    if key not in kept:
        kept[key] = read()
    return cast(T, kept[key])


def forget(s: Session) -> None:
    """Something of what was read is being written: read all of it anew."""
    s.info.pop(_KEPT, None)
