"""Inbox of arrivals, stored byte for byte with their receipt instant before anything reads them.

received ─ read ─▶ accepted (belongs to a case) ─ workflow has it ─▶ started_at
        └─ not readable ─▶ refused (a task for intake) ─▶ resolved by a person
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Row, Select, String, bindparam, cast, insert, select, update
from sqlalchemy.orm import Session

from domain.errors import Corrupt, NotOnFile, Refused, RuleViolation, ValidationIssue
from domain.model import Model
from domain.vocabulary import ArrivalKind, Channel
from store import tables
from store.dialect import acquire_named_lock

READ_WITHIN = timedelta(hours=4)
"""Time within which a person reviews an unreadable arrival: clocks run from receipt, so it cannot wait for a day."""

SYSTEM = "umpire"
"""The name under which an item that joined another is settled: no person did it."""

_I = tables.inbox
_COLUMNS = tuple(column for column in _I.columns if column.name != "raw")
_BY_ID = select(*_COLUMNS).where(_I.c.inbox_id == bindparam("inbox_id"))
_RAW = select(_I.c.raw).where(_I.c.inbox_id == bindparam("inbox_id"))
_LATEST = select(_I.c.received_at).order_by(_I.c.inbox_id.desc()).limit(1)
_NEW = insert(_I).returning(*_COLUMNS)
_BEFORE = select(*_COLUMNS).where(_I.c.status == bindparam("status")).order_by(_I.c.inbox_id)
_OF_KIND = _BEFORE.where(_I.c.kind == bindparam("kind"))
_OF_NO_KIND = _BEFORE.where(_I.c.kind.is_(None))
_EARLIER = _I.c.inbox_id < bindparam("inbox_id")
_EARLIER_RECEIPT = (_I.c.inbox_id != bindparam("inbox_id")) & (_I.c.received_at <= bindparam("received_at"))
_REJECTED_BEFORE = (_OF_KIND.where(_EARLIER), _OF_NO_KIND.where(_EARLIER))
_UNREAD_BEFORE = (_OF_KIND.where(_EARLIER_RECEIPT), _OF_NO_KIND.where(_EARLIER_RECEIPT))


class InboxStatus(StrEnum):
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RESOLVED = "resolved"


class InboxItem(Model):
    """One arrival. Instants are UTC; intake must review it by `due_at` unless it was accepted. `kind` is None only for an
    arrival from before kinds were stored. `times_received` counts the receipts of bytes that are kept once; None is one."""

    inbox_id: int
    sha256: str
    size_bytes: int
    received_at: AwareDatetime
    channel: Channel
    sender: str | None
    status: InboxStatus
    due_at: AwareDatetime
    case_id: str | None = None
    request_version: int | None = None
    started_at: AwareDatetime | None = None
    problems: tuple[ValidationIssue, ...] = ()
    resolved_by: str | None = None
    resolved_at: AwareDatetime | None = None
    note: str | None = None
    kind: ArrivalKind | None = None
    failed_attempts: int | None = None
    times_received: int | None = None

    @property
    def is_open(self) -> bool:
        return self.status in (InboxStatus.RECEIVED, InboxStatus.REFUSED)


def receive(
    s: Session,
    raw: bytes,
    received_at: datetime,
    channel: Channel,
    sender: str | None = None,
    *,
    kind: ArrivalKind,
    read_within: timedelta = READ_WITHIN,
) -> InboxItem:
    """Store the bytes as a new item, whatever they are: the same bytes twice are two arrivals."""
    values = {
        "sha256": hashlib.sha256(raw).hexdigest(),
        "raw": raw,
        "size_bytes": len(raw),
        "received_at": received_at,
        "channel": channel.value,
        "sender": sender,
        "status": InboxStatus.RECEIVED.value,
        "due_at": received_at + read_within,
        "problems": [],
        "kind": kind.value,
    }
    return _item(s.execute(_NEW, values).one())


def alert(s: Session, words: str, at: datetime, problem: ValidationIssue) -> InboxItem | None:
    """Put Umpire's own word about a case before people, as an item that intake has to see to; None when it was put there
    before, be it open or settled. `words` are what makes it the same."""
    raw = words.encode()
    acquire_named_lock(s, words)
    known = (_I.c.sha256 == hashlib.sha256(raw).hexdigest()) & (_I.c.kind == ArrivalKind.CASE_ALERT.value)
    if _items(s, known, _I.c.inbox_id):
        return None
    item = receive(s, raw, at, Channel.COMMAND_LINE, "umpire", kind=ArrivalKind.CASE_ALERT)
    return reject(s, item.inbox_id, (problem,))


def count_receipt(s: Session, sha256: str, sender: str | None, kind: ArrivalKind) -> InboxItem | None:
    """Count one more receipt of the same bytes from the same sender, while the item that has them is open; None when there is
    no such item. For what has to be sent again anyway: the bytes and their first receipt stay as they are."""
    open_states = [InboxStatus.RECEIVED.value, InboxStatus.REFUSED.value]
    same = (_I.c.sha256 == sha256) & (_I.c.sender == sender) & (_I.c.kind == kind.value) & _I.c.status.in_(open_states)
    known = next(iter(_items(s, same, _I.c.inbox_id)), None)
    return _set(s, known.inbox_id, times_received=(known.times_received or 1) + 1) if known is not None else None


def latest_receipt(s: Session) -> datetime | None:
    """The receipt (UTC) of the last arrival."""
    return s.execute(_LATEST).scalar_one_or_none()


def get(s: Session, inbox_id: int) -> InboxItem:
    """The item. Raises NotOnFile when there is none."""
    row = s.execute(_BY_ID, {"inbox_id": inbox_id}).first()
    if row is None:
        raise not_on_file(inbox_id)
    return _item(row)


def raw(s: Session, inbox_id: int) -> bytes:
    """The bytes as they arrived. Raises NotOnFile when there is no such item."""
    content = s.execute(_RAW, {"inbox_id": inbox_id}).scalar_one_or_none()
    if content is None:
        raise not_on_file(inbox_id)
    return bytes(content)


def load(s: Session, inbox_id: int) -> tuple[InboxItem, bytes]:
    """The item and its bytes. Raises NotOnFile when there is no such item."""
    return get(s, inbox_id), raw(s, inbox_id)


def accept(s: Session, inbox_id: int, case_id: str, request_version: int) -> InboxItem:
    """Mark the item as part of a case; it still has to be sent to the case's workflow (`unstarted`).

    The same call again changes nothing; an item that was resolved, or belongs to another case, raises Corrupt.
    """
    item = get(s, inbox_id)
    if item.status is InboxStatus.ACCEPTED:
        if (item.case_id, item.request_version) != (case_id, request_version):
            raise Corrupt(f"inbox item {inbox_id} was accepted for {item.case_id} before")
        return item
    _expect(item, InboxStatus.RECEIVED, InboxStatus.REFUSED)
    return _set(s, inbox_id, status="accepted", case_id=case_id, request_version=request_version, problems=[])


def reject(s: Session, inbox_id: int, problems: Sequence[ValidationIssue]) -> InboxItem:
    """Reject an item that could not be read, for these reasons. It stays, as a task for intake."""
    _expect(get(s, inbox_id), InboxStatus.RECEIVED, InboxStatus.REFUSED)
    return _set(s, inbox_id, status="refused", problems=[problem.model_dump(mode="json") for problem in problems])


def return_to_intake(s: Session, inbox_id: int, problems: Sequence[ValidationIssue]) -> InboxItem:
    """Turn an accepted item into a task for intake, because its case ended before the item could be sent to it."""
    item = get(s, inbox_id)
    _expect(item, InboxStatus.ACCEPTED)
    if item.started_at is not None:
        raise Corrupt(f"inbox item {inbox_id} was told to {item.case_id}")
    found = [problem.model_dump(mode="json") for problem in problems]
    return _set(s, inbox_id, status="refused", case_id=None, request_version=None, problems=found)


def resolve(s: Session, inbox_id: int, by: str, note: str, at: datetime) -> InboxItem:
    """Record that a person resolved an unreadable item. Raises Refused for an item that is not open."""
    item = get(s, inbox_id)
    if item.status is InboxStatus.RESOLVED and item.resolved_by == by:
        return item
    if not item.is_open:
        message, way_out = f"Inbox item {inbox_id} is {item.status.value}.", "Only open items are resolved."
        raise Refused((RuleViolation(rule="inbox.open", message=message, way_out=way_out),))
    return _set(s, inbox_id, status="resolved", resolved_by=by, resolved_at=at, note=note)


def join(s: Session, inbox_id: int, first_id: int, at: datetime) -> InboxItem | None:
    """Join a rejected item to an earlier one that is open: its bytes stay, its task ends, and the earlier one counts it. The
    earlier one; None where either was settled meanwhile."""
    first, item = get(s, first_id), get(s, inbox_id)
    if first.status is not InboxStatus.REFUSED or item.status is not InboxStatus.REFUSED:
        return None
    note = f"The same document is INBOX-{first_id}."
    _set(s, inbox_id, status="resolved", resolved_by=SYSTEM, resolved_at=at, note=note, problems=[])
    return _set(s, first_id, times_received=(first.times_received or 1) + 1)


def settle_earlier(s: Session, item: InboxItem, case_id: str, at: datetime) -> None:
    """Settle rejected items with the bytes of this one, which became a case: the directory knew more by then."""
    for one in rejected_before(s, item):
        if one.sha256 == item.sha256:
            note = f"The same document became case {case_id} as INBOX-{item.inbox_id}."
            _set(s, one.inbox_id, status="resolved", resolved_by=SYSTEM, resolved_at=at, note=note)


def rejected_before(s: Session, item: InboxItem) -> tuple[InboxItem, ...]:
    """Rejected arrivals of the same kind that came before this one and wait for a person, oldest first."""
    return _before(s, _REJECTED_BEFORE, InboxStatus.REFUSED, item)


def accept_and_mark_started(s: Session, inbox_id: int, case_id: str, request_version: int, at: datetime) -> InboxItem:
    """Mark the item as part of a case whose workflow has it."""
    accept(s, inbox_id, case_id, request_version)
    return mark_started(s, inbox_id, at)


def set_kind(s: Session, inbox_id: int, kind: ArrivalKind) -> InboxItem:
    """Set the kind of an arrival from before kinds were stored. A kind that is set stays."""
    item = get(s, inbox_id)
    return item if item.kind is not None else _set(s, inbox_id, kind=kind.value)


def count_failure(s: Session, inbox_id: int, most: int, problems: Sequence[ValidationIssue]) -> InboxItem:
    """Count an unexpected failure of an item's processing. An unread item that failed `most` times is rejected for these
    reasons: it is a task for intake then, and not tried again."""
    item = get(s, inbox_id)
    failed = (item.failed_attempts or 0) + 1
    item = _set(s, inbox_id, failed_attempts=failed)
    return reject(s, inbox_id, problems) if failed >= most and item.status is InboxStatus.RECEIVED else item


def mark_started(s: Session, inbox_id: int, at: datetime) -> InboxItem:
    """Record that the case's workflow has the item. The first instant stays."""
    item = get(s, inbox_id)
    _expect(item, InboxStatus.ACCEPTED)
    return item if item.started_at else _set(s, inbox_id, started_at=at)


