"""Settings of the installation itself, such as its key."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import Corrupt
from store import tables
from store.dialect import insert_new, upsert

_KEY = "installation_key"
_HEARTBEAT = "heartbeat"


def get(s: Session, name: str) -> bytes | None:
    return s.execute(select(tables.settings.c.value).where(tables.settings.c.name == name)).scalar_one_or_none()


def get_or_create(s: Session, name: str, make: Callable[[], bytes]) -> bytes:
    """The value under `name`; the first caller creates it, and every caller gets the same one."""
    value = get(s, name)
    if value is None:
        insert_new(s, tables.settings, {"name": name, "value": make()})
        value = get(s, name)
    if value is None:
        raise Corrupt(f"the setting {name} was written and is not there")
    return value


def put(s: Session, name: str, value: bytes) -> None:
    """Keep a value under `name` instead of the one before."""
    upsert(s, tables.settings, [{"name": name, "value": value}])


def record_heartbeat(s: Session, now: datetime) -> None:
    """Write the time (UTC), which proves that the store takes writes."""
    put(s, _HEARTBEAT, now.isoformat().encode())


def make_installation_key(s: Session) -> bytes:
    """Create the key unless there is one already, and return the valid one. `Store.create` does this."""
    return get_or_create(s, _KEY, lambda: secrets.token_bytes(32))


def installation_key(s: Session) -> bytes:
    """The 32 random bytes from which case numbers are computed. Losing them breaks the recognition of duplicates.

    Raises Corrupt when the store has none: another one must not silently take its place.
    """
    key = get(s, _KEY)
    if key is None:
        raise Corrupt("the store has no installation key")
    return key
