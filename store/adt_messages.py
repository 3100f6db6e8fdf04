"""ADT messages about stays as intake interpreted them, one row for each that is no repeat.

pending ─ sent to the stay's workflow ─▶ told          waiting ─ the stay becomes known ─▶ pending
noted: nothing to send                                 open ─ a person resolves it, or it arrives again ─▶ any other
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from domain.model import Model
from domain.stays.adt import StayEvent
from store import tables
from store.dialect import insert_new

_M = tables.adt_messages


class AdtStatus(StrEnum):
    OPEN = "open"
    """Read, and a person must review it: it is in the inbox with its issues."""
    PENDING = "pending"
    """Its stay is known; the message still has to be sent to it."""
    SENT_TO_STAY = "told"
    WAITING = "waiting"
    """About a stay that is not known yet; it is sent when that stay becomes known."""
    NOTED = "noted"


class StoredAdt(Model):
    """One ADT message. `tells` are the stays that receive it; `sender` is application and facility; instants are UTC."""

    event_id: str
    inbox_id: int
    sender: str
    control_id: str
    sha256: str
    trigger: str
    status: AdtStatus
    received_at: AwareDatetime
    happened_at: AwareDatetime
    stay_id: str | None = None
    tells: tuple[str, ...] = ()
    settled_by: str | None = None
    event: StayEvent
    told_at: AwareDatetime | None = None


def save(s: Session, message: StoredAdt) -> bool:
    """Store the message; False when it is stored already."""
    return insert_new(s, _M, message.model_dump(mode="json") | {name: getattr(message, name) for name in _INSTANTS})


def replace_event(s: Session, event_id: str, event: StayEvent) -> None:
    """Replace the event of a message that waits for a person by a new reading, for example with a zone that is now known."""
    still_open = (_M.c.event_id == event_id) & (_M.c.status == AdtStatus.OPEN.value)
    values = {"event": event.model_dump(mode="json"), "happened_at": event.happened_at}
    s.execute(update(_M).where(still_open).values(**values))


def get(s: Session, event_id: str) -> StoredAdt | None:
    row = s.execute(select(_M).where(_M.c.event_id == event_id)).first()
    return _message(row) if row is not None else None


def of_inbox(s: Session, inbox_id: int) -> StoredAdt | None:
    """The message of an inbox item; None while it is not read, or when it was a repeat."""
    row = s.execute(select(_M).where(_M.c.inbox_id == inbox_id)).first()
    return _message(row) if row is not None else None


def of_stay(s: Session, stay_id: str) -> tuple[StoredAdt, ...]:
    """The messages about the stay, in the order of their events."""
    return _all(s, _M.c.stay_id == stay_id)


def pending(s: Session, stay_ids: Sequence[str] | None = None) -> tuple[StoredAdt, ...]:
    """Messages that still have to be sent to their stays (to these stays, if given), in the order of their events."""
    still = _M.c.status == AdtStatus.PENDING.value
    return _all(s, still if stay_ids is None else still & _M.c.stay_id.in_(stay_ids))


def set_status(
    s: Session,
    event_id: str,
    status: AdtStatus,
    stay_id: str | None = None,
    tells: Sequence[str] = (),
    settled_by: str | None = None,
) -> None:
    """Set the status of the message and the stays that receive it. One that was sent stays sent."""
    values: dict[str, Any] = {"status": status.value, "stay_id": stay_id, "tells": list(tells)}
    if settled_by is not None:
        values["settled_by"] = settled_by
    s.execute(update(_M).where(_M.c.event_id == event_id, _M.c.status != AdtStatus.SENT_TO_STAY.value).values(**values))


def release_waiting(s: Session, event_id: str, stay_id: str, event: StayEvent) -> None:
    """Release a message that waited for its stay to become known, with its current reading."""
    waiting = (_M.c.event_id == event_id) & (_M.c.status == AdtStatus.WAITING.value)
    values = {"event": event.model_dump(mode="json"), "happened_at": event.happened_at}
    s.execute(update(_M).where(waiting).values(status=AdtStatus.PENDING.value, tells=[stay_id], **values))


def mark_sent_to_stay(s: Session, event_id: str, at: datetime) -> None:
    """Record that every receiving stay has the message. The first instant stays."""
    still = (_M.c.event_id == event_id) & (_M.c.status == AdtStatus.PENDING.value)
    s.execute(update(_M).where(still).values(status=AdtStatus.SENT_TO_STAY.value, told_at=at))


_INSTANTS = ("received_at", "happened_at", "told_at")


def _all(s: Session, condition: Any) -> tuple[StoredAdt, ...]:
    rows = s.execute(select(_M).where(condition).order_by(_M.c.happened_at, _M.c.inbox_id))
    return tuple(_message(row) for row in rows)


def _message(row: Row[Any]) -> StoredAdt:
    return StoredAdt.model_validate(row._asdict())
