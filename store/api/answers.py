"""Answers to writes of programs, by account and Idempotency-Key: a write that is sent again gets the answer of the first."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from store.api import tables
from store.dialect import acquire_named_lock

_A = tables.api_answers
KEPT_FOR = timedelta(days=2)
"""An answer is kept so long after it was given."""
ABANDONED_AFTER = timedelta(minutes=2)
"""A request that was at it so long ago has died with its process: the next one goes on under the same message id."""


class Turn(StrEnum):
    """The outcome of taking a write: it is this request's to do, or not."""

    YOURS = "yours"
    ANSWERED = "answered"
    BUSY = "busy"
    OTHER_CONTENT = "other_content"


class KeptAnswer(NamedTuple):
    """An answer as it was given."""

    status: int
    media_type: str
    body: bytes


class TakenWrite(NamedTuple):
    """A write under its key: whose turn it is, the id under which it acts, and its answer once there is one."""

    turn: Turn
    message_id: str
    answer: KeptAnswer | None = None


def take(s: Session, account_id: str, key: str, fingerprint: str, message_id: str, now: datetime) -> TakenWrite:
    """Take the write of this key, or find what became of it. `fingerprint` is the hash of the whole request, `now` UTC.

    Answers that are older than KEPT_FOR are forgotten on the way.
    """
    acquire_named_lock(s, f"api:{account_id}:{key}")
    s.execute(delete(_A).where(_A.c.answered_at < now - KEPT_FOR))
    mine = (_A.c.account_id == account_id, _A.c.idempotency_key == key)
    row = s.execute(select(_A).where(*mine)).one_or_none()
    if row is None:
        values = {"account_id": account_id, "idempotency_key": key, "fingerprint": fingerprint}
        s.execute(_A.insert().values(**values, message_id=message_id, taken_at=now))
        return TakenWrite(Turn.YOURS, message_id)
    if row.fingerprint != fingerprint:
        return TakenWrite(Turn.OTHER_CONTENT, row.message_id)
    if row.answered_at is not None:
        return TakenWrite(Turn.ANSWERED, row.message_id, KeptAnswer(row.status, row.media_type, bytes(row.body)))
    if row.taken_at is not None and now - row.taken_at < ABANDONED_AFTER:
        return TakenWrite(Turn.BUSY, row.message_id)
    s.execute(update(_A).where(*mine).values(taken_at=now))
    return TakenWrite(Turn.YOURS, row.message_id)


def keep(s: Session, account_id: str, key: str, answer: KeptAnswer, now: datetime) -> None:
    """Keep the answer that was given at `now` (UTC)."""
    mine = (_A.c.account_id == account_id, _A.c.idempotency_key == key)
    s.execute(update(_A).where(*mine).values(answered_at=now, taken_at=None, **answer._asdict()))


def give_back(s: Session, account_id: str, key: str) -> None:
    """Leave a write without an answer to the next request of the same key, which goes on under the same message id."""
    s.execute(update(_A).where(_A.c.account_id == account_id, _A.c.idempotency_key == key).values(taken_at=None))
