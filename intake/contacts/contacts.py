"""Intake of callback messages and quality concerns, from the first byte to the started case.

The bytes are stored with their receipt time before they are read. A repeat joins the case that the first one started.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.callbacks.start import CallbackStart
from domain.cases.orders import CaseRun
from domain.concerns.start import ConcernStart
from domain.errors import NotReadable
from domain.vocabulary import ArrivalKind, Channel
from engine.workflow_names import MEMBER_CALLBACK, QUALITY_CONCERN
from intake.contacts.interpretation import interpret_contact, same_content
from intake.receipt import first_receipt, receive_arrival
from intake.results import rejected_result, submission_result
from interop.plain.callbacks_and_concerns import CallbackMessage, ConcernReport, as_bytes, read_callback_or_concern
from services import access, case_client
from services.context import ServiceContext, SubmissionResult, SubmissionStatus, TemporalUnavailable
from store import inbox, journal
from store.inbox import InboxItem, InboxStatus

_STARTS: dict[str, type[CallbackStart] | type[ConcernStart]] = {
    MEMBER_CALLBACK: CallbackStart,
    QUALITY_CONCERN: ConcernStart,
}
NO_VERSION = 0
"""Request version of an inbox item that is no request."""


async def receive_document(
    services: ServiceContext, raw: bytes, sender: str | None = None, channel: Channel = Channel.PHONE
) -> SubmissionResult:
    """Store and process a callback message as a telephone system or a person wrote it, and return its result.

    Raises Unavailable only when the store itself cannot save the bytes.
    """
    return await _receive(services, raw, channel, sender)


async def raise_concern(services: ServiceContext, concern: ConcernReport) -> SubmissionResult:
    """Store and process a quality concern. Raises Unavailable only when the store itself cannot save it."""
    return await _receive(services, as_bytes(concern), Channel.COMMAND_LINE, concern.raised_by)


async def record_message(services: ServiceContext, message: CallbackMessage) -> SubmissionResult:
    """Store and process a typed callback message. Raises NotOnFile when nobody on file logs it, and Unavailable."""
    await services.read(access.require_on_file, message.taken_by or "")
    return await _receive(services, as_bytes(message), Channel.PHONE, message.taken_by)


async def process_item(services: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Do the remaining steps for an arrival. Safe to repeat, at any time and in several processes at once."""
    try:
        received_at = await _first_receipt(services, inbox_id)
        item, start, first = await services.write(_interpret, inbox_id, received_at)
    except NotReadable as wrong:
        item = await services.write(inbox.reject, inbox_id, wrong.problems)
        return rejected_result(item, wrong.problems)
    if start is None:
        says = f"INBOX-{inbox_id} is {item.status.value} already."
        return submission_result(SubmissionStatus.JOINED, item, item.case_id, says)
    try:
        await case_client.start_case(services, _workflow(start), start)
    except TemporalUnavailable as away:
        says = (
            f"Stored as {start.case_id}; it starts automatically when Temporal is back. The receipt time stands. {away}"
        )
        return submission_result(SubmissionStatus.STORED, item, start.case_id, says)
    item = await services.write(inbox.mark_started, inbox_id, services.clock())
    if first:
        return submission_result(
            SubmissionStatus.STARTED, item, start.case_id, f"{_noun(start)} {start.case_id} is open."
        )
    return submission_result(
        SubmissionStatus.JOINED, item, start.case_id, f"The same {_noun(start).lower()} is {start.case_id} already."
    )


async def _receive(services: ServiceContext, raw: bytes, channel: Channel, sender: str | None) -> SubmissionResult:
    item = await receive_arrival(services, raw, None, channel, sender, ArrivalKind.CONTACT)
    return await process_item(services, item.inbox_id)


async def _first_receipt(services: ServiceContext, inbox_id: int) -> datetime:
    item, raw = await services.read(inbox.load, inbox_id)
    if item.status is not InboxStatus.RECEIVED:
        return item.received_at
    said = read_callback_or_concern(raw)

    def is_same(other_raw: bytes, other: InboxItem) -> bool:
        return same_content(item, said, other, read_callback_or_concern(other_raw))

    return await first_receipt(services, item, is_same)


def _interpret(
    s: Session, inbox_id: int, received_at: datetime
) -> tuple[InboxItem, CallbackStart | ConcernStart | None, bool]:
    """The item, the workflow input of its case (None when there is nothing to start), and whether it is the case's first item.

    Raises NotReadable.
    """
    item, raw = inbox.load(s, inbox_id)
    if item.status not in (InboxStatus.RECEIVED, InboxStatus.ACCEPTED) or item.started_at is not None:
        return item, None, False
    start = _start_on_file(s, item) or interpret_contact(s, item, raw, received_at)
    journal.keep_start(s, start.case_id, CaseRun(workflow=_workflow(start), start=start.model_dump_json()))
    first = all(other.inbox_id >= inbox_id for other in inbox.of_case(s, start.case_id))
    return inbox.accept(s, inbox_id, start.case_id, NO_VERSION), start, first


def _start_on_file(s: Session, item: InboxItem) -> CallbackStart | ConcernStart | None:
    """The start of an arrival's case as it was put on file when the arrival was first read, from which it stays the same."""
    filed = journal.last_state(s, item.case_id) if item.case_id is not None else None
    if filed is None:
        return None
    return _STARTS[filed.workflow].model_validate_json(filed.start_json).model_copy(update={"carried": None})


def _workflow(start: CallbackStart | ConcernStart) -> str:
    return MEMBER_CALLBACK if isinstance(start, CallbackStart) else QUALITY_CONCERN


def _noun(start: CallbackStart | ConcernStart) -> str:
    return "Callback" if isinstance(start, CallbackStart) else "Concern"
