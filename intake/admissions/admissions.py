"""Admission notices from their first byte to the stay that hears of them. The bytes are kept before anything reads them."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from sqlalchemy.orm import Session

from domain.errors import Problem, UmpireError
from domain.vocabulary import Channel
from intake.admissions.interpretation import understand
from intake.admissions.meaning import UMPIRE, Settlement, Understood
from intake.admissions.outcome import AdmissionKind, AdmissionOutcome
from interop.hl7.envelope import opened
from interop.plain.admission import Admission, as_bytes, is_admission
from services.context import Desk, EngineDown
from services.stay_events import tell_of
from store import adt_messages, inbox
from store.adt_messages import AdtStatus
from store.dialect import hold
from store.inbox import InboxItem, InboxStatus

log = logging.getLogger("umpire.intake")


async def receive(
    desk: Desk, raw: bytes, sender: str | None = None, received_at: datetime | None = None
) -> tuple[AdmissionOutcome, ...]:
    """Take in what arrived as HL7 v2, and say what became of each message in it (of a batch, in its order).

    Raises Unavailable only when the store itself cannot keep the bytes.
    """
    return await _take_in(desk, raw, Channel.HL7_V2, sender, received_at)


async def enter(desk: Desk, admission: Admission, channel: Channel) -> AdmissionOutcome:
    """Take in what somebody entered by hand from what came by this channel."""
    return (await _take_in(desk, as_bytes(admission), channel, admission.entered_by, None))[0]


async def carry_on(
    desk: Desk, inbox_id: int, settled: Settlement | None = None, again: bool = False
) -> tuple[AdmissionOutcome, ...]:
    """Do what is left to do for an arrival. Safe to repeat, at any time and in several processes at once.

    With `settled` a person says whose stay it is; with `again` an item that waits for a person is looked at anew.
    """
    parts = await asyncio.to_thread(_split, desk, inbox_id)
    if parts is not None:
        envelope, item_ids = parts
        return (envelope, *[one for item_id in item_ids for one in await carry_on(desk, item_id)])
    found = await asyncio.to_thread(
        understand, desk.store, inbox_id, desk.clock(), desk.lobs, settled, again or settled is not None
    )
    if found.first is not None:
        return (await _once_more(desk, found, found.first),)
    return (await _told(desk, found),)


async def settle(desk: Desk, inbox_id: int, settlement: Settlement) -> tuple[AdmissionOutcome, ...]:
    """A person found the member: the item goes on, and so does whatever else waited of the same stay."""
    outcomes = await carry_on(desk, inbox_id, settlement)
    stay_id = outcomes[0].stay_id
    if stay_id is None:
        return outcomes
    waiting = await asyncio.to_thread(_open_of_stay, desk, stay_id)
    more = [one for item_id in waiting if item_id != inbox_id for one in await carry_on(desk, item_id, settlement)]
    return (*outcomes, *more)


async def resume(desk: Desk) -> tuple[AdmissionOutcome, ...]:
    """Carry on with every message that is unread and every stay that was not told, oldest first; what became of each.

    One that fails does not stop the others; it stays, and is tried again the next time.
    """
    done: list[AdmissionOutcome] = []
    unread, untold = await asyncio.to_thread(_left, desk)
    for inbox_id in (*unread, *untold):
        try:
            outcomes = await carry_on(desk, inbox_id)
            done += outcomes
            if inbox_id in untold and outcomes[-1].kind is AdmissionKind.KEPT:
                break  # the engine is away: the others would only wait for it, one after the other
        except UmpireError as error:
            log.warning("inbox item %d stays: %s", inbox_id, error)
        except Exception as error:
            # Whatever is wrong with one message must not keep the others from their stays; its text may quote it.
            log.error("inbox item %d stays: %s", inbox_id, type(error).__name__)
    return tuple(done)


def is_about_a_stay(s: Session, item: InboxItem) -> bool:
    """Whether an arrival goes this way and not the way of requests."""
    return item.channel is Channel.HL7_V2 or is_admission(inbox.raw(s, item.inbox_id))


async def _take_in(
    desk: Desk, raw: bytes, channel: Channel, sender: str | None, received_at: datetime | None
) -> tuple[AdmissionOutcome, ...]:
    item = await asyncio.to_thread(_keep, desk, raw, channel, sender, received_at or desk.clock())
    try:
        return await carry_on(desk, item.inbox_id)
    except UmpireError as error:
        log.warning("inbox item %d stays: %s", item.inbox_id, error)
    except Exception as error:
        # The bytes are kept and a person will see them; the sender hears that, and never an error that may quote them.
        log.error("inbox item %d stays: %s", item.inbox_id, type(error).__name__)
    says = f"Kept as INBOX-{item.inbox_id}; it goes on by itself."
    return (_outcome(Understood(AdmissionKind.KEPT, item, says)),)


def _keep(desk: Desk, raw: bytes, channel: Channel, sender: str | None, at: datetime) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.receive(s, raw, at, channel, sender)


def _split(desk: Desk, inbox_id: int) -> tuple[AdmissionOutcome, tuple[int, ...]] | None:
    """Take a batch apart, once: each message becomes an item of its own, all in one transaction. None for a single message."""
    with desk.store.read() as s:
        item, raw = inbox.get(s, inbox_id), inbox.raw(s, inbox_id)
    if item.channel is not Channel.HL7_V2:
        return None
    envelope = opened(raw)
    if not envelope.is_batch:
        return None
    sender = f"{item.sender or 'batch'}, INBOX-{inbox_id}"
    with desk.store.begin() as s:
        hold(s, f"batch:{inbox_id}")
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
            inbox.refuse(s, inbox_id, envelope.problems)
        else:
            inbox.resolve(s, inbox_id, UMPIRE, note, desk.clock())
        kind = AdmissionKind.MUST_LOOK if envelope.problems else AdmissionKind.SPLIT
        found = Understood(kind, inbox.get(s, inbox_id), note, problems=envelope.problems)
    return _outcome(found), tuple(made)


async def _told(desk: Desk, found: Understood) -> AdmissionOutcome:
    if found.event_id is None:
        return _outcome(found)
    try:
        problems = await tell_of(desk, found.event_id)
    except EngineDown as away:
        says = f"{found.says} The stay is told when the engine is back. The receipt time stands. {away}"
        return _outcome(found, AdmissionKind.KEPT, says)
    if problems:
        says = f"Not told; it is kept as INBOX-{found.item.inbox_id} for intake to look at."
        return _outcome(found, AdmissionKind.MUST_LOOK, says, problems)
    return _outcome(found)


async def _once_more(desk: Desk, found: Understood, first: int) -> AdmissionOutcome:
    """A repeat of what still waits for a person: perhaps it can go on by now. The sender hears how that one stands."""
    outcome = (await carry_on(desk, first, again=True))[0]
    if outcome.kind in (AdmissionKind.MUST_LOOK, AdmissionKind.REJECTED):
        return _outcome(found, outcome.kind, found.says, outcome.problems)
    return _outcome(found, says=f"{found.says} {outcome.says}")


def _outcome(
    found: Understood,
    kind: AdmissionKind | None = None,
    says: str | None = None,
    problems: tuple[Problem, ...] | None = None,
) -> AdmissionOutcome:
    return AdmissionOutcome(
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


def _open_of_stay(desk: Desk, stay_id: str) -> tuple[int, ...]:
    with desk.store.read() as s:
        return tuple(row.inbox_id for row in adt_messages.of_stay(s, stay_id) if row.status is AdtStatus.OPEN)


def _left(desk: Desk) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The items that nothing has read, and those of which a stay has still to be told, in the order of what happened."""
    with desk.store.read() as s:
        unread = tuple(item.inbox_id for item in inbox.unread(s) if is_about_a_stay(s, item))
        return unread, tuple(row.inbox_id for row in adt_messages.pending(s))
