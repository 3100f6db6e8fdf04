"""Outbox of letters that belong to no case: each is written once under its own id, never changed, and handed over once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from domain.errors import NotOnFile
from domain.letters.standalone import LetterWay, StandaloneKind, StandalonePage
from domain.model import Model
from store.correspondence import tables
from store.dialect import insert_new
from store.portal import tables as portal_tables

_L = tables.standalone_letters
_WAITS = (_L.c.handed_over_at.is_(None), _L.c.dropped_at.is_(None))


class StandaloneLetter(Model):
    """A letter with its delivery. Instants are UTC; `receipt` is the carrier's; `about` the id of what it is about.

    `attempts` counts failed deliveries and `last_error` names the last one's kind. `dropped_at`: when its occasion was gone
    before it was handed over, so that it never will be.
    """

    letter_id: str
    kind: StandaloneKind
    about: str
    recipient: str
    way: LetterWay
    sent_to: str
    rendered: StandalonePage
    written_at: AwareDatetime
    handed_over_at: AwareDatetime | None = None
    receipt: str | None = None
    attempts: int = 0
    last_error: str | None = None
    dropped_at: AwareDatetime | None = None


def draft_reminder_id(draft_id: str) -> str:
    """The id of a draft's one reminder: a draft has no number, and this looks like no authorization's."""
    return f"draft-reminder:{draft_id}"


def write(s: Session, letter: StandaloneLetter) -> bool:
    """Put the letter into the outbox; False where one is there under its id, which stays as it is."""
    return insert_new(s, _L, {**letter.model_dump(), "rendered": letter.rendered.model_dump(mode="json")})


def get(s: Session, letter_id: str) -> StandaloneLetter:
    """The letter. Raises NotOnFile when there is none."""
    row = s.execute(select(_L).where(_L.c.letter_id == letter_id)).one_or_none()
    if row is None:
        raise NotOnFile("There is no such letter.")
    return _letter(row)


def among(s: Session, letter_ids: Collection[str]) -> dict[str, StandaloneLetter]:
    """Those of these letters that are there, by id."""
    rows = s.execute(select(_L).where(_L.c.letter_id.in_(letter_ids))) if letter_ids else ()
    return {row.letter_id: _letter(row) for row in rows}


def list_waiting(s: Session, limit: int) -> tuple[StandaloneLetter, ...]:
    """At most `limit` letters that are to be handed over; those that failed least first, so that none holds up the others."""
    order = (_L.c.attempts, _L.c.written_at, _L.c.letter_id)
    return tuple(_letter(row) for row in s.execute(select(_L).where(*_WAITS).order_by(*order).limit(limit)))


def mark_handed_over(s: Session, letter_id: str, receipt: str, at: datetime) -> None:
    """Record that the carrier has the letter. The first instant and receipt stay."""
    mine = (_L.c.letter_id == letter_id, _L.c.handed_over_at.is_(None))
    s.execute(update(_L).where(*mine).values(handed_over_at=at, receipt=receipt))


def note_failure(s: Session, letter_id: str, error: str) -> None:
    """Count a failed delivery; `error` is the kind of error, without any text that may quote the letter."""
    values = {"attempts": _L.c.attempts + 1, "last_error": error}
    s.execute(update(_L).where(_L.c.letter_id == letter_id, *_WAITS).values(values))


def drop_stale_reminders(s: Session, now: datetime) -> None:
    """Drop each reminder that waits still while its draft was sent or deleted, or expired at `now` (UTC)."""
    drafts = portal_tables.drafts
    there = select(drafts.c.draft_id).where(drafts.c.expires_at > now)
    stale = (_L.c.kind == StandaloneKind.DRAFT_REMINDER, _L.c.about.not_in(there), *_WAITS)
    s.execute(update(_L).where(*stale).values(dropped_at=now))


def _letter(row: Row[Any]) -> StandaloneLetter:
    return StandaloneLetter.model_validate(row._asdict())
