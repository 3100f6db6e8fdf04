"""Requests that programs sent, by caller and window of time: in the store, where all copies of the server count together.

A server takes a share of the requests of a window ahead, so that most requests write nothing here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from store.api import tables
from store.dialect import acquire_named_lock, upsert

_U = tables.api_use
KEPT_FOR = timedelta(hours=1)
"""A caller who sent nothing for so long is forgotten."""


def take_share(s: Session, caller: str, window: datetime, wanted: int, most: int) -> int:
    """Take at most `wanted` of the `most` requests that the caller may send in the window that begins at `window` (UTC); the
    number taken, 0 when all are taken."""
    acquire_named_lock(s, f"api-use:{caller}")
    row = s.execute(select(_U).where(_U.c.caller == caller)).one_or_none()
    # A server whose clock is behind counts in the window that another has begun.
    begun = window if row is None else max(window, row.begun_at)
    taken = row.taken if row is not None and row.begun_at == begun else 0
    share = max(0, min(wanted, most - taken))
    if share:
        s.execute(delete(_U).where(_U.c.begun_at < window - KEPT_FOR))
        upsert(s, _U, [{"caller": caller, "begun_at": begun, "taken": taken + share}])
    return share
