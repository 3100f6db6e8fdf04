"""The receipt of an arrival: its bytes are stored with the instant at which they came, before anything reads them.

Clocks of law run from that instant, so it is taken where all machines have the same one: from the database server, if there is
one. The clock of the machine at the door counts only for a store that has no server.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.errors import NotReadable, Refused, violation
from domain.vocabulary import ArrivalKind, Channel
from services.context import ServiceContext
from store import dialect, inbox
from store.inbox import InboxItem

SKEW = timedelta(seconds=60)
"""The time by which clocks may differ without anybody being told."""

log = logging.getLogger("umpire.intake")


async def receive_arrival(
    services: ServiceContext,
    raw: bytes,
    received_at: datetime | None,
    channel: Channel,
    sender: str | None,
    kind: ArrivalKind,
    *,
    once: bool = False,
) -> InboxItem:
    """Store an arrival of `received_at` (UTC; the store's own instant unless given). With `once`, bytes that wait in an open
    item of the sender are not stored anew: one more receipt of that item is counted.

    Raises Refused for a receipt in the future, and Unavailable when the store cannot save the bytes.
    """
    return await services.write(_receive, services.clock(), raw, received_at, channel, sender, kind, once)


async def first_receipt(
    services: ServiceContext, item: InboxItem, is_same: Callable[[bytes, InboxItem], bool]
) -> datetime:
    """The earliest instant (UTC) at which this content was kept: by this item, by an earlier one of its kind that nobody has
    read since its reader died, or by one that waits for a person with the same bytes. `is_same` tells whether the bytes of an
    earlier item are the same content."""
    return await services.read(_first_receipt, item, is_same)


def _first_receipt(s: Session, item: InboxItem, is_same: Callable[[bytes, InboxItem], bool]) -> datetime:
    waiting = inbox.rejected_before(s, item)
    rejected = [one.received_at for one in waiting if one.sha256 == item.sha256 and one.received_at <= item.received_at]
    if rejected:  # the same bytes were sent and kept: that the directory knew less then moves no clock
        return min(rejected)
    for earlier in inbox.unread_before(s, item):
        try:
            if is_same(inbox.raw(s, earlier.inbox_id), earlier):
                return earlier.received_at
        except NotReadable:
            continue
    return item.received_at


def _receive(
    s: Session,
    machine: datetime,
    raw: bytes,
    received_at: datetime | None,
    channel: Channel,
    sender: str | None,
    kind: ArrivalKind,
    once: bool,
) -> InboxItem:
    now = dialect.server_instant(s) or machine
    if received_at is not None and received_at > now:
        message = "The time of receipt is in the future."
        raise Refused((violation("intake.received_at", message, "Give the time of arrival."),))
    _remark_on_clock(s, machine, now)
    if once:
        digest = hashlib.sha256(raw).hexdigest()
        dialect.acquire_named_lock(s, f"receipt:{digest}")
        if (known := inbox.count_receipt(s, digest, sender, kind)) is not None:
            return known
    return inbox.receive(s, raw, received_at or now, channel, sender, kind=kind)


def _remark_on_clock(s: Session, machine: datetime, now: datetime) -> None:
    """Say that this machine's clock is wrong: against the server's, or behind a receipt that is stored already."""
    if abs(machine - now) > SKEW:
        log.warning("this machine's clock differs from the database server's by %s; the server's counts", machine - now)
    latest = inbox.latest_receipt(s)
    if latest is not None and latest - now > SKEW:
        log.warning("an earlier arrival is stored as received %s after now: a clock was, or is, wrong", latest - now)
