"""Delivery of a request for days of a stay to that stay, which is opened where it is not on file."""

from __future__ import annotations

import asyncio

from domain.errors import Corrupt, ValidationIssue
from domain.stays.messages import ClinicalUpdate
from domain.vocabulary import Channel
from intake.admissions import admissions
from intake.requests.arrival_outcome import NewStay, StayRequest
from intake.stays.requests import build_update
from intake.stays.review_records import forward_to_review
from intake.stays.updates import as_issues, deliver_form, is_stored_form, return_to_inbox
from interop.reader import read_request
from services.case_startup import mark_delivered
from services.context import CommandStatus, ServiceContext, SubmissionResult, SubmissionStatus, TemporalUnavailable
from services.stay_client import STAY_PREFIX, send_to_stay
from store import case_summaries, cases, inbox, stays
from store.inbox import InboxItem


def is_for_stay(item: InboxItem) -> bool:
    """Whether an accepted arrival belongs to a stay and not to an authorization."""
    return item.case_id is not None and item.case_id.startswith(STAY_PREFIX)


async def announce_stay(desk: ServiceContext, opens: NewStay, channel: Channel) -> tuple[ValidationIssue, ...]:
    """Enter the admission that a request shows; safe to repeat. Returns the issues that prevented it."""
    outcome = await admissions.record_admission(desk, opens.admission, channel)
    if outcome.stay_id is not None:
        return ()
    unknown = ValidationIssue(path="admission", rule="stay.not_opened", message=outcome.says)
    return outcome.problems or (unknown,)


async def deliver_request(desk: ServiceContext, item: InboxItem, found: StayRequest, is_new: bool) -> SubmissionResult:
    """Deliver a stored request to its stay."""
    if found.is_repeat:
        await asyncio.to_thread(mark_delivered, desk, item.inbox_id)
        says = await asyncio.to_thread(_repeat_text, desk, found.stay_id)
        return _result(SubmissionStatus.JOINED, item, found.stay_id, says, notes=found.notes)
    outcome = await _deliver_update(desk, item, found.stay_id, found.update, is_new)
    return outcome.model_copy(update={"notes": found.notes})


async def resume_delivery(desk: ServiceContext, item: InboxItem) -> SubmissionResult:
    """Deliver an arrival that is stored on a stay which does not have it yet."""
    stay_id = item.case_id or ""
    if not await asyncio.to_thread(_is_form, desk, item):
        return await _deliver_update(desk, item, stay_id, await asyncio.to_thread(_rebuild_update, desk, item), False)
    try:
        reply = await deliver_form(desk, item)
    except TemporalUnavailable as away:
        return _stored_result(item, stay_id, away)
    if reply.kind is CommandStatus.REFUSED:
        says = f"Stay {stay_id} does not accept it; it is stored as INBOX-{item.inbox_id} for intake to review."
        return _result(SubmissionStatus.REFUSED, item, stay_id, says, as_issues(reply))
    return _result(SubmissionStatus.CHANGED, item, stay_id, f"{stay_id}: {reply.says}")


async def _deliver_update(
    desk: ServiceContext, item: InboxItem, stay_id: str, update: ClinicalUpdate, is_new: bool
) -> SubmissionResult:
    try:
        reply = await send_to_stay(desk, stay_id, update)
    except TemporalUnavailable as away:
        return _stored_result(item, stay_id, away)
    if reply.kind is CommandStatus.REFUSED:
        problems = as_issues(reply)
        await asyncio.to_thread(return_to_inbox, desk, item.inbox_id, problems)
        says = f"Stay {stay_id} does not accept it; it is stored as INBOX-{item.inbox_id} for intake to review."
        return _result(SubmissionStatus.REFUSED, item, stay_id, says, problems)
    await forward_to_review(desk, stay_id, update.update_id, update.actor)
    await asyncio.to_thread(mark_delivered, desk, item.inbox_id)
    days = f"the days through {update.through}" if update.through is not None else "the next days"
    known = f"Stay {stay_id} is opened by this request" if is_new else f"This is about stay {stay_id}"
    handed_on = reply.kind is CommandStatus.QUEUED
    more = " No worker has answered yet." if handed_on else f" See its status with 'umpire show {stay_id}'."
    kind = SubmissionStatus.QUEUED if handed_on else SubmissionStatus.STARTED if is_new else SubmissionStatus.CHANGED
    return _result(kind, item, stay_id, f"{known}: {days} are requested.{more}")


def _stored_result(item: InboxItem, stay_id: str, away: TemporalUnavailable) -> SubmissionResult:
    says = f"Received for stay {stay_id}, which gets it when Temporal is back. The receipt time stands. {away}"
    return _result(SubmissionStatus.STORED, item, stay_id, says)


def _repeat_text(desk: ServiceContext, stay_id: str) -> str:
    """Text with the stay's status, for the sender of a repeated request."""
    with desk.store.read() as s:
        view, sheet = cases.get(s, stay_id), case_summaries.get(s, stay_id)
    says = f"The same request is on stay {stay_id} already; nothing was added."
    content = sheet.content if sheet is not None else {}
    if content.get("certified_through"):
        says += f" Certified through {content['certified_through']}."
    if view is not None and view.waiting is not None:
        says += f" It waits for {view.waiting.what} from {view.waiting.owner}."
    return says


def _is_form(desk: ServiceContext, item: InboxItem) -> bool:
    with desk.store.read() as s:
        return is_stored_form(s, item)


def _rebuild_update(desk: ServiceContext, item: InboxItem) -> ClinicalUpdate:
    with desk.store.begin() as s:
        stay = stays.get(s, item.case_id or "")
        if stay is None:
            raise Corrupt(f"inbox item {item.inbox_id} is for stay {item.case_id}, which is not there")
        return build_update(s, item, read_request(inbox.raw(s, item.inbox_id), item.received_at, item.channel), stay)


def _result(
    kind: SubmissionStatus,
    item: InboxItem,
    stay_id: str | None,
    says: str,
    problems: tuple[ValidationIssue, ...] = (),
    notes: tuple[ValidationIssue, ...] = (),
) -> SubmissionResult:
    return SubmissionResult(
        kind=kind,
        inbox_id=item.inbox_id,
        received_at=item.received_at,
        case_id=stay_id,
        says=says,
        problems=problems,
        notes=notes,
    )
