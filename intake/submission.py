"""Submission of authorization requests, from the first byte to the case. Bytes and receipt time are stored first."""

from __future__ import annotations

import asyncio
from datetime import datetime

from domain.authorization.messages import (
    AddDocuments,
    AuthorizationMessage,
    CorrectRequest,
    RequestExpedite,
    WithdrawRequest,
)
from domain.cases.messages import NoteDuplicate
from domain.cases.views import CaseStatus, CaseView
from domain.errors import ValidationIssue
from domain.journal import Actor
from domain.vocabulary import AskedBy, Channel
from intake import interpretation
from intake.requests.arrival_outcome import (
    AlreadyProcessed,
    NewCase,
    NewStay,
    RejectedArrival,
    RepeatedRequest,
    RequestUpdate,
    StayRequest,
)
from intake.requests.records import deliver_records
from intake.stays.submission import announce_stay, deliver_request, is_for_stay, resume_delivery
from services import case_client
from services.case_client import CaseNotRunning
from services.case_startup import ensure_started, not_running_here, read_case_start, read_case_view, requesting_npi
from services.context import (
    CommandResult,
    CommandStatus,
    ServiceContext,
    SubmissionResult,
    SubmissionStatus,
    TemporalUnavailable,
)
from store import inbox
from store.inbox import InboxItem, InboxStatus


async def submit(
    desk: ServiceContext, raw: bytes, channel: Channel, sender: str | None = None, received_at: datetime | None = None
) -> SubmissionResult:
    """Store and process an arrival of `received_at` (UTC; now unless given) and return its result.

    The bytes are stored before they are read. Raises Unavailable only when the store itself cannot save them.
    """
    item = await asyncio.to_thread(_store_arrival, desk, raw, channel, sender, received_at or desk.clock())
    return await process_item(desk, item.inbox_id)


