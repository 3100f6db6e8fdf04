"""Sessions: who is signed in. The store has the hash of a session's token; the token itself only the browser has."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from pydantic import AwareDatetime
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from domain.model import Model
from store.accounts import tables

_S = tables.sessions
_KEPT = timedelta(days=30)


class SignInSession(Model):
    """A sign-in of an account. `csrf` is the secret in its forms. Instants are UTC; `ended_at`: None while it lasts.

    `roles` are those that another system's sign-in granted, out of the directory's; None grants all of these. At
    `confirmed_at` the person proved again who they are, for what `confirmed_for` names.
    """

    account_id: str
    csrf: str
    started_at: AwareDatetime
    last_seen_at: AwareDatetime
    expires_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    roles: tuple[str, ...] | None = None
    confirmed_at: AwareDatetime | None = None
    confirmed_for: str | None = None


def start(s: Session, token: str, session: SignInSession) -> None:
    """Keep a new session under the hash of its token, and forget those that ended long ago."""
    s.execute(delete(_S).where(_S.c.expires_at < session.started_at - _KEPT))
    s.execute(_S.insert().values(token_sha256=hash_token(token), **session.model_dump()))


def find(s: Session, token: str) -> SignInSession | None:
    """The session of this token; None for one that nobody was given."""
    columns = [column for column in _S.c if column is not _S.c.token_sha256]
    row = s.execute(select(*columns).where(_S.c.token_sha256 == hash_token(token))).one_or_none()
    return None if row is None else SignInSession(**row._mapping)


def touch(s: Session, token: str, now: datetime) -> None:
    """Record that the session was used at `now` (UTC)."""
    s.execute(update(_S).where(_S.c.token_sha256 == hash_token(token)).values(last_seen_at=now))


def end(s: Session, token: str, now: datetime) -> None:
    """End the session at `now` (UTC); one that has ended keeps its end."""
    s.execute(update(_S).where(_S.c.token_sha256 == hash_token(token), _S.c.ended_at.is_(None)).values(ended_at=now))


def end_all(s: Session, account_id: str, now: datetime, but: str | None = None) -> None:
    """End every session of the account at `now` (UTC), except the one of the token `but`."""
    query = update(_S).where(_S.c.account_id == account_id, _S.c.ended_at.is_(None))
    if but is not None:
        query = query.where(_S.c.token_sha256 != hash_token(but))
    s.execute(query.values(ended_at=now))


def confirm(s: Session, token_sha256: str, about: str | None, now: datetime | None) -> None:
    """Record that the person of the session with this hash proved again who they are, for this purpose; with None that the
    proof is used up."""
    s.execute(update(_S).where(_S.c.token_sha256 == token_sha256).values(confirmed_at=now, confirmed_for=about))


def account_of(s: Session, token_sha256: str) -> str | None:
    """The account of the session with this hash, while it lasts."""
    query = select(_S.c.account_id).where(_S.c.token_sha256 == token_sha256, _S.c.ended_at.is_(None))
    return s.execute(query).scalar_one_or_none()


def hash_token(token: str) -> str:
    """The hash under which the store knows a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()
