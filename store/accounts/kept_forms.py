"""Forms that were sent after their session had ended, until their sender is back: sealed with a key that the store has not."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from store.accounts import tables
from store.accounts.sessions import hash_token

KEPT = timedelta(hours=2)
_T = tables.kept_forms


def keep(s: Session, token: str, account_id: str, sealed: bytes, now: datetime) -> None:
    """Keep the sealed form for this account, and forget those that nobody came back for."""
    s.execute(delete(_T).where(_T.c.kept_at < now - KEPT))
    s.execute(_T.insert().values(token_sha256=hash_token(token), account_id=account_id, sealed=sealed, kept_at=now))


def find(s: Session, token: str, account_id: str, now: datetime) -> bytes | None:
    """The sealed form under this token, for its own account and in time; None otherwise."""
    query = select(_T.c.sealed).where(
        _T.c.token_sha256 == hash_token(token), _T.c.account_id == account_id, _T.c.kept_at >= now - KEPT
    )
    return s.execute(query).scalar_one_or_none()
