"""Arrivals that are no case yet, as open work of intake: the earliest due first, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.orm import Session

from domain.vocabulary import ArrivalKind
from store import tables
from store.columns import Counter, Instant
from store.inbox import InboxItem, InboxStatus

UNREAD_SUBMISSION = "unread_submission"
CASE_ALERT = "case_alert"
_I = tables.inbox
_COLUMNS = tuple(column for column in _I.columns if column.name in InboxItem.model_fields)


def kind_of_work(item: InboxItem) -> str:
    """The kind of work that an open arrival is."""
    return CASE_ALERT if item.kind is ArrivalKind.CASE_ALERT else UNREAD_SUBMISSION


def select_open(
    s: Session,
    kind: str | None,
    due_before: datetime | None,
    limit: int | None,
    beyond: tuple[datetime, int] | None = None,
    backward: bool = False,
) -> tuple[InboxItem, ...]:
    """Open arrivals of this kind of work (None: any) due before then (UTC), by due instant and number; `backward` from the last
    one. `beyond` is the place behind which, or ahead of which, they are taken."""
    order: tuple[Any, Any] = (_I.c.due_at, _I.c.inbox_id)
    query = select(*_COLUMNS).where(*_conditions(kind, due_before))
    if beyond is not None:
        here, there = tuple_(*order), tuple_(literal(beyond[0], Instant), literal(beyond[1], Counter))
        query = query.where(here < there if backward else here > there)
    query = query.order_by(*(column.desc() if backward else column for column in order)).limit(limit)
    return tuple(InboxItem.model_validate(row._asdict()) for row in s.execute(query))


def count_open(s: Session, kind: str | None, due_before: datetime | None) -> int:
    """The number of these arrivals."""
    return s.execute(select(func.count()).select_from(_I).where(*_conditions(kind, due_before))).scalar_one()


def _conditions(kind: str | None, due_before: datetime | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_I.c.status.in_([InboxStatus.RECEIVED.value, InboxStatus.REFUSED.value])]
    if kind is not None:
        alert = func.coalesce(_I.c.kind, "") == ArrivalKind.CASE_ALERT.value
        found.append(alert if kind == CASE_ALERT else ~alert & literal(kind == UNREAD_SUBMISSION))
    if due_before is not None:
        found.append(_I.c.due_at < due_before)
    return found
