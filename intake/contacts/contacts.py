"""Intake of callback messages and quality concerns, from the first byte to the started case.

The bytes are stored with their receipt time before they are read. A repeat joins the case that the first one started.
"""

from __future__ import annotations

import asyncio
import logging

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.callbacks.start import CallbackStart
from domain.concerns.start import ConcernStart
from domain.errors import NotReadable, UmpireError, ValidationIssue
from domain.vocabulary import Channel
from engine.options import workflow_id
from intake.contacts.interpretation import interpret_contact
from interop.plain.callbacks_and_concerns import CallbackMessage, ConcernReport, as_bytes, is_callback_or_concern
from services import access
from services.case_client import translate_temporal_errors
from services.context import ServiceContext, SubmissionResult, SubmissionStatus, TemporalUnavailable
from store import inbox
from store.inbox import InboxItem, InboxStatus

__all__ = ["process_item", "is_callback_or_concern", "raise_concern", "resume", "receive_document"]

CALLBACK, CONCERN = "Callback", "ConcernProcess"
NO_VERSION = 0
"""Request version of an inbox item that is no request."""
log = logging.getLogger("umpire.intake")


async def receive_document(
    desk: ServiceContext, raw: bytes, sender: str | None = None, channel: Channel = Channel.PHONE
) -> SubmissionResult:
    """Store and process a callback message as a telephone system or a person wrote it, and return its result.

    Raises Unavailable only when the store itself cannot save the bytes.
    """
    return await _receive(desk, raw, channel, sender)


async def raise_concern(desk: ServiceContext, concern: ConcernReport) -> SubmissionResult:
    """Store and process a quality concern. Raises Unavailable only when the store itself cannot save it."""
    return await _receive(desk, as_bytes(concern), Channel.COMMAND_LINE, concern.raised_by)


async def record_message(desk: ServiceContext, message: CallbackMessage) -> SubmissionResult:
    """Store and process a typed callback message. Raises NotOnFile when nobody on file logs it, and Unavailable."""
    await asyncio.to_thread(_require_on_file, desk, message.taken_by or "")
    return await _receive(desk, as_bytes(message), Channel.PHONE, message.taken_by)


async def process_item(desk: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Do the remaining steps for an arrival. Safe to repeat, at any time and in several processes at once."""
    try:
        item, start, first = await asyncio.to_thread(_interpret, desk, inbox_id)
    except NotReadable as wrong:
        item = await asyncio.to_thread(_reject, desk, inbox_id, wrong.problems)
        says = f"Not accepted; it is stored as INBOX-{inbox_id} for intake to review."
        return _result(SubmissionStatus.REFUSED, item, None, says, wrong.problems)
    if start is None:
        says = f"INBOX-{inbox_id} is {item.status.value} already."
        return _result(SubmissionStatus.JOINED, item, item.case_id, says)
    try:
        await _start(desk, start)
    except TemporalUnavailable as away:
        says = (
            f"Stored as {start.case_id}; it starts automatically when Temporal is back. The receipt time stands. {away}"
        )
        return _result(SubmissionStatus.STORED, item, start.case_id, says)
    item = await asyncio.to_thread(_mark_started, desk, inbox_id)
    if first:
        return _result(SubmissionStatus.STARTED, item, start.case_id, f"{_noun(start)} {start.case_id} is open.")
    return _result(
        SubmissionStatus.JOINED, item, start.case_id, f"The same {_noun(start).lower()} is {start.case_id} already."
    )


async def resume(desk: ServiceContext) -> tuple[SubmissionResult, ...]:
    """Process every message and concern that is unread or whose case was not started, oldest first.

    An item that fails does not stop the others; it is tried again the next time.
    """
    done: list[SubmissionResult] = []
    for inbox_id in await asyncio.to_thread(_unfinished_items, desk):
        try:
            done.append(await process_item(desk, inbox_id))
        except UmpireError as error:
            log.warning("inbox item %d stays: %s", inbox_id, error)
        except Exception as error:
            # Whatever is wrong with one must not keep the others from being followed up; its text may quote it.
            log.error("inbox item %d stays: %s", inbox_id, type(error).__name__)
    return tuple(done)


async def _receive(desk: ServiceContext, raw: bytes, channel: Channel, sender: str | None) -> SubmissionResult:
    item = await asyncio.to_thread(_store_arrival, desk, raw, channel, sender)
    return await process_item(desk, item.inbox_id)


def _require_on_file(desk: ServiceContext, reviewer_id: str) -> None:
    with desk.store.read() as s:
        access.require_on_file(s, reviewer_id)


def _store_arrival(desk: ServiceContext, raw: bytes, channel: Channel, sender: str | None) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.receive(s, raw, desk.clock(), channel, sender)


def _interpret(desk: ServiceContext, inbox_id: int) -> tuple[InboxItem, CallbackStart | ConcernStart | None, bool]:
    """The item, the workflow input of its case (None when there is nothing to start), and whether it is the case's first item.

    Raises NotReadable.
    """
    with desk.store.begin() as s:
        item, raw = inbox.get(s, inbox_id), inbox.raw(s, inbox_id)
        if item.status not in (InboxStatus.RECEIVED, InboxStatus.ACCEPTED) or item.started_at is not None:
            return item, None, False
        start = interpret_contact(s, item, raw)
        first = all(other.inbox_id >= inbox_id for other in inbox.of_case(s, start.case_id))
        return inbox.accept(s, inbox_id, start.case_id, NO_VERSION), start, first


def _reject(desk: ServiceContext, inbox_id: int, problems: tuple[ValidationIssue, ...]) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.reject(s, inbox_id, problems)


def _mark_started(desk: ServiceContext, inbox_id: int) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.mark_started(s, inbox_id, desk.clock())


async def _start(desk: ServiceContext, start: CallbackStart | ConcernStart) -> None:
    """Start the case unless it was started: one case however often this is called. Raises TemporalUnavailable."""
    client = desk.client()
    with translate_temporal_errors():
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


def _unfinished_items(desk: ServiceContext) -> tuple[int, ...]:
    with desk.store.read() as s:
        items = {item.inbox_id: item for item in (*inbox.unread(s), *inbox.unstarted(s))}
        return tuple(sorted(key for key in items if is_callback_or_concern(inbox.raw(s, key))))


def _noun(start: CallbackStart | ConcernStart) -> str:
    return "Callback" if isinstance(start, CallbackStart) else "Concern"


def _result(
    kind: SubmissionStatus, item: InboxItem, case_id: str | None, says: str, problems: tuple[ValidationIssue, ...] = ()
) -> SubmissionResult:
    return SubmissionResult(
        kind=kind,
        inbox_id=item.inbox_id,
        received_at=item.received_at,
        case_id=case_id,
        says=says,
        problems=problems,
    )
