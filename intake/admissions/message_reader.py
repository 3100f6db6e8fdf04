"""Reader of ADT messages, with the directory's time zone for times without an offset."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.errors import NotReadable
from domain.stays.adt import AdtMessage
from interop.hl7.adt import ParsedAdt, parse_adt
from interop.plain.admission import is_admission, read_admission
from store import directory
from store.inbox import InboxItem


@dataclass(frozen=True)
class ArrivedAdt:
    """An item's bytes, parsed and hashed before any transaction that writes. `wrong` is why they cannot be read."""

    raw: bytes
    parsed: ParsedAdt | None
    sha256: str
    wrong: NotReadable | None = None


def parse_arrival(raw: bytes, relays: frozenset[str] = frozenset()) -> ArrivedAdt:
    """Parse the bytes of an item: all the work that grows with them. `relays` are senders that send for other facilities."""
    if is_admission(raw):
        return ArrivedAdt(raw, None, hashlib.sha256(raw).hexdigest())
    try:
        parsed = parse_adt(raw, relays)
    except NotReadable as wrong:
        return ArrivedAdt(raw, None, hashlib.sha256(raw).hexdigest(), wrong)
    return ArrivedAdt(raw, parsed, parsed.sha256)


def read_adt_message(s: Session, item: InboxItem, arrived: ArrivedAdt, member_id: str | None) -> AdtMessage:
    """Read the message, its times in the facility's zone where the directory has it, else in the member's (None: not known).

    Raises NotReadable.
    """
    if arrived.wrong is not None:
        raise arrived.wrong
    if arrived.parsed is None:
        return _with_arrival(read_admission(arrived.raw, item.received_at), item)
    member_zone = _member_zone(s, member_id, item.received_at)
    message = arrived.parsed.read(item.received_at, None, member_zone)
    facility = directory.provider(s, message.facility_npi) if message.facility_npi else None
    if facility is not None and facility.zone is not None:
        message = arrived.parsed.read(item.received_at, ZoneInfo(facility.zone), member_zone)
    return _with_arrival(message, item)


def _with_arrival(message: AdtMessage, item: InboxItem) -> AdtMessage:
    """The message with its place in the order of arrival, which settles what happened at the same moment."""
    return message.model_copy(update={"event": message.event.model_copy(update={"arrival": item.inbox_id})})


def _member_zone(s: Session, member_id: str | None, at: datetime) -> ZoneInfo | None:
    if member_id is None:
        return None
    coverage = directory.coverage_on(s, member_id, at.date()) or next(iter(directory.coverages(s, member_id)), None)
    return ZoneInfo(coverage.zone) if coverage is not None else None
