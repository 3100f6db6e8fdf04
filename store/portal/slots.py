"""The calendar of peer-to-peer calls: times that physicians are free, the calls booked in them, and what providers wish for.

A slot has one call and a case has one slot: the database refuses a second one, whoever asks at the same moment.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Row, delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from domain.model import Model
from store.dialect import acquire_named_lock, upsert
from store.portal import tables

_S, _W = tables.call_slots, tables.call_wishes


class CallSlot(Model):
    """A time (UTC) at which a physician is free for a call of so many minutes; with `case_id` a call is booked: with whom,
    under which number, by whom (`booked_by` is 'kind:id') and when."""

    slot_id: int
    reviewer_id: str
    starts_at: AwareDatetime
    minutes: int
    offered_by: str
    offered_at: AwareDatetime
    case_id: str | None = None
    person: str | None = None
    phone: str | None = None
    booked_by: str | None = None
    booked_at: AwareDatetime | None = None

    @property
    def ends_at(self) -> datetime:
        """The end of the time (UTC)."""
        return self.starts_at + timedelta(minutes=self.minutes)


class CallWishes(Model):
    """The times (UTC) at which a provider could be called about a case, whom to call, and under which number."""

    case_id: str
    npi: str
    person: str
    phone: str
    times: tuple[AwareDatetime, ...]
    note: str
    wished_at: AwareDatetime


class Booking(Model):
    """Whom to call about a case, under which number, as `booked_by` ('kind:id') asks at `booked_at` (UTC)."""

    case_id: str
    person: str
    phone: str
    booked_by: str
    booked_at: AwareDatetime


def offer(
    s: Session, reviewer_id: str, starts: Collection[datetime], minutes: int, offered_by: str, now: datetime
) -> tuple[CallSlot, ...]:
    """Offer times of a physician; those that overlap one of theirs are left out. Returns the new ones."""
    acquire_named_lock(s, f"call-slots:{reviewer_id}")
    taken = [(one.starts_at, one.ends_at) for one in of_reviewer(s, reviewer_id, min(starts, default=now))]
    length, made = timedelta(minutes=minutes), []
    for at in sorted(starts):
        if any(at < end and begin < at + length for begin, end in taken):
            continue
        values = {"reviewer_id": reviewer_id, "starts_at": at, "minutes": minutes, "offered_by": offered_by}
        slot_id = s.execute(_S.insert().values(**values, offered_at=now).returning(_S.c.slot_id)).scalar_one()
        taken.append((at, at + length))
        made.append(slot_id)
    return tuple(one for one in of_reviewer(s, reviewer_id, min(starts, default=now)) if one.slot_id in made)


def get(s: Session, slot_id: int) -> CallSlot | None:
    row = s.execute(select(_S).where(_S.c.slot_id == slot_id)).one_or_none()
    return None if row is None else _slot(row)


def of_case(s: Session, case_id: str) -> CallSlot | None:
    """The time that is booked for the case."""
    row = s.execute(select(_S).where(_S.c.case_id == case_id)).one_or_none()
    return None if row is None else _slot(row)


def of_reviewer(s: Session, reviewer_id: str | None, since: datetime) -> tuple[CallSlot, ...]:
    """The times of a physician (None: of all) that begin within the day before `since` (UTC), or later; the next one first."""
    wanted = [_S.c.starts_at >= since - timedelta(days=1)]
    if reviewer_id is not None:
        wanted.append(_S.c.reviewer_id == reviewer_id)
    return tuple(_slot(row) for row in s.execute(select(_S).where(*wanted).order_by(_S.c.starts_at, _S.c.slot_id)))


def free(s: Session, reviewer_ids: Collection[str], after: datetime, until: datetime) -> tuple[CallSlot, ...]:
    """The free times of these physicians between two instants (UTC), the next one first."""
    wanted = (
        _S.c.reviewer_id.in_(reviewer_ids),
        _S.c.starts_at > after,
        _S.c.starts_at <= until,
        _S.c.case_id.is_(None),
    )
    return tuple(_slot(row) for row in s.execute(select(_S).where(*wanted).order_by(_S.c.starts_at, _S.c.slot_id)))


def book(s: Session, slot_id: int, wanted: Booking) -> bool:
    """Book the time for a case, which gives up the time it had; False when the time is taken or gone: then nothing changed."""
    acquire_named_lock(s, f"call-of:{wanted.case_id}")
    had = of_case(s, wanted.case_id)
    if had is not None and had.slot_id == slot_id:
        return True
    # The new time is taken only where it is free, by one statement: of two who ask at once one gets it.
    if had is not None:
        _release(s, had.slot_id)
    taken = s.execute(update(_S).where(_S.c.slot_id == slot_id, _S.c.case_id.is_(None)).values(**wanted.model_dump()))
    if _count(taken) == 1:
        return True
    if had is not None:
        kept = {"case_id": had.case_id, "person": had.person, "phone": had.phone, "booked_by": had.booked_by}
        s.execute(update(_S).where(_S.c.slot_id == had.slot_id).values(**kept, booked_at=had.booked_at))
    return False


def release(s: Session, case_id: str) -> None:
    """Free the time that the case had."""
    had = of_case(s, case_id)
    if had is not None:
        _release(s, had.slot_id)


def restore(s: Session, case_id: str, had: CallSlot | None) -> None:
    """Put the case's time back as it was, because the case refused the change; one that was taken meanwhile stays taken."""
    release(s, case_id)
    if had is not None:
        kept = {"case_id": case_id, "person": had.person, "phone": had.phone, "booked_by": had.booked_by}
        was = (_S.c.slot_id == had.slot_id, _S.c.case_id.is_(None))
        s.execute(update(_S).where(*was).values(**kept, booked_at=had.booked_at))


def withdraw(s: Session, slot_id: int) -> bool:
    """Take a free time out of the calendar; False when a call is booked in it."""
    return _count(s.execute(delete(_S).where(_S.c.slot_id == slot_id, _S.c.case_id.is_(None)))) == 1


def wish(s: Session, wishes: CallWishes) -> None:
    """Keep the provider's wishes; they replace the earlier ones for the case."""
    values = wishes.model_dump() | {"times": [at.isoformat() for at in wishes.times]}
    upsert(s, _W, [values])


def wishes_of(s: Session, case_id: str) -> CallWishes | None:
    row = s.execute(select(_W).where(_W.c.case_id == case_id)).one_or_none()
    return None if row is None else CallWishes.model_validate(row._asdict())


def _release(s: Session, slot_id: int) -> None:
    nobody: dict[str, Any] = dict.fromkeys(("case_id", "person", "phone", "booked_by", "booked_at"))
    s.execute(update(_S).where(_S.c.slot_id == slot_id).values(**nobody))


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def _slot(row: Row[Any]) -> CallSlot:
    return CallSlot.model_validate(row._asdict())
