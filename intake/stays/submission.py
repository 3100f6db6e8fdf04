"""Delivery of a request for days of a stay to that stay, which is opened where it is not on file."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.errors import Corrupt, ValidationIssue
from domain.stays.messages import ClinicalUpdate
from domain.vocabulary import Channel
from intake.admissions import admissions
from intake.requests.arrival_outcome import NewStay, StayRequest
from intake.results import processed_result, submission_result
from intake.stays.requests import build_update
from intake.stays.review_records import forward_to_review
from intake.stays.updates import deliver_form
from interop.plain.stay_form import read_stay_form
from interop.reader import read_request
from services.context import (
    CommandResult,
    CommandStatus,
    ServiceContext,
    SubmissionResult,
    SubmissionStatus,
    TemporalUnavailable,
)
from services.stay_client import send_to_stay
from store import cases, inbox, stays, stays_on_file
from store.inbox import InboxItem, InboxStatus


async def announce_stay(services: ServiceContext, opens: NewStay, channel: Channel) -> tuple[ValidationIssue, ...]:
    """Enter the admission that a request shows; safe to repeat. Returns the issues that prevented it."""
    outcome = await admissions.record_admission(services, opens.admission, channel, opens.received_at)
    if outcome.stay_id is not None:
        return ()
    unknown = ValidationIssue(path="admission", rule="stay.not_opened", message=outcome.says)
    return outcome.problems or (unknown,)


async def deliver_request(
    services: ServiceContext, item: InboxItem, found: StayRequest, is_new: bool
) -> SubmissionResult:
    """Deliver a stored request to its stay."""
    if found.is_repeat:
        await services.write(inbox.mark_started, item.inbox_id, services.clock())
        says = await services.read(_repeat_text, found.stay_id)
        return submission_result(SubmissionStatus.JOINED, item, found.stay_id, says, notes=found.notes)
    outcome = await _deliver_update(services, item, found.stay_id, found.update, is_new)
    return outcome.model_copy(update={"notes": found.notes})


async def resume_delivery(services: ServiceContext, item: InboxItem) -> SubmissionResult:
    """Deliver a request that is stored on a stay which does not have it yet."""
    update = await services.write(_rebuild_update, item)
    return await _deliver_update(services, item, item.case_id or "", update, False)


async def process_form(services: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Deliver a stored form to its stay, unless the stay has it. Safe to repeat."""
    item, raw = await services.read(inbox.load, inbox_id)
    if item.status is not InboxStatus.ACCEPTED or item.started_at is not None:
        return processed_result(item)
    form = read_stay_form(raw)
    try:
        reply = await deliver_form(services, inbox_id, form)
    except TemporalUnavailable as away:
        return _stored_result(item, form.stay_id, away)
    if reply.kind is CommandStatus.REFUSED:
        return _rejected_result(item, form.stay_id, reply)
    return submission_result(SubmissionStatus.CHANGED, item, form.stay_id, f"{form.stay_id}: {reply.says}")


async def _deliver_update(
    services: ServiceContext, item: InboxItem, stay_id: str, update: ClinicalUpdate, is_new: bool
) -> SubmissionResult:
    try:
        reply = await send_to_stay(services, stay_id, update)
    except TemporalUnavailable as away:
        return _stored_result(item, stay_id, away)
    if reply.kind is CommandStatus.REFUSED:
        await services.write(inbox.return_to_intake, item.inbox_id, reply.issues)
        return _rejected_result(item, stay_id, reply)
    await forward_to_review(services, stay_id, update.update_id, update.actor)
    handed_on = reply.kind is CommandStatus.QUEUED
    if not handed_on:  # until the stay has answered, which may refuse it, the request is sent again
        await services.write(inbox.mark_started, item.inbox_id, services.clock())
    days = f"the days through {update.through}" if update.through is not None else "the next days"
    known = f"Stay {stay_id} is opened by this request" if is_new else f"This is about stay {stay_id}"
    more = " No worker has answered yet." if handed_on else f" See its status with 'umpire show {stay_id}'."
    kind = SubmissionStatus.QUEUED if handed_on else SubmissionStatus.STARTED if is_new else SubmissionStatus.CHANGED
    return submission_result(kind, item, stay_id, f"{known}: {days} are requested.{more}")


def _stored_result(item: InboxItem, stay_id: str, away: TemporalUnavailable) -> SubmissionResult:
    says = f"Received for stay {stay_id}, which gets it when Temporal is back. The receipt time stands. {away}"
    return submission_result(SubmissionStatus.STORED, item, stay_id, says)


def _rejected_result(item: InboxItem, stay_id: str, reply: CommandResult) -> SubmissionResult:
    says = f"Stay {stay_id} does not accept it; it is stored as INBOX-{item.inbox_id} for intake to review."
    return submission_result(SubmissionStatus.REFUSED, item, stay_id, says, reply.issues)


def _repeat_text(s: Session, stay_id: str) -> str:
    """Text with the stay's status, for the sender of a repeated request."""
    view, known = cases.get(s, stay_id), stays_on_file.get(s, stay_id)
    says = f"The same request is on stay {stay_id} already; nothing was added."
    if known is not None and known.certified_through is not None:
        says += f" Certified through {known.certified_through}."
    if view is not None and view.waiting is not None:
        says += f" It waits for {view.waiting.what} from {view.waiting.owner}."
    return says


def _rebuild_update(s: Session, item: InboxItem) -> ClinicalUpdate:
    stay = stays.get(s, item.case_id or "")
    if stay is None:
        raise Corrupt(f"inbox item {item.inbox_id} is for stay {item.case_id}, which is not there")
    same = (one.received_at for one in inbox.of_case(s, stay.stay_id) if one.sha256 == item.sha256)
    asked = read_request(inbox.raw(s, item.inbox_id), item.received_at, item.channel)
    return build_update(s, item, asked, stay, min(same, default=item.received_at))
