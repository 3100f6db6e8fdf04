"""Submission of authorization requests, from the first byte to the case. Bytes and receipt time are stored first."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from domain.authorization.start import AuthorizationStart
from domain.cases.messages import NoteDuplicate
from domain.cases.views import CaseStatus, CaseView
from domain.errors import NotReadable, ValidationIssue
from domain.requests.request import RequestAction
from domain.vocabulary import ArrivalKind, Channel
from engine import priorities
from engine.workflow_names import PRIOR_AUTHORIZATION
from intake.interpretation import interpret, reject_item
from intake.receipt import first_receipt, receive_arrival
from intake.requests.arrival_outcome import (
    AlreadyProcessed,
    ArrivalOutcome,
    NewCase,
    NewStay,
    RejectedArrival,
    RepeatedRequest,
    RequestUpdate,
    StayRequest,
)
from intake.requests.first_receipt import same_request
from intake.requests.foreign_units import with_foreign_units
from intake.requests.late_arrivals import note_late_arrival
from intake.requests.repeats import duplicate_message
from intake.requests.result_texts import after_decision_text, repeat_text
from intake.requests.updates import update_messages
from intake.results import Issues, is_for_stay, processed_result, submission_result
from intake.stays.submission import announce_stay, deliver_request, resume_delivery
from intake.unread_repeats import join_first
from interop.reader import read_request
from interop.submission import Submission
from services import case_client
from services.case_client import CaseNotRunning
from services.case_startup import ensure_started, not_running_here
from services.context import (
    CommandResult,
    CommandStatus,
    ServiceContext,
    SubmissionResult,
    SubmissionStatus,
    TemporalUnavailable,
)
from store import cases, inbox, requests
from store.inbox import InboxItem, InboxStatus

log = logging.getLogger("umpire.intake")


async def submit(
    services: ServiceContext,
    raw: bytes,
    channel: Channel,
    sender: str | None = None,
    received_at: datetime | None = None,
) -> SubmissionResult:
    """Store and process an arrival of `received_at` (UTC; now unless given) and return its result.

    The bytes are stored before they are read. Raises Unavailable only when the store itself cannot save them.
    """
    item = await receive_arrival(services, raw, received_at, channel, sender, ArrivalKind.REQUEST)
    return await _process(services, item, raw)


async def process_item(services: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Do the remaining steps for an arrival. Safe to repeat, at any time and in several processes at once."""
    return await _process(services, *await services.read(inbox.load, inbox_id))


async def _process(
    services: ServiceContext, item: InboxItem, raw: bytes, stay_is_new: bool = False
) -> SubmissionResult:
    if item.status is not InboxStatus.RECEIVED:
        return await _resume_processed(services, item)
    try:
        submission = await asyncio.to_thread(read_request, raw, item.received_at, item.channel)
    except NotReadable as wrong:
        return await _reject(services, item, wrong.problems, raw)
    if submission.request.action is not RequestAction.INITIAL:
        await _process_older(services, item, submission.request.member.member_id)
    submission = with_foreign_units(submission, services.fact_definitions)
    received_at = await first_receipt(services, item, same_request(submission.request))
    outcome = await services.write(_interpret, item, submission, services, received_at)
    match outcome:
        case NewCase(start):
            return await _start_kept_case(services, item, start, outcome.notes)
        case RepeatedRequest():
            return await _join_case(services, item, raw, outcome)
        case RequestUpdate():
            return await _send_change(services, item, outcome, raw)
        case StayRequest():
            return await deliver_request(services, item, outcome, stay_is_new)
        case NewStay():
            problems = await _open_stay(services, item, outcome, stay_is_new)
            if problems:
                return await _reject(services, item, problems, raw)
            return await _process(services, item, raw, stay_is_new=True)  # the request again, which now finds the stay
        case AlreadyProcessed(processed):
            return await _resume_processed(services, processed)
        case RejectedArrival(problems):
            return await join_first(services, item, raw, problems)


