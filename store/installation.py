"""What an installation keeps for itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import Corrupt
from store import tables
from store.dialect import insert_new

_KEY = "installation_key"


def get(s: Session, name: str) -> bytes | None:
    return s.execute(select(tables.settings.c.value).where(tables.settings.c.name == name)).scalar_one_or_none()


def get_or_create(s: Session, name: str, make: Callable[[], bytes]) -> bytes:
    """The value under `name`; whoever comes first makes it, and everybody gets that one."""
    value = get(s, name)
    if value is None:
        insert_new(s, tables.settings, {"name": name, "value": make()})
        value = get(s, name)
    if value is None:
        raise Corrupt(f"the setting {name} was written and is not there")
    return value


def make_installation_key(s: Session) -> bytes:
    """Make the key unless there is one already, and return the one that counts. `Store.create` does this."""
    return get_or_create(s, _KEY, lambda: secrets.token_bytes(32))


def installation_key(s: Session) -> bytes:
    """The 32 random bytes under which case numbers are made. Losing them breaks the recognition of duplicates.

    Raises Corrupt when the store has none: another one must not silently take its place.
    """
    key = get(s, _KEY)
    if key is None:
        raise Corrupt("the store has no installation key")
    return key