async def process_item(desk: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Do the remaining steps for an arrival. Safe to repeat, at any time and in several processes at once."""
    return await _process_item(desk, inbox_id)


async def _process_item(desk: ServiceContext, inbox_id: int, stay_is_new: bool = False) -> SubmissionResult:
    meaning = await asyncio.to_thread(interpretation.interpret, desk.store, inbox_id, desk.lobs)
    match meaning:
        case NewCase():
            return await _start_case(desk, inbox_id, meaning.notes)
        case RepeatedRequest():
            return await _join_case(desk, inbox_id, meaning)
        case RequestUpdate():
            return await _send_change(desk, inbox_id, meaning)
        case StayRequest():
            return await deliver_request(
                desk, await asyncio.to_thread(_read_item, desk, inbox_id), meaning, stay_is_new
            )
        case NewStay():
            return await _open_stay(desk, inbox_id, meaning, stay_is_new)
        case AlreadyProcessed(item):
            return await _resume_processed(desk, item)
        case RejectedArrival(problems):
            return await _rejected_result(desk, inbox_id, problems)


def _store_arrival(desk: ServiceContext, raw: bytes, channel: Channel, sender: str | None, at: datetime) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.receive(s, raw, at, channel, sender)


def _read_item(desk: ServiceContext, inbox_id: int) -> InboxItem:
    with desk.store.read() as s:
        return inbox.get(s, inbox_id)


# -- a new case ------------------------------------------------------------------------------------------------------------


async def _start_case(desk: ServiceContext, inbox_id: int, notes: tuple[ValidationIssue, ...] = ()) -> SubmissionResult:
    item = await asyncio.to_thread(_read_item, desk, inbox_id)
    case_id = _case_id_of(item)
    try:
        await ensure_started(desk, case_id)
    except TemporalUnavailable as away:
        says = f"Received as case {case_id}; it starts automatically when Temporal is back. The receipt time stands. {away}"
        return _result(SubmissionStatus.STORED, item, case_id, says, notes=notes)
    return _result(SubmissionStatus.STARTED, item, case_id, f"Case {case_id} is running.", notes=notes)


# -- days of a stay --------------------------------------------------------------------------------------------------------


async def _open_stay(desk: ServiceContext, inbox_id: int, opens: NewStay, is_open: bool) -> SubmissionResult:
    """Open the stay by its admission; then process the request again, which now finds the stay."""
    item = await asyncio.to_thread(_read_item, desk, inbox_id)
    problems = await announce_stay(desk, opens, item.channel)
    if is_open and not problems:
        message = "the admission that the request shows belongs to another stay than the one that it asks about"
        problems = (ValidationIssue(path="admission", rule="stay.not_opened", message=message),)
    if problems:
        return await _reject(desk, inbox_id, problems)
    return await _process_item(desk, inbox_id, stay_is_new=True)


# -- a request that is on file already -------------------------------------------------------------------------------------


async def _join_case(desk: ServiceContext, inbox_id: int, repeat: RepeatedRequest) -> SubmissionResult:
    item = await asyncio.to_thread(_read_item, desk, inbox_id)
    view = repeat.view
    if view is None or view.status is CaseStatus.OPEN:
        try:
            await ensure_started(desk, repeat.case_id)
            await case_client.signal_message(
                desk, repeat.case_id, await asyncio.to_thread(_duplicate_message, desk, item, repeat.case_id)
            )
        except TemporalUnavailable as away:
            says = (
                f"The same request is case {repeat.case_id} already; the case is notified when Temporal is back. {away}"
            )
            return _result(SubmissionStatus.STORED, item, repeat.case_id, says, notes=repeat.notes)
        except CaseNotRunning:
            view = await asyncio.to_thread(read_case_view, desk, repeat.case_id)
            if view is None or view.status is CaseStatus.OPEN:
                return _result(
                    SubmissionStatus.STORED, item, repeat.case_id, not_running_here(repeat.case_id), notes=repeat.notes
                )
    if view is not None and view.status is CaseStatus.WITHDRAWN:
        return await process_item(desk, inbox_id)  # the case was withdrawn meanwhile, so this is a new request
    await asyncio.to_thread(_accept_and_mark_delivered, desk, inbox_id, repeat.case_id, repeat.request_version)
    kind = (
        SubmissionStatus.JOINED if view is None or view.status is CaseStatus.OPEN else SubmissionStatus.DECIDED_BEFORE
    )
    return _result(kind, item, repeat.case_id, _repeat_text(repeat, view), notes=repeat.notes)


def _duplicate_message(desk: ServiceContext, item: InboxItem, case_id: str) -> NoteDuplicate:
    start, npi = read_case_start(desk, case_id)[0], requesting_npi(desk, case_id)
    return NoteDuplicate(
        message_id=f"inbox-{item.inbox_id}",
        at=max(item.received_at, start.received_at),
        actor=Actor(kind="provider", id=npi),
        inbox_id=item.inbox_id,
    )


def _accept_and_mark_delivered(desk: ServiceContext, inbox_id: int, case_id: str, version: int) -> None:
    """Mark the item as accepted and as delivered to its case, in one transaction."""
    with desk.store.begin() as s:
        inbox.accept(s, inbox_id, case_id, version)
        inbox.mark_started(s, inbox_id, desk.clock())


def _repeat_text(repeat: RepeatedRequest, view: CaseView | None) -> str:
    case_id = repeat.case_id
    if view is None:
        return f"The same request is case {case_id} already, which is being opened. Nothing was added to it."
    number = f" Authorization number {view.authorization_number}." if view.authorization_number else ""
    match view.status:
        case CaseStatus.OPEN:
            more = " Send its new records with 'umpire add-document'." if repeat.unseen_records else ""
            waits = f" It waits for {view.waiting.what} from {view.waiting.owner}." if view.waiting else ""
            return f"The same request is case {case_id} already and joined it.{waits} Nothing was added to it.{more}"
        case CaseStatus.APPROVED:
            return f"Already decided as case {case_id}: approved.{number}"
        case CaseStatus.APPROVED_IN_PART:
            return f"Already decided as case {case_id}: approved in part.{number} The rest can be appealed."
        case CaseStatus.DENIED:
            return f"Already decided as case {case_id}: denied. It can be appealed; the letter says how."
        case CaseStatus.NOT_REQUIRED:
            return f"Already answered as case {case_id}: no authorization is required."
        case CaseStatus.WITHDRAWN:
            return f"Case {case_id} was withdrawn."
        case CaseStatus.COMPLETED | CaseStatus.VOIDED:
            return f"{case_id} is {view.status.value}."


# -- a change of a running case --------------------------------------------------------------------------------------------


async def _send_change(desk: ServiceContext, inbox_id: int, change: RequestUpdate) -> SubmissionResult:
    item = await asyncio.to_thread(_read_item, desk, inbox_id)
    case_id = change.case_id
    replies: list[CommandResult] = []
    try:
        await ensure_started(desk, case_id)
        for message in _change_messages(item, change):
            replies.append(await case_client.send_message(desk, case_id, message))
            if replies[-1].kind is CommandStatus.REFUSED:
                break
    except TemporalUnavailable as away:
        says = f"Received for case {case_id}; the case gets it when Temporal is back. The receipt time stands. {away}"
        return _result(SubmissionStatus.STORED, item, case_id, says, notes=change.notes)
    except CaseNotRunning:
        view = await asyncio.to_thread(read_case_view, desk, case_id)
        if view is None or view.status is CaseStatus.OPEN:
            return _result(SubmissionStatus.STORED, item, case_id, not_running_here(case_id), notes=change.notes)
        problem = ValidationIssue(path="prior request", rule="case.closed", message=f"the case {case_id} is closed")
        return await _reject(desk, inbox_id, (problem,))
    if replies[0].kind is CommandStatus.REFUSED:
        return await _reject(desk, inbox_id, _as_issues(replies[0]))
    await asyncio.to_thread(_accept_and_mark_delivered, desk, inbox_id, case_id, change.request_version)
    what = "; ".join(change.merged.what) or "more records"
    if replies[0].kind is CommandStatus.QUEUED:
        says = f"Queued for case {case_id} ({what}); no worker has answered yet."
        return _result(SubmissionStatus.QUEUED, item, case_id, says, notes=change.notes)
    more = "".join(f" Not done: {problem}." for problem in _as_issues(replies[-1]))
    return _result(SubmissionStatus.CHANGED, item, case_id, f"Case {case_id}: {what}.{more}", notes=change.notes)


def _change_messages(item: InboxItem, change: RequestUpdate) -> tuple[AuthorizationMessage, ...]:
    """The messages to the case. Their ids derive from the inbox item, so that sending them again changes nothing."""
    key = f"inbox-{item.inbox_id}"
    at, actor = item.received_at, Actor(kind="provider", id=change.request.requesting_provider.npi)
    if change.merged.withdrawn:
        why = "The sender cancelled the request."
        return (WithdrawRequest(message_id=key, at=at, actor=actor, by=AskedBy.PROVIDER, why=why),)
    messages: list[AuthorizationMessage] = []
    if change.merged.what:
        what = "; ".join(change.merged.what)
        messages.append(
            CorrectRequest(message_id=key, at=at, actor=actor, request_version=change.request_version, what=what)
        )
    else:
        messages.append(
            AddDocuments(
                message_id=key,
                at=at,
                actor=actor,
                document_ids=change.new_documents,
                request_version=change.request_version,
            )
        )
    if change.merged.expedite:
        urgency = change.request.urgency
        messages.append(
            RequestExpedite(
                message_id=f"{key}-expedite",
                at=at,
                actor=actor,
                asked_by=urgency.asked_by,
                physician_statement=urgency.physician_statement,
            )
        )
    return tuple(messages)


def _as_issues(reply: CommandResult) -> tuple[ValidationIssue, ...]:
    return tuple(
        ValidationIssue(path="request", rule=refusal.rule, message=refusal.message, expected=refusal.way_out)
        for refusal in reply.refusals
    )


# -- rejected and already processed arrivals -------------------------------------------------------------------------------


async def _reject(desk: ServiceContext, inbox_id: int, problems: tuple[ValidationIssue, ...]) -> SubmissionResult:
    await asyncio.to_thread(interpretation.reject_item, desk.store, inbox_id, problems)
    return await _rejected_result(desk, inbox_id, problems)


async def _rejected_result(
    desk: ServiceContext, inbox_id: int, problems: tuple[ValidationIssue, ...]
) -> SubmissionResult:
    item = await asyncio.to_thread(_read_item, desk, inbox_id)
    says = f"Not accepted; it is stored as INBOX-{inbox_id} for intake to review."
    return _result(SubmissionStatus.REFUSED, item, None, says, problems=problems)


async def _resume_processed(desk: ServiceContext, item: InboxItem) -> SubmissionResult:
    match item.status:
        case InboxStatus.ACCEPTED if is_for_stay(item) and item.started_at is None:
            return await resume_delivery(desk, item)
        case InboxStatus.ACCEPTED if item.started_at is None:
            later = item.request_version is not None and item.request_version > 1
            return await (_deliver_records(desk, item) if later else _start_case(desk, item.inbox_id))
        case InboxStatus.ACCEPTED:
            whose = "stay" if is_for_stay(item) else "case"
            return _result(
                SubmissionStatus.STARTED,
                item,
                item.case_id,
                f"Recorded on {whose} {item.case_id}.",
            )
        case InboxStatus.RESOLVED:
            says = f"INBOX-{item.inbox_id} was resolved by {item.resolved_by}."
            return _result(SubmissionStatus.REFUSED, item, None, says, problems=item.problems)
        case _:
            return await _rejected_result(desk, item.inbox_id, item.problems)


async def _deliver_records(desk: ServiceContext, item: InboxItem) -> SubmissionResult:
    """Deliver stored records that their case does not have yet."""
    case_id = _case_id_of(item)
    try:
        reply = await deliver_records(desk, item)
    except TemporalUnavailable as away:
        says = f"Stored for case {case_id}, which gets them when Temporal is back. {away}"
        return _result(SubmissionStatus.STORED, item, case_id, says)
    if reply.kind is CommandStatus.REFUSED:
        return _result(SubmissionStatus.REFUSED, item, case_id, "Refused.", problems=_as_issues(reply))
    return _result(SubmissionStatus.CHANGED, item, case_id, reply.says)


def _case_id_of(item: InboxItem) -> str:
    if item.case_id is None:
        raise LookupError(f"inbox item {item.inbox_id} was accepted without a case")
    return item.case_id


def _result(
    kind: SubmissionStatus,
    item: InboxItem,
    case_id: str | None,
    says: str,
    problems: tuple[ValidationIssue, ...] = (),
    notes: tuple[ValidationIssue, ...] = (),
) -> SubmissionResult:
    return SubmissionResult(
        kind=kind,
        inbox_id=item.inbox_id,
        received_at=item.received_at,
        case_id=case_id,
        says=says,
        problems=problems,
        notes=notes,
    )
