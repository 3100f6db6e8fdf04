"""Reader of ADT messages, with the directory's time zone for times without an offset."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.stays.adt import AdtMessage
from interop.hl7.adt import read_adt
from interop.plain.admission import is_admission, read_admission
from store import directory
from store.inbox import InboxItem


def read_adt_message(s: Session, item: InboxItem, raw: bytes, member_id: str | None) -> AdtMessage:
    """Read the message, its times in the facility's zone where the directory has it, else in the member's (None: not known).

    Raises NotReadable.
    """
    if is_admission(raw):
        return read_admission(raw, item.received_at)
    message = read_adt(raw, item.received_at, None, _member_zone(s, member_id, item.received_at))
    facility = directory.provider(s, message.facility_npi) if message.facility_npi else None
    if facility is None or facility.zone is None:
        return message
    return read_adt(raw, item.received_at, ZoneInfo(facility.zone), _member_zone(s, member_id, item.received_at))


def _member_zone(s: Session, member_id: str | None, at: datetime) -> ZoneInfo | None:
    if member_id is None:
        return None
    coverage = directory.coverage_on(s, member_id, at.date()) or next(iter(directory.coverages(s, member_id)), None)
    return ZoneInfo(coverage.zone) if coverage is not None else None