def _interpret(
    s: Session, item: InboxItem, submission: Submission, services: ServiceContext, received_at: datetime
) -> ArrivalOutcome:
    """Interpret the item. What it takes to start a new case is kept in the same transaction."""
    outcome = interpret(s, item.inbox_id, submission, services.lobs, received_at, services.facts)
    if isinstance(outcome, NewCase):
        case_client.keep_start(s, PRIOR_AUTHORIZATION, outcome.start)
        inbox.settle_earlier(s, item, outcome.start.case_id, services.clock())
    return outcome


async def _process_older(services: ServiceContext, item: InboxItem, member_id: str) -> None:
    """Process the arrivals about the member that came before this one and that nobody has read since their reader died:
    they belong below the change that this one asks for. One that fails or waits does not hold this one up."""
    hurried = replace(services, patience=services.patience / 5)
    for older in await services.read(inbox.unread_before, item):
        came_before = (older.received_at, older.inbox_id) < (item.received_at, item.inbox_id)
        if not came_before or member_id.encode() not in await services.read(inbox.raw, older.inbox_id):
            continue
        try:
            await process_item(hurried, older.inbox_id)
        except Exception as error:
            # Its own turn counts the failure; the error's text may quote the document.
            log.warning("inbox item %d could not be read before a newer one: %s", older.inbox_id, type(error).__name__)


# -- a new case ------------------------------------------------------------------------------------------------------------


async def start_case(
    services: ServiceContext, item: InboxItem, start: AuthorizationStart, notes: Issues = ()
) -> SubmissionResult:
    """Start the case of an accepted item; without Temporal it is started later."""
    await services.write(case_client.keep_start, PRIOR_AUTHORIZATION, start)
    return await _start_kept_case(services, item, start, notes)


async def _start_kept_case(
    services: ServiceContext, item: InboxItem, start: AuthorizationStart, notes: Issues
) -> SubmissionResult:
    """Start the case whose start is on file."""
    case_id = start.case_id
    first = (await services.read(requests.load, case_id, 1)).request
    order = priorities.of_case(first.urgency.urgency, first.plan_identifier)
    try:
        await case_client.start_kept_case(services, PRIOR_AUTHORIZATION, start, order)
        if start.received_at < item.received_at:  # the case counts from an earlier arrival, so this one is a repeat
            await case_client.signal_message(services, case_id, duplicate_message(item, first, first))
    except TemporalUnavailable as away:
        says = f"Received as case {case_id}; it starts automatically when Temporal is back. The receipt time stands. {away}"
        return submission_result(SubmissionStatus.STORED, item, case_id, says, notes=notes)
    await services.write(inbox.mark_started, item.inbox_id, services.clock())
    says = f"Case {case_id} is running." if first.after is None else after_decision_text(case_id, first.after)
    return submission_result(SubmissionStatus.STARTED, item, case_id, says, notes=notes)


# -- days of a stay --------------------------------------------------------------------------------------------------------


async def _open_stay(services: ServiceContext, item: InboxItem, opens: NewStay, is_open: bool) -> Issues:
    """Open the stay by its admission. Returns the issues that prevented it."""
    problems = await announce_stay(services, opens, item.channel)
    if is_open and not problems:
        message = "the admission that the request shows belongs to another stay than the one that it asks about"
        return (ValidationIssue(path="admission", rule="stay.not_opened", message=message),)
    return problems


# -- a request that is on file already -------------------------------------------------------------------------------------


