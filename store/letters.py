"""Outbox of letters: each is written once under its own id, never changed, and mailed once.

The id is the idempotency key, ``case:notice:audience:version``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from domain.errors import NotOnFile
from domain.letters.context import RenderedLetter
from domain.model import Model
from domain.vocabulary import Audience, NoticeKind
from store import tables
from store.dialect import insert_new

_L = tables.letters
_BY_ID = select(_L).where(_L.c.letter_id == bindparam("key"))
_BY_IDS = select(_L).where(_L.c.letter_id.in_(bindparam("keys", expanding=True)))
_MARK_MAILED = (
    update(_L)
    .where(_L.c.letter_id == bindparam("key"), _L.c.handed_over_at.is_(None))
    .values(handed_over_at=bindparam("at"), receipt=bindparam("given"))
)

_NOT_HANDED_OVER = (
    select(_L.c.letter_id, _L.c.case_id, _L.c.written_at)
    .where(_L.c.handed_over_at.is_(None), _L.c.written_at < bindparam("before"))
    .order_by(_L.c.written_at, _L.c.letter_id)
)


class WaitingLetter(Model):
    """A letter that the carrier does not have yet; `written_at` is UTC."""

    letter_id: str
    case_id: str
    written_at: AwareDatetime


class LetterRecord(Model):
    """A letter with its delivery. Instants are UTC; `receipt` is the carrier's.

    `attempts` counts failed deliveries and `last_error` describes the last one, without health information.
    """

    letter_id: str
    case_id: str
    notice: NoticeKind
    audience: Audience
    recipient: str
    rendered: RenderedLetter
    written_at: AwareDatetime
    handed_over_at: AwareDatetime | None = None
    receipt: str | None = None
    attempts: int = 0
    last_error: str | None = None


def write(
    s: Session,
    letter_id: str,
    case_id: str,
    notice: NoticeKind,
    audience: Audience,
    recipient: str,
    rendered: RenderedLetter,
    written_at: datetime,
) -> tuple[LetterRecord, bool]:
    """Put the letter into the outbox; (the letter, True when this call wrote it).

    Under a known id the letter that was written first is returned, whatever the arguments are.
    """
    row = {
        "letter_id": letter_id,
        "case_id": case_id,
        "notice": notice.value,
        "audience": audience.value,
        "recipient": recipient,
        "rendered": rendered.model_dump(mode="json"),
        "written_at": written_at,
        "attempts": 0,
    }
    if not insert_new(s, _L, row):
        return get(s, letter_id), False
    record = LetterRecord(
        letter_id=letter_id,
        case_id=case_id,
        notice=notice,
        audience=audience,
        recipient=recipient,
        rendered=rendered,
        written_at=written_at.astimezone(UTC),
    )
    return record, True


def get(s: Session, letter_id: str) -> LetterRecord:
    """The letter. Raises NotOnFile when there is none."""
    row = s.execute(_BY_ID, {"key": letter_id}).first()
    if row is None:
        raise NotOnFile(f"There is no letter {letter_id}.")
    return _record(row)


def not_mailed_among(s: Session, letter_ids: Sequence[str]) -> tuple[LetterRecord, ...]:
    """Those of the letters that are not mailed yet, in the given order. Raises NotOnFile for an unknown letter."""
    found = {row.letter_id: row for row in s.execute(_BY_IDS, {"keys": list(letter_ids)})}
    unknown = next((key for key in letter_ids if key not in found), None)
    if unknown is not None:
        raise NotOnFile(f"There is no letter {unknown}.")
    return tuple(_record(found[key]) for key in letter_ids if found[key].handed_over_at is None)


def of_case(s: Session, case_id: str) -> tuple[LetterRecord, ...]:
    """The letters of the case in order of writing; none of a record that was purged."""
    return _letters(s, _L.c.case_id == case_id)


def not_handed_over(s: Session, before: datetime) -> tuple[WaitingLetter, ...]:
    """Letters written before then (UTC) that the carrier does not have, the oldest first."""
    return tuple(WaitingLetter(**row._asdict()) for row in s.execute(_NOT_HANDED_OVER, {"before": before}))


def mark_all_mailed(s: Session, receipts: Mapping[str, str], at: datetime) -> None:
    """Record that the carrier has these existing letters, with its receipt for each id. The first instant and receipt stay."""
    if receipts:
        given = [{"key": letter_id, "given": receipt, "at": at} for letter_id, receipt in receipts.items()]
        s.execute(_MARK_MAILED, given)


def _letters(s: Session, condition: Any) -> tuple[LetterRecord, ...]:
    query = select(_L).where(condition).order_by(_L.c.written_at, _L.c.letter_id)
    return tuple(_record(row) for row in s.execute(query) if row.rendered)


def _record(row: Row[Any]) -> LetterRecord:
    if not row.rendered:
        raise NotOnFile(f"The letter {row.letter_id} was purged when its time was over.")
    return LetterRecord.model_validate(row._asdict())
