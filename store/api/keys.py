"""API keys: a program's right to act for an account. The store has the hash of a key's token; the token only its owner has."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.errors import NotOnFile
from domain.model import Model
from store.accounts.sessions import hash_token
from store.api import tables

_K = tables.api_keys
_SHOWN = [column for column in _K.c if column is not _K.c.token_sha256]


class ApiKey(Model):
    """A key of an account, with the scopes by name that narrow the account's rights. Instants are UTC."""

    key_id: str
    account_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: AwareDatetime
    expires_at: AwareDatetime
    last_used_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None


def keep(s: Session, key: ApiKey, token: str) -> None:
    """Keep a new key under the hash of its token."""
    s.execute(_K.insert().values(token_sha256=hash_token(token), **key.model_dump(mode="python")))


def find(s: Session, token: str) -> ApiKey | None:
    """The key of this token; None for one that nobody was given."""
    row = s.execute(select(*_SHOWN).where(_K.c.token_sha256 == hash_token(token))).one_or_none()
    return None if row is None else ApiKey(**row._mapping)


def list_all(s: Session) -> tuple[ApiKey, ...]:
    """Every key, also those revoked and expired, the oldest first."""
    return tuple(ApiKey(**row._mapping) for row in s.execute(select(*_SHOWN).order_by(_K.c.created_at, _K.c.key_id)))


def touch(s: Session, key_id: str, now: datetime) -> None:
    """Record that the key was used at `now` (UTC)."""
    s.execute(update(_K).where(_K.c.key_id == key_id).values(last_used_at=now))


def revoke(s: Session, key_id: str, now: datetime) -> ApiKey:
    """Revoke the key at `now` (UTC); one that was revoked keeps its time. Raises NotOnFile."""
    s.execute(update(_K).where(_K.c.key_id == key_id, _K.c.revoked_at.is_(None)).values(revoked_at=now))
    row = s.execute(select(*_SHOWN).where(_K.c.key_id == key_id)).one_or_none()
    if row is None:
        raise NotOnFile(f"There is no API key {key_id}.", "List them with 'umpire api-key list'.")
    return ApiKey(**row._mapping)