def list_open(s: Session) -> tuple[InboxItem, ...]:
    """Items that belong to no case yet, earliest due first: unread and rejected ones."""
    open_states = [InboxStatus.RECEIVED.value, InboxStatus.REFUSED.value]
    return _items(s, _I.c.status.in_(open_states), _I.c.due_at)


def unread(s: Session) -> tuple[InboxItem, ...]:
    """Items that are not read yet, oldest first: the process that received them may have died."""
    return _items(s, _I.c.status == InboxStatus.RECEIVED.value, _I.c.inbox_id)


def unread_before(s: Session, item: InboxItem) -> tuple[InboxItem, ...]:
    """Unread arrivals of the same kind that came before this one, oldest first."""
    found = _before(s, _UNREAD_BEFORE, InboxStatus.RECEIVED, item)
    return tuple(sorted(found, key=lambda earlier: (earlier.received_at, earlier.inbox_id)))


def unstarted(s: Session) -> tuple[InboxItem, ...]:
    """Accepted items that were not sent to their workflow yet, oldest first."""
    waiting = (_I.c.status == InboxStatus.ACCEPTED.value) & _I.c.started_at.is_(None)
    return _items(s, waiting, _I.c.inbox_id)


def started_cases(s: Session, before: datetime) -> tuple[str, ...]:
    """The cases that were started for an arrival before then (UTC), in order."""
    query = select(_I.c.case_id).where(_I.c.started_at < before, _I.c.case_id.is_not(None)).distinct()
    return tuple(s.scalars(query.order_by(_I.c.case_id)))


