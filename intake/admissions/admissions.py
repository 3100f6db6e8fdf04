"""Intake of admission notices, from the first byte to the stay. The bytes are stored before they are read."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from sqlalchemy.orm import Session

from domain.errors import UmpireError, ValidationIssue
from domain.vocabulary import Channel
from intake.admissions.admission_result import AdmissionResult, AdmissionStatus
from intake.admissions.adt_outcome import UMPIRE, AdtOutcome, MemberAssignment
from intake.admissions.interpretation import interpret
from interop.hl7.envelope import open_envelope
from interop.plain.admission import Admission, as_bytes, is_admission
from services import access
from services.context import ServiceContext, TemporalUnavailable
from services.stay_events import deliver_event
from store import adt_messages, inbox
from store.adt_messages import AdtStatus
from store.dialect import acquire_named_lock
from store.inbox import InboxItem, InboxStatus

log = logging.getLogger("umpire.intake")


async def receive_hl7(
    desk: ServiceContext, raw: bytes, sender: str | None = None, received_at: datetime | None = None
) -> tuple[AdmissionResult, ...]:
    """Store and process an HL7 v2 message or batch; the result of each message, in order.

    Raises Unavailable only when the store itself cannot save the bytes.
    """
    return await _receive(desk, raw, Channel.HL7_V2, sender, received_at)


async def enter_admission(desk: ServiceContext, admission: Admission, channel: Channel) -> AdmissionResult:
    """Store and process an admission that intake entered by hand. Raises NotOnFile, and Refused for other roles."""
    await asyncio.to_thread(_require_intake, desk, admission.entered_by)
    return await record_admission(desk, admission, channel)


async def record_admission(desk: ServiceContext, admission: Admission, channel: Channel) -> AdmissionResult:
    """Store and process an admission that was entered by hand or that another arrival reports."""
    return (await _receive(desk, as_bytes(admission), channel, admission.entered_by, None))[0]


async def process_item(
    desk: ServiceContext, inbox_id: int, settled: MemberAssignment | None = None, again: bool = False
) -> tuple[AdmissionResult, ...]:
    """Do the remaining steps for an arrival. Safe to repeat, at any time and in several processes at once.

    With `settled` a person names the stay's member; with `again` an item that waits for a person is interpreted again.
    """
    parts = await asyncio.to_thread(_split_batch, desk, inbox_id)
    if parts is not None:
        envelope, item_ids = parts
        return (envelope, *[one for item_id in item_ids for one in await process_item(desk, item_id)])
    found = await asyncio.to_thread(
        interpret, desk.store, inbox_id, desk.clock(), desk.lobs, settled, again or settled is not None
    )
    if found.first is not None:
        return (await _retry_original(desk, found, found.first),)
    return (await _deliver(desk, found),)


async def assign_member(
    desk: ServiceContext, inbox_id: int, settlement: MemberAssignment
) -> tuple[AdmissionResult, ...]:
    """Assign the member whom intake found: process the item, and all other waiting items of the same stay.

    Raises NotOnFile, and Refused for other roles.
    """
    await asyncio.to_thread(_require_intake, desk, settlement.by)
    outcomes = await process_item(desk, inbox_id, settlement)
    stay_id = outcomes[0].stay_id
    if stay_id is None:
        return outcomes
    waiting = await asyncio.to_thread(_open_items_of_stay, desk, stay_id)
    more = [one for item_id in waiting if item_id != inbox_id for one in await process_item(desk, item_id, settlement)]
    return (*outcomes, *more)


async def resume(desk: ServiceContext) -> tuple[AdmissionResult, ...]:
    """Process every unread message and every undelivered event, oldest first; the result of each.

    An item that fails does not stop the others; it is tried again the next time.
    """
    done: list[AdmissionResult] = []
    unread, untold = await asyncio.to_thread(_unfinished_items, desk)
    for inbox_id in (*unread, *untold):
        try:
            outcomes = await process_item(desk, inbox_id)
            done += outcomes
            if inbox_id in untold and outcomes[-1].kind is AdmissionStatus.STORED:
                break  # Temporal is unavailable: the other items would each only wait for it
        except UmpireError as error:
            log.warning("inbox item %d stays: %s", inbox_id, error)
        except Exception as error:
            # An error in one message must not stop the others; its text may quote the message.
            log.error("inbox item %d stays: %s", inbox_id, type(error).__name__)
    return tuple(done)


def is_admission_notice(s: Session, item: InboxItem) -> bool:
    """Whether an arrival is an admission notice and not a request."""
    return item.channel is Channel.HL7_V2 or is_admission(inbox.raw(s, item.inbox_id))


async def _receive(
    desk: ServiceContext, raw: bytes, channel: Channel, sender: str | None, received_at: datetime | None
) -> tuple[AdmissionResult, ...]:
    item = await asyncio.to_thread(_store_arrival, desk, raw, channel, sender, received_at or desk.clock())
    try:
        return await process_item(desk, item.inbox_id)
    except UmpireError as error:
        log.warning("inbox item %d stays: %s", item.inbox_id, error)
    except Exception as error:
        # The bytes are stored and a person will see them; the sender gets no error text, which may quote them.
        log.error("inbox item %d stays: %s", item.inbox_id, type(error).__name__)
    says = f"Stored as INBOX-{item.inbox_id}; processing continues automatically."
    return (_result(AdtOutcome(AdmissionStatus.STORED, item, says)),)


def _store_arrival(desk: ServiceContext, raw: bytes, channel: Channel, sender: str | None, at: datetime) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.receive(s, raw, at, channel, sender)


def _split_batch(desk: ServiceContext, inbox_id: int) -> tuple[AdmissionResult, tuple[int, ...]] | None:
    """Split a batch, once: each message becomes an inbox item, all in one transaction. None for a single message."""
    with desk.store.read() as s:
        item, raw = inbox.get(s, inbox_id), inbox.raw(s, inbox_id)
    if item.channel is not Channel.HL7_V2:
        return None
    envelope = open_envelope(raw)
    if not envelope.is_batch:
        return None
    sender = f"{item.sender or 'batch'}, INBOX-{inbox_id}"
    with desk.store.begin() as s:
        acquire_named_lock(s, f"batch:{inbox_id}")
        item = inbox.get(s, inbox_id)
        is_new = item.status is InboxStatus.RECEIVED
        if is_new:
            for one in envelope.messages:
                inbox.receive(s, one, item.received_at, item.channel, sender)
        made = [one.inbox_id for one in inbox.of_sender(s, sender)]
        note = f"A batch of {len(made)} message(s)" + (f": INBOX-{made[0]} to INBOX-{made[-1]}." if made else ".")
        if not is_new:
            pass  # another process was faster; its messages are the same ones
        elif envelope.problems:
            inbox.reject(s, inbox_id, envelope.problems)
        else:
            inbox.resolve(s, inbox_id, UMPIRE, note, desk.clock())
        kind = AdmissionStatus.NEEDS_PERSON if envelope.problems else AdmissionStatus.SPLIT
        found = AdtOutcome(kind, inbox.get(s, inbox_id), note, problems=envelope.problems)
    return _result(found), tuple(made)


async def _deliver(desk: ServiceContext, found: AdtOutcome) -> AdmissionResult:
    if found.event_id is None:
        return _result(found)
    try:
        problems = await deliver_event(desk, found.event_id)
    except TemporalUnavailable as away:
        says = f"{found.says} The stay gets it when Temporal is back. The receipt time stands. {away}"
        return _result(found, AdmissionStatus.STORED, says)
    if problems:
        says = f"Not delivered; it is stored as INBOX-{found.item.inbox_id} for intake to review."
        return _result(found, AdmissionStatus.NEEDS_PERSON, says, problems)
    return _result(found)


async def _retry_original(desk: ServiceContext, found: AdtOutcome, first: int) -> AdmissionResult:
    """Process the original of a repeated message again, which still waits for a person, and return its status."""
    outcome = (await process_item(desk, first, again=True))[0]
    if outcome.kind in (AdmissionStatus.NEEDS_PERSON, AdmissionStatus.REJECTED):
        return _result(found, outcome.kind, found.says, outcome.problems)
    return _result(found, says=f"{found.says} {outcome.says}")


def _result(
    found: AdtOutcome,
    kind: AdmissionStatus | None = None,
    says: str | None = None,
    problems: tuple[ValidationIssue, ...] | None = None,
) -> AdmissionResult:
    return AdmissionResult(
        kind=kind or found.kind,
        inbox_id=found.item.inbox_id,
        received_at=found.item.received_at,
        control_id=found.message.control_id if found.message else None,
        trigger=found.message.trigger if found.message else None,
        stay_id=found.stay_id,
        event_id=found.message.event.event_id if found.message else None,
        says=says or found.says,
        problems=found.problems if problems is None else problems,
        notes=found.notes,
    )


def _require_intake(desk: ServiceContext, reviewer_id: str) -> None:
    with desk.store.read() as s:
        access.require_role(s, access.ENTER_ADMISSIONS, reviewer_id)


def _open_items_of_stay(desk: ServiceContext, stay_id: str) -> tuple[int, ...]:
    with desk.store.read() as s:
        return tuple(row.inbox_id for row in adt_messages.of_stay(s, stay_id) if row.status is AdtStatus.OPEN)


def _unfinished_items(desk: ServiceContext) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Unread items, and items with undelivered events, in the order of the events."""
    with desk.store.read() as s:
        unread = tuple(item.inbox_id for item in inbox.unread(s) if is_admission_notice(s, item))
        return unread, tuple(row.inbox_id for row in adt_messages.pending(s))
