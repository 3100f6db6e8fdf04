"""Messages for callbacks, and concerns, from their first byte to the process that follows them up.

The bytes are kept with their receipt instant before anything reads them. A repeat joins what it started the first time.
"""

from __future__ import annotations

import asyncio
import logging

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.callbacks.start import CallbackStart
from domain.concerns.start import ConcernStart
from domain.errors import NotReadable, Problem, UmpireError
from domain.vocabulary import Channel
from engine.options import workflow_id
from intake.contacts.meaning import mean
from interop.plain.callbacks_and_concerns import LeftMessage, RaisedConcern, as_bytes, is_contact
from services.case_client import reaching_engine
from services.context import Desk, EngineDown, Outcome, OutcomeKind
from store import inbox
from store.inbox import InboxItem, InboxStatus

__all__ = ["carry_on", "is_contact", "raise_concern", "resume", "take"]

CALLBACK, CONCERN = "Callback", "ConcernProcess"
NO_VERSION = 0
"""An inbox item names the version of the request that it became; these become none."""
log = logging.getLogger("umpire.intake")


async def take(desk: Desk, raw: bytes, sender: str | None = None, channel: Channel = Channel.PHONE) -> Outcome:
    """Take a message that was left, as a telephone system wrote it or somebody typed it, and say what became of it.

    Raises Unavailable only when the store itself cannot keep the bytes.
    """
    return await _take_in(desk, raw, channel, sender)


async def raise_concern(desk: Desk, concern: RaisedConcern) -> Outcome:
    """Take in a concern, and say which one it is. Raises as `take` does."""
    return await _take_in(desk, as_bytes(concern), Channel.COMMAND_LINE, concern.raised_by)


async def leave_message(desk: Desk, message: LeftMessage) -> Outcome:
    """Take a message that somebody typed. Raises as `take` does."""
    return await _take_in(desk, as_bytes(message), Channel.PHONE, message.taken_by)


async def carry_on(desk: Desk, inbox_id: int) -> Outcome:
    """Do what is left to do for an arrival. Safe to repeat, at any time and in several processes at once."""
    try:
        item, start, first = await asyncio.to_thread(_understand, desk, inbox_id)
    except NotReadable as wrong:
        item = await asyncio.to_thread(_refuse, desk, inbox_id, wrong.problems)
        says = f"Not taken; it is kept as INBOX-{inbox_id} for intake to look at."
        return _outcome(OutcomeKind.REFUSED, item, None, says, wrong.problems)
    if start is None:
        says = f"INBOX-{inbox_id} is {item.status.value} already."
        return _outcome(OutcomeKind.JOINED, item, item.case_id, says)
    try:
        await _start(desk, start)
    except EngineDown as away:
        says = f"Kept as {start.case_id}; it starts by itself when the engine is back. The receipt time stands. {away}"
        return _outcome(OutcomeKind.KEPT, item, start.case_id, says)
    item = await asyncio.to_thread(_mark_started, desk, inbox_id)
    if first:
        return _outcome(OutcomeKind.STARTED, item, start.case_id, f"{_noun(start)} {start.case_id} is followed up.")
    return _outcome(OutcomeKind.JOINED, item, start.case_id, f"The same one is {start.case_id} already.")


async def resume(desk: Desk) -> tuple[Outcome, ...]:
    """Carry on with every message and concern that is unread or whose process was not started, oldest first.

    One that fails does not stop the others; it stays, and is tried again the next time.
    """
    done: list[Outcome] = []
    for inbox_id in await asyncio.to_thread(_left, desk):
        try:
            done.append(await carry_on(desk, inbox_id))
        except UmpireError as error:
            log.warning("inbox item %d stays: %s", inbox_id, error)
        except Exception as error:
            # Whatever is wrong with one must not keep the others from being followed up; its text may quote it.
            log.error("inbox item %d stays: %s", inbox_id, type(error).__name__)
    return tuple(done)


async def _take_in(desk: Desk, raw: bytes, channel: Channel, sender: str | None) -> Outcome:
    item = await asyncio.to_thread(_keep, desk, raw, channel, sender)
    return await carry_on(desk, item.inbox_id)


def _keep(desk: Desk, raw: bytes, channel: Channel, sender: str | None) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.receive(s, raw, desk.clock(), channel, sender)


def _understand(desk: Desk, inbox_id: int) -> tuple[InboxItem, CallbackStart | ConcernStart | None, bool]:
    """The item, what starts its process (None when there is nothing to start), and whether it is the first of its kind.

    Raises NotReadable.
    """
    with desk.store.begin() as s:
        item, raw = inbox.get(s, inbox_id), inbox.raw(s, inbox_id)
        if item.status not in (InboxStatus.RECEIVED, InboxStatus.ACCEPTED) or item.started_at is not None:
            return item, None, False
        start = mean(s, item, raw)
        first = all(other.inbox_id >= inbox_id for other in inbox.of_case(s, start.case_id))
        return inbox.accept(s, inbox_id, start.case_id, NO_VERSION), start, first


def _refuse(desk: Desk, inbox_id: int, problems: tuple[Problem, ...]) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.refuse(s, inbox_id, problems)


def _mark_started(desk: Desk, inbox_id: int) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.mark_started(s, inbox_id, desk.clock())


async def _start(desk: Desk, start: CallbackStart | ConcernStart) -> None:
    """Start the process, or find it started or over: one however often this is called. Raises EngineDown."""
    client = desk.client()
    with reaching_engine():
        try:
            await client.start_workflow(
                CALLBACK if isinstance(start, CallbackStart) else CONCERN,
                start,
                id=workflow_id(start.case_id),
                task_queue=desk.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                rpc_timeout=desk.patience,
            )
        except WorkflowAlreadyStartedError:
            return


def _left(desk: Desk) -> tuple[int, ...]:
    with desk.store.read() as s:
        items = {item.inbox_id: item for item in (*inbox.unread(s), *inbox.unstarted(s))}
        return tuple(sorted(key for key in items if is_contact(inbox.raw(s, key))))


def _noun(start: CallbackStart | ConcernStart) -> str:
    return "Callback" if isinstance(start, CallbackStart) else "Concern"


def _outcome(
    kind: OutcomeKind, item: InboxItem, case_id: str | None, says: str, problems: tuple[Problem, ...] = ()
) -> Outcome:
    return Outcome(
        kind=kind,
        inbox_id=item.inbox_id,
        received_at=item.received_at,
        case_id=case_id,
        says=says,
        problems=problems,
    )
