"""Drafts of requests, one owner each: kept until they are sent, deleted, or expired."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, JsonValue
from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from domain.model import Model
from store.dialect import insert_new
from store.portal import tables

_D, _F = tables.drafts, tables.draft_files
KEPT_FOR = timedelta(days=14)
"""A draft is kept so long after it was last saved."""
REMINDED_BEFORE = timedelta(days=5)
"""Its owner is reminded so long before it is deleted: a letter by mail has to arrive in time."""


class Draft(Model):
    """A draft of a request. `content` are the fields of its form as they were typed. Instants are UTC; `reminded_at`: when the
    reminder was made, None while it is not due."""

    draft_id: str
    npi: str
    account_id: str
    started_at: AwareDatetime
    saved_at: AwareDatetime
    expires_at: AwareDatetime
    reminded_at: AwareDatetime | None = None
    content: dict[str, JsonValue] = {}

    @property
    def remind_at(self) -> datetime:
        """The instant (UTC) from which its owner is reminded."""
        return self.expires_at - REMINDED_BEFORE

    def title(self, zone: str) -> str:
        """'Draft of Dec 1, 10:12 AM', in this zone: a draft has no number that could be taken for an authorization's."""
        there = self.started_at.astimezone(ZoneInfo(zone))
        return f"Draft of {there:%b} {there.day}, {there.hour % 12 or 12}:{there:%M %p}"


class DraftFile(Model):
    """A file of a draft, without its bytes."""

    file_id: int
    draft_id: str
    name: str
    title: str
    size_bytes: int
    added_at: AwareDatetime


def start(s: Session, draft_id: str, npi: str, account_id: str, content: dict[str, JsonValue], now: datetime) -> bool:
    """Keep a new draft; False where it is there already, so that a form sent twice makes one."""
    draft = Draft(
        draft_id=draft_id,
        npi=npi,
        account_id=account_id,
        started_at=now,
        saved_at=now,
        expires_at=now + KEPT_FOR,
        content=content,
    )
    return insert_new(s, _D, draft.model_dump())


def save(s: Session, draft_id: str, content: dict[str, JsonValue], now: datetime) -> None:
    """Keep what was typed; the draft is then kept longer, and its reminder is due anew."""
    kept = {"content": content, "saved_at": now, "expires_at": now + KEPT_FOR, "reminded_at": None}
    s.execute(update(_D).where(_D.c.draft_id == draft_id).values(**kept))


def get(s: Session, draft_id: str, account_id: str, now: datetime) -> Draft | None:
    """The draft, for its owner alone; None for another's and for one that has expired at `now` (UTC)."""
    own = (_D.c.draft_id == draft_id, _D.c.account_id == account_id, _D.c.expires_at > now)
    row = s.execute(select(_D).where(*own)).one_or_none()
    return None if row is None else _draft(row)


def of_account(s: Session, account_id: str, now: datetime) -> tuple[Draft, ...]:
    """The account's drafts that have not expired, the one saved last first."""
    query = select(_D).where(_D.c.account_id == account_id, _D.c.expires_at > now)
    return tuple(_draft(row) for row in s.execute(query.order_by(_D.c.saved_at.desc(), _D.c.draft_id)))


def remove(s: Session, draft_id: str) -> None:
    """Delete the draft with its files."""
    s.execute(delete(_F).where(_F.c.draft_id == draft_id))
    s.execute(delete(_D).where(_D.c.draft_id == draft_id))


def add_file(s: Session, draft_id: str, name: str, title: str, content: bytes, now: datetime) -> None:
    """Keep a file with the draft."""
    values = {"draft_id": draft_id, "name": name, "title": title, "size_bytes": len(content), "added_at": now}
    s.execute(_F.insert().values(**values, content=content))


def files(s: Session, draft_id: str) -> tuple[DraftFile, ...]:
    """The draft's files in the order in which they were added."""
    columns = [column for column in _F.c if column is not _F.c.content]
    query = select(*columns).where(_F.c.draft_id == draft_id).order_by(_F.c.file_id)
    return tuple(DraftFile.model_validate(row._asdict()) for row in s.execute(query))


def file_content(s: Session, file_id: int) -> bytes:
    """The bytes of a draft's file. Raises NoResultFound for none."""
    return bytes(s.execute(select(_F.c.content).where(_F.c.file_id == file_id)).scalar_one())


def remove_file(s: Session, draft_id: str, file_id: int) -> None:
    """Delete a file of this draft."""
    s.execute(delete(_F).where(_F.c.draft_id == draft_id, _F.c.file_id == file_id))


def list_due(s: Session, now: datetime) -> tuple[Draft, ...]:
    """The drafts whose reminder is due at `now` (UTC) and was not made yet."""
    return tuple(
        _draft(row) for row in s.execute(select(_D).where(*_due(now)).order_by(_D.c.expires_at, _D.c.draft_id))
    )


def mark_reminded(s: Session, draft_id: str, now: datetime) -> bool:
    """Mark the draft as reminded of at `now` (UTC); False where its reminder is not due, or another process was first."""
    due = (_D.c.draft_id == draft_id, *_due(now))
    return _count(s.execute(update(_D).where(*due).values(reminded_at=now))) == 1


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_D.c.reminded_at.is_(None), _D.c.expires_at > now, _D.c.expires_at <= now + REMINDED_BEFORE)


def remove_expired(s: Session, now: datetime) -> int:
    """Delete each draft that has expired at `now` (UTC), with its files; how many there were. Safe to repeat."""
    expired = select(_D.c.draft_id).where(_D.c.expires_at <= now)
    s.execute(delete(_F).where(_F.c.draft_id.in_(expired)))
    return _count(s.execute(delete(_D).where(_D.c.expires_at <= now)))


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def _draft(row: Row[Any]) -> Draft:
    return Draft.model_validate(row._asdict())
