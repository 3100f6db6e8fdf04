"""Messages about stays as intake understood them, one row for each that is no repeat.

pending ─ the stay's process was told ─▶ told          waiting ─ the stay becomes known ─▶ pending
noted: nothing to tell                                 open ─ a person settles it, or it comes again ─▶ any other
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
    """Read, and a person must look: it is in the inbox with its problems."""
    PENDING = "pending"
    """Its stay is known and has still to be told."""
    TOLD = "told"
    WAITING = "waiting"
    """About a stay that nobody has announced yet; it is told when that stay becomes known."""
    NOTED = "noted"


class StoredAdt(Model):
    """One message. `tells` are the stays that hear of it; `sender` is application and facility; instants are UTC."""

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


def keep(s: Session, message: StoredAdt) -> bool:
    """Keep the message; False when it is here already."""
    return insert_new(s, _M, message.model_dump(mode="json") | {name: getattr(message, name) for name in _INSTANTS})


def read_again(s: Session, event_id: str, event: StayEvent) -> None:
    """A message that waits for a person was read anew, perhaps with a zone that is known by now."""
    still_open = (_M.c.event_id == event_id) & (_M.c.status == AdtStatus.OPEN.value)
    values = {"event": event.model_dump(mode="json"), "happened_at": event.happened_at}
    s.execute(update(_M).where(still_open).values(**values))


def get(s: Session, event_id: str) -> StoredAdt | None:
    row = s.execute(select(_M).where(_M.c.event_id == event_id)).first()
    return _message(row) if row is not None else None


def of_inbox(s: Session, inbox_id: int) -> StoredAdt | None:
    """The message that the item brought; None while it was not read, or when it was a repeat."""
    row = s.execute(select(_M).where(_M.c.inbox_id == inbox_id)).first()
    return _message(row) if row is not None else None


def of_stay(s: Session, stay_id: str) -> tuple[StoredAdt, ...]:
    """What was said of the stay, in the order in which it happened."""
    return _all(s, _M.c.stay_id == stay_id)


def pending(s: Session, stay_ids: Sequence[str] | None = None) -> tuple[StoredAdt, ...]:
    """Messages whose stays (these stays, if given) have still to be told, in the order in which they happened."""
    still = _M.c.status == AdtStatus.PENDING.value
    return _all(s, still if stay_ids is None else still & _M.c.stay_id.in_(stay_ids))


def decide(
    s: Session,
    event_id: str,
    status: AdtStatus,
    stay_id: str | None = None,
    tells: Sequence[str] = (),
    settled_by: str | None = None,
) -> None:
    """What becomes of the message. One that was told stays told."""
    values: dict[str, Any] = {"status": status.value, "stay_id": stay_id, "tells": list(tells)}
    if settled_by is not None:
        values["settled_by"] = settled_by
    s.execute(update(_M).where(_M.c.event_id == event_id, _M.c.status != AdtStatus.TOLD.value).values(**values))


def wake(s: Session, event_id: str, stay_id: str, event: StayEvent) -> None:
    """The stay for which it waited became known: it is told now, as it is read by now."""
    waiting = (_M.c.event_id == event_id) & (_M.c.status == AdtStatus.WAITING.value)
    values = {"event": event.model_dump(mode="json"), "happened_at": event.happened_at}
    s.execute(update(_M).where(waiting).values(status=AdtStatus.PENDING.value, tells=[stay_id], **values))


def mark_told(s: Session, event_id: str, at: datetime) -> None:
    """Every stay that hears of it has heard. The first instant stays."""
    still = (_M.c.event_id == event_id) & (_M.c.status == AdtStatus.PENDING.value)
    s.execute(update(_M).where(still).values(status=AdtStatus.TOLD.value, told_at=at))


_INSTANTS = ("received_at", "happened_at", "told_at")


def _all(s: Session, condition: Any) -> tuple[StoredAdt, ...]:
    rows = s.execute(select(_M).where(condition).order_by(_M.c.happened_at, _M.c.inbox_id))
    return tuple(_message(row) for row in rows)


def _message(row: Row[Any]) -> StoredAdt:
    return StoredAdt.model_validate(row._asdict())
