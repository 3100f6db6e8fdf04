"""Attempts to sign in that failed, by user name and by address: in the store, where all copies of the server count together."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import AwareDatetime
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.model import Model
from store.accounts import tables
from store.dialect import acquire_named_lock, upsert

_T = tables.sign_in_attempts
_KEPT = timedelta(days=7)


class AttemptCount(Model):
    """Failures in a row, the last one at `last_at`; the next attempt counts from `waits_until` on (None: at once). UTC."""

    attempts_of: str
    failures: int = 0
    last_at: AwareDatetime
    waits_until: AwareDatetime | None = None


def take(s: Session, attempts_of: str, now: datetime) -> AttemptCount:
    """The count under this key, held until the transaction ends; a new one where there is none."""
    acquire_named_lock(s, f"sign-in:{attempts_of}")
    row = s.execute(select(_T).where(_T.c.attempts_of == attempts_of)).one_or_none()
    return AttemptCount(attempts_of=attempts_of, last_at=now) if row is None else AttemptCount(**row._mapping)


def put(s: Session, count: AttemptCount) -> None:
    """Store the count, and forget those of long ago."""
    s.execute(delete(_T).where(_T.c.last_at < count.last_at - _KEPT))
    upsert(s, _T, [count.model_dump()])


def forget(s: Session, attempts_of: str) -> None:
    """Forget the failures under this key."""
    s.execute(delete(_T).where(_T.c.attempts_of == attempts_of))
