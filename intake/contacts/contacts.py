"""Intake of callback messages and quality concerns, from the first byte to the started case.

The bytes are stored with their receipt time before they are read. A repeat joins the case that the first one started.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.callbacks.start import CallbackStart
from domain.concerns.start import ConcernStart
from domain.errors import NotReadable
from domain.vocabulary import ArrivalKind, Channel
from engine.workflow_names import MEMBER_CALLBACK, QUALITY_CONCERN
from intake.contacts.interpretation import interpret_contact
from intake.receipt import receive_arrival
from intake.results import rejected_result, submission_result
from interop.plain.callbacks_and_concerns import CallbackMessage, ConcernReport, as_bytes
from services import access, case_client
from services.context import ServiceContext, SubmissionResult, SubmissionStatus, TemporalUnavailable
from store import inbox
from store.inbox import InboxItem, InboxStatus

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
        item, start, first = await services.write(_interpret, inbox_id)
    except NotReadable as wrong:
        item = await services.write(inbox.reject, inbox_id, wrong.problems)
        return rejected_result(item, wrong.problems)
    if start is None:
        says = f"INBOX-{inbox_id} is {item.status.value} already."
        return submission_result(SubmissionStatus.JOINED, item, item.case_id, says)
    try:
        await case_client.start_case(
            services, MEMBER_CALLBACK if isinstance(start, CallbackStart) else QUALITY_CONCERN, start
        )
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


def _interpret(s: Session, inbox_id: int) -> tuple[InboxItem, CallbackStart | ConcernStart | None, bool]:
    """The item, the workflow input of its case (None when there is nothing to start), and whether it is the case's first item.

    Raises NotReadable.
    """
    item, raw = inbox.load(s, inbox_id)
    if item.status not in (InboxStatus.RECEIVED, InboxStatus.ACCEPTED) or item.started_at is not None:
        return item, None, False
    start = interpret_contact(s, item, raw)
    first = all(other.inbox_id >= inbox_id for other in inbox.of_case(s, start.case_id))
    return inbox.accept(s, inbox_id, start.case_id, NO_VERSION), start, first


def _noun(start: CallbackStart | ConcernStart) -> str:
    return "Callback" if isinstance(start, CallbackStart) else "Concern"