async def _join_case(
    services: ServiceContext, item: InboxItem, raw: bytes, repeat: RepeatedRequest
) -> SubmissionResult:
    case_id, view, notes = repeat.case_id, repeat.view, repeat.notes
    replies: list[CommandResult] = []
    if _is_open(view):
        try:
            await ensure_started(services, case_id)
            for message in repeat.messages:
                send = case_client.signal_message if isinstance(message, NoteDuplicate) else case_client.send_message
                replies.append(await send(services, case_id, message))
        except TemporalUnavailable as away:
            says = f"The same request is case {case_id} already; the case is notified when Temporal is back. {away}"
            return submission_result(SubmissionStatus.STORED, item, case_id, says, notes=notes)
        except CaseNotRunning:
            view = await services.read(cases.get, case_id)
            if _is_open(view):
                says = not_running_here(case_id)
                return submission_result(SubmissionStatus.STORED, item, case_id, says, notes=notes)
            return await _process(services, item, raw)  # the case was closed meanwhile: it follows the decision
    else:
        try:
            await note_late_arrival(services, item, repeat)
        except TemporalUnavailable as away:
            says = f"Kept for case {case_id}, which notes it when Temporal is back. {away}"
            return submission_result(SubmissionStatus.STORED, item, case_id, says, notes=notes)
    await services.write(
        inbox.accept_and_mark_started, item.inbox_id, case_id, repeat.request_version, services.clock()
    )
    kind = SubmissionStatus.JOINED if _is_open(view) else SubmissionStatus.DECIDED_BEFORE
    return submission_result(kind, item, case_id, repeat_text(repeat, view, replies), notes=notes)


def _is_open(view: CaseView | None) -> bool:
    """Whether the case is open; a case without a view is being opened."""
    return view is None or view.status is CaseStatus.OPEN


# -- a change of a running case --------------------------------------------------------------------------------------------


async def _send_change(
    services: ServiceContext, item: InboxItem, change: RequestUpdate, raw: bytes
) -> SubmissionResult:
    case_id, notes = change.case_id, change.notes
    replies: list[CommandResult] = []
    try:
        await ensure_started(services, case_id)
        for message in update_messages(item, change):
            replies.append(await case_client.send_message(services, case_id, message))
            if replies[-1].kind is CommandStatus.REFUSED:
                break
    except TemporalUnavailable as away:
        says = f"Received for case {case_id}; the case gets it when Temporal is back. The receipt time stands. {away}"
        return submission_result(SubmissionStatus.STORED, item, case_id, says, notes=notes)
    except CaseNotRunning:
        if _is_open(await services.read(cases.get, case_id)):
            says = not_running_here(case_id)
            return submission_result(SubmissionStatus.STORED, item, case_id, says, notes=notes)
        problem = ValidationIssue(path="prior request", rule="case.closed", message=f"the case {case_id} is closed")
        return await _reject(services, item, (problem,), raw)
    if replies[0].kind is CommandStatus.REFUSED:
        return await _reject(services, item, replies[0].issues, raw)
    what = "; ".join(change.merged.what) or "more records"
    if (
        replies[0].kind is CommandStatus.QUEUED
    ):  # the item stays unread until the case has answered, which may refuse it
        says = f"Queued for case {case_id} ({what}); no worker has answered yet."
        return submission_result(SubmissionStatus.QUEUED, item, case_id, says, notes=notes)
    await services.write(
        inbox.accept_and_mark_started, item.inbox_id, case_id, change.request_version, services.clock()
    )
    more = "".join(f" Not done: {problem}." for problem in replies[-1].issues)
    return submission_result(SubmissionStatus.CHANGED, item, case_id, f"Case {case_id}: {what}.{more}", notes=notes)


# -- rejected and already processed arrivals -------------------------------------------------------------------------------


async def _reject(services: ServiceContext, item: InboxItem, problems: Issues, raw: bytes) -> SubmissionResult:
    await services.write(reject_item, item.inbox_id, problems)
    return await join_first(services, item, raw, problems)


async def _resume_processed(services: ServiceContext, item: InboxItem) -> SubmissionResult:
    if item.status is not InboxStatus.ACCEPTED or item.case_id is None or item.started_at is not None:
        return processed_result(item)
    if is_for_stay(item):
        return await resume_delivery(services, item)
    version, first = item.request_version or 1, await services.read(requests.load, item.case_id, 1)
    received_at = first.request.received_at
    start = AuthorizationStart(case_id=item.case_id, request_version=version, received_at=received_at)
    return await start_case(services, item, start)
