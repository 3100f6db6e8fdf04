"""Intake of admission notices, from the first byte to the stay. The bytes are stored before they are read."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from sqlalchemy.orm import Session

from domain.errors import UmpireError, ValidationIssue
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import ArrivalKind, Channel
from intake.admissions.admission_result import AdmissionResult, AdmissionStatus
from intake.admissions.adt_outcome import UMPIRE, AdtOutcome, MemberAssignment
from intake.admissions.interpretation import interpret, waiting_for_stay
from intake.admissions.message_reader import ArrivedAdt, parse_arrival
from intake.receipt import receive_arrival
from interop.hl7.envelope import Envelope, is_terminated, open_envelope
from interop.plain.admission import Admission, as_bytes
from services import access
from services.context import ServiceContext, TemporalUnavailable
from services.stay_events import deliver_event
from store import adt_messages, inbox
from store.adt_messages import AdtStatus
from store.dialect import acquire_named_lock
from store.inbox import InboxItem, InboxStatus

log = logging.getLogger("umpire.intake")


async def receive_hl7(
    services: ServiceContext, raw: bytes, sender: str | None = None, received_at: datetime | None = None
) -> tuple[AdmissionResult, ...]:
    """Store and process an HL7 v2 message or batch; the result of each message, in order.

    Raises Unavailable only when the store itself cannot save the bytes.
    """
    return await _receive(services, raw, Channel.HL7_V2, sender, received_at)


async def enter_admission(services: ServiceContext, admission: Admission, channel: Channel) -> AdmissionResult:
    """Store and process an admission that intake entered by hand. Raises NotOnFile, and Refused for other roles."""
    await services.read(access.require_role, access.ENTER_ADMISSIONS, admission.entered_by)
    return await record_admission(services, admission, channel)


async def record_admission(
    services: ServiceContext, admission: Admission, channel: Channel, received_at: datetime | None = None
) -> AdmissionResult:
    """Store and process an admission that was entered by hand, or that another arrival of `received_at` (UTC) reports."""
    return (await _receive(services, as_bytes(admission), channel, admission.entered_by, received_at))[0]


async def process_item(
    services: ServiceContext, inbox_id: int, settled: MemberAssignment | None = None, again: bool = False
) -> tuple[AdmissionResult, ...]:
    """Do the remaining steps for an arrival. Safe to repeat, at any time and in several processes at once.

    With `settled` a person names the stay's member; with `again` an item that waits for a person is interpreted again.
    """
    item, raw = await services.read(inbox.load, inbox_id)
    batch = await asyncio.to_thread(_open_batch, item, raw)
    if batch is not None:
        split, item_ids = await services.write(_split_batch, inbox_id, batch, services.clock())
        return (_result(split), *[one for item_id in item_ids for one in await process_item(services, item_id)])
    parsed = await _parse(services, item, raw) if _is_read(item, settled, again) else {}
    found = await services.write(
        interpret,
        inbox_id,
        services.clock(),
        services.lobs,
        settled,
        again,
        parsed,
        services.test_messages_live,
        services.relays,
    )
    if found.first is not None:
        return (await _retry_original(services, found, found.first),)
    return (await _deliver(services, found),)


async def assign_member(
    services: ServiceContext, inbox_id: int, settlement: MemberAssignment
) -> tuple[AdmissionResult, ...]:
    """Assign the member whom intake found: process the item, and all other waiting items of the same stay.

    Raises NotOnFile, and Refused for other roles.
    """
    await services.read(access.require_role, access.ENTER_ADMISSIONS, settlement.by)
    outcomes = await process_item(services, inbox_id, settlement)
    stay_id = outcomes[0].stay_id
    if stay_id is None:
        return outcomes
    waiting = await services.read(_open_items_of_stay, stay_id)
    more = [
        one for item_id in waiting if item_id != inbox_id for one in await process_item(services, item_id, settlement)
    ]
    return (*outcomes, *more)


async def _receive(
    services: ServiceContext, raw: bytes, channel: Channel, sender: str | None, received_at: datetime | None
) -> tuple[AdmissionResult, ...]:
    # A sender whose connection breaks off again and again sends the same beginning each time: it is kept once, and counted.
    half_sent = channel is Channel.HL7_V2 and not await asyncio.to_thread(is_terminated, raw)
    item = await receive_arrival(services, raw, received_at, channel, sender, ArrivalKind.ADMISSION, once=half_sent)
    try:
        return await process_item(services, item.inbox_id)
    except UmpireError as error:
        log.warning("inbox item %d stays: %s", item.inbox_id, error)
    except Exception as error:
        # The bytes are stored and a person will see them; the sender gets no error text, which may quote them.
        log.error("inbox item %d stays: %s", item.inbox_id, type(error).__name__)
    says = f"Stored as INBOX-{item.inbox_id}; processing continues automatically."
    return (_result(AdtOutcome(AdmissionStatus.STORED, item, says)),)


def _is_read(item: InboxItem, settled: MemberAssignment | None, again: bool) -> bool:
    """Whether the item will be interpreted now: one that was is not parsed once more."""
    return item.status is InboxStatus.RECEIVED or again or settled is not None


async def _parse(services: ServiceContext, item: InboxItem, raw: bytes) -> dict[int, ArrivedAdt]:
    """The item, parsed, and those that wait for its stay. Outside of any transaction: foreign bytes hold up nobody."""
    arrived = await asyncio.to_thread(parse_arrival, raw, services.relays)
    parsed = {item.inbox_id: arrived}
    for waiting in await services.read(waiting_for_stay, item, arrived):
        _, other = await services.read(inbox.load, waiting)
        parsed[waiting] = await asyncio.to_thread(parse_arrival, other, services.relays)
    return parsed


def _open_batch(item: InboxItem, raw: bytes) -> Envelope | None:
    """The envelope of a batch; None for a single message."""
    envelope = open_envelope(raw) if item.channel is Channel.HL7_V2 else None
    return envelope if envelope is not None and envelope.is_batch else None


def _split_batch(s: Session, inbox_id: int, envelope: Envelope, at: datetime) -> tuple[AdtOutcome, tuple[int, ...]]:
    """Split a batch, once: each message becomes an inbox item, all in one transaction."""
    acquire_named_lock(s, f"batch:{inbox_id}")
    item = inbox.get(s, inbox_id)
    sender = f"{item.sender or 'batch'}, INBOX-{inbox_id}"
    is_new = item.status is InboxStatus.RECEIVED
    if is_new:
        for one in envelope.messages:
            inbox.receive(s, one, item.received_at, item.channel, sender, kind=ArrivalKind.ADMISSION)
    made = tuple(one.inbox_id for one in inbox.of_sender(s, sender))
    note = f"A batch of {count_phrase(len(made), 'message')}" + (
        f": INBOX-{made[0]} to INBOX-{made[-1]}." if made else "."
    )
    if not is_new:
        pass  # another process was faster; its messages are the same ones
    elif envelope.problems:
        item = inbox.reject(s, inbox_id, envelope.problems)
    else:
        item = inbox.resolve(s, inbox_id, UMPIRE, note, at)
    kind = AdmissionStatus.NEEDS_PERSON if envelope.problems else AdmissionStatus.SPLIT
    return AdtOutcome(kind, item, note, problems=envelope.problems), made


async def _deliver(services: ServiceContext, found: AdtOutcome) -> AdmissionResult:
    if found.event_id is None:
        return _result(found)
    try:
        problems = await deliver_event(services, found.event_id)
    except TemporalUnavailable as away:
        says = f"{found.says} The stay gets it when Temporal is back. The receipt time stands. {away}"
        return _result(found, AdmissionStatus.STORED, says)
    if problems:
        says = f"Not delivered; it is stored as INBOX-{found.item.inbox_id} for intake to review."
        return _result(found, AdmissionStatus.NEEDS_PERSON, says, problems)
    return _result(found)


async def _retry_original(services: ServiceContext, found: AdtOutcome, first: int) -> AdmissionResult:
    """Process the original of a repeated message again, which still waits for a person, and return its status."""
    outcome = (await process_item(services, first, again=True))[0]
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


def _open_items_of_stay(s: Session, stay_id: str) -> tuple[int, ...]:
    return tuple(row.inbox_id for row in adt_messages.of_stay(s, stay_id) if row.status is AdtStatus.OPEN)