def of_sender(s: Session, sender: str) -> tuple[InboxItem, ...]:
    """Every arrival from exactly this sender, in order of arrival."""
    return _items(s, _I.c.sender == sender, _I.c.inbox_id)


def of_case(s: Session, case_id: str) -> tuple[InboxItem, ...]:
    """Every arrival that became part of the case, in order of arrival."""
    return _items(s, _I.c.case_id == case_id, _I.c.inbox_id)


def proposals(s: Session, case_id: str) -> tuple[InboxItem, ...]:
    """The arrivals that would have changed the case and were not from whom may, in order of arrival: open, or settled by
    intake."""
    kept = _I.c.status.in_([InboxStatus.REFUSED.value, InboxStatus.RESOLVED.value])
    found = _items(s, kept & cast(_I.c.problems, String).contains(case_id, autoescape=True), _I.c.inbox_id)
    return tuple(item for item in found if any(problem.about_case == case_id for problem in item.problems))


def _items(s: Session, condition: Any, order: Any) -> tuple[InboxItem, ...]:
    query = select(*_COLUMNS).where(condition).order_by(order, _I.c.inbox_id)
    return tuple(_item(row) for row in s.execute(query))


def _before(
    s: Session, queries: tuple[Select[Any], Select[Any]], status: InboxStatus, item: InboxItem
) -> tuple[InboxItem, ...]:
    """The arrivals of this status and of the item's kind that came before it; `queries` are for a kind and for none."""
    given = {"status": status.value, "inbox_id": item.inbox_id, "received_at": item.received_at}
    if item.kind is None:
        return tuple(_item(row) for row in s.execute(queries[1], given))
    return tuple(_item(row) for row in s.execute(queries[0], given | {"kind": item.kind.value}))


def _set(s: Session, inbox_id: int, **values: Any) -> InboxItem:
    changed = update(_I).where(_I.c.inbox_id == inbox_id).values(**values).returning(*_COLUMNS)
    row = s.execute(changed).first()
    if row is None:
        raise not_on_file(inbox_id)
    return _item(row)


def _expect(item: InboxItem, *allowed: InboxStatus) -> None:
    if item.status not in allowed:
        wanted = " or ".join(status.value for status in allowed)
        raise Corrupt(f"inbox item {item.inbox_id} is {item.status.value}, not {wanted}")


def _item(row: Row[Any]) -> InboxItem:
    return InboxItem.model_validate(row._asdict())


def not_on_file(inbox_id: int) -> NotOnFile:
    return NotOnFile(f"There is no inbox item {inbox_id}.", "List the open ones with 'umpire inbox'.")
