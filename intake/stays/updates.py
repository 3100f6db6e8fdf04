"""Submission of clinical updates and reconsideration requests: read, stored with the receipt time, delivered to the stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from domain.errors import Refused, refusal
from domain.journal import Actor
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import ClinicalUpdate, RequestSecondLook
from domain.vocabulary import ArrivalKind
from engine import edge_clock
from intake.stays.evidence import UpdateContents, build_evidence
from intake.stays.records import store_evidence
from intake.stays.review_records import forward_to_review
from interop.plain.stay_form import StayForm, as_bytes, is_stay_form, read_stay_form
from services import access
from services.context import CommandResult, CommandStatus, ServiceContext, TemporalUnavailable
from services.stay_client import find_stay, send_to_stay, stay_closed_violation
from store import inbox
from store.dialect import acquire_named_lock
from store.inbox import InboxItem


@dataclass(frozen=True)
class UpdateRequest:
    """Requests and statements of an update beside its records (`ClinicalUpdate` explains each field)."""

    through: date | None = None
    level: LevelOfCare | None = None
    working_drg: str | None = None
    expected_discharge: date | None = None
    post_stabilization: bool | None = None


@dataclass(frozen=True)
class ReconsiderationRequest:
    """Request to reconsider denied days: the days, and the grounds."""

    first: date
    last: date
    how: Literal["peer_to_peer", "reopening"]
    held_at: datetime | None = None
    note: str = ""


async def send_update(
    services: ServiceContext,
    stay: str,
    brought: UpdateContents,
    wanted: UpdateRequest,
    actor: Actor | None = None,
    message_id: str | None = None,
) -> CommandResult:
    """Send a clinical update to a stay. It is read and stored first; while Temporal is unavailable it is delivered later.

    `actor` is the facility unless given. Under a `message_id` that was stored before, what was stored goes on. Raises
    NotReadable with every issue of the file, NotOnFile and Refused.
    """
    if brought.is_empty:
        raise refusal(
            "update.empty",
            "An update without records, note or facts is empty.",
            "Give a file, or --note with what the facility said on the telephone, or --fact.",
        )
    return await _deliver_or_store(
        services, *await services.write(_store_form, stay, brought, wanted, actor, services.clock(), message_id)
    )


async def request_reconsideration(
    services: ServiceContext,
    stay: str,
    brought: UpdateContents,
    look: ReconsiderationRequest,
    actor: Actor | None = None,
    message_id: str | None = None,
) -> CommandResult:
    """Request reconsideration of denied days, with new information. Repeats and raises as a clinical update does."""
    return await _deliver_or_store(
        services, *await services.write(_store_form, stay, brought, look, actor, services.clock(), message_id)
    )


async def _deliver_or_store(services: ServiceContext, item: InboxItem, form: StayForm) -> CommandResult:
    """Deliver a stored form to the stay; while Temporal is unavailable it stays stored.

    The sender gets the stay's rejection at once, which resolves the inbox item, so that the form can be sent again later.
    """
    try:
        reply = await deliver_form(services, item.inbox_id, form)
        if reply.kind is CommandStatus.REFUSED:
            rules = ", ".join(refusal.rule for refusal in reply.refusals)
            note = f"Refused by {reply.case_id} ({rules}); the sender was notified."
            await services.write(inbox.resolve, item.inbox_id, form.message.actor.id, note, services.clock())
        return reply
    except TemporalUnavailable as away:
        stay_id = form.stay_id
        says = f"Stored for stay {stay_id}, which gets it when Temporal is back. The receipt time stands. {away}"
        return CommandResult(kind=CommandStatus.STORED, case_id=stay_id, message_id=form.message.message_id, says=says)


async def deliver_form(services: ServiceContext, inbox_id: int, form: StayForm) -> CommandResult:
    """Deliver the form's message to the stay; safe to repeat, because the form holds the message. Raises TemporalUnavailable.

    A form that the stay rejects returns to the inbox, with the violated rules. One that no worker has answered is sent again.
    """
    reply = await send_to_stay(services, form.stay_id, form.message)
    if reply.kind is CommandStatus.REFUSED:
        await services.write(inbox.return_to_intake, inbox_id, reply.issues)
        return reply
    if isinstance(form.message, ClinicalUpdate):
        review = await forward_to_review(services, form.stay_id, form.message.update_id, form.message.actor)
        more = f" {review}, which has asked for facts, has its records too." if review is not None else ""
        reply = reply.model_copy(update={"says": reply.says + more})
    if reply.kind is not CommandStatus.QUEUED:
        await services.write(inbox.mark_started, inbox_id, services.clock())
    return reply


# -- storage ---------------------------------------------------------------------------------------------------------------


def _store_form(
    s: Session,
    said: str,
    brought: UpdateContents,
    wanted: UpdateRequest | ReconsiderationRequest,
    actor: Actor | None,
    at: datetime,
    message_id: str | None,
) -> tuple[InboxItem, StayForm]:
    access.require_active(s, actor)
    stay = find_stay(s, said)
    acquire_named_lock(s, f"stay:{stay.stay_id}")
    if message_id is not None and (stored := _stored_under(s, stay.stay_id, message_id)) is not None:
        return stored
    if stay.view is not None and stay.is_over:
        raise Refused((stay_closed_violation(stay.view),))
    by = actor or Actor(kind="provider", id=stay.facility_npi or stay.facility)
    evidence, attachments = build_evidence(s, stay, brought, by, at)
    update_id = store_evidence(s, stay.stay_id, evidence, attachments, at) if evidence is not None else None
    form = StayForm(
        stay_id=stay.stay_id,
        message=_build_message(wanted, update_id, at, by, message_id or edge_clock.new_message_id()),
        note=brought.note,
        facts=evidence.facts if evidence is not None and brought.facts else (),
        file_name=brought.name,
        file=brought.content,
    )
    _reject_repeat(s, form)
    sender = f"{by}: {brought.name or 'by telephone'}"
    item = inbox.receive(s, as_bytes(form), at, brought.channel, sender, kind=ArrivalKind.STAY_FORM)
    return inbox.accept(s, item.inbox_id, stay.stay_id, 1), form


def _build_message(
    wanted: UpdateRequest | ReconsiderationRequest, update_id: str | None, at: datetime, by: Actor, message_id: str
) -> ClinicalUpdate | RequestSecondLook:
    if isinstance(wanted, ReconsiderationRequest):
        return RequestSecondLook(
            message_id=message_id,
            at=at,
            actor=by,
            first=wanted.first,
            last=wanted.last,
            how=wanted.how,
            held_at=wanted.held_at,
            update_id=update_id,
            note=wanted.note,
        )
    return ClinicalUpdate(
        message_id=message_id,
        at=at,
        actor=by,
        update_id=update_id or "",
        through=wanted.through,
        level=wanted.level,
        working_drg=wanted.working_drg,
        expected_discharge=wanted.expected_discharge,
        post_stabilization=wanted.post_stabilization,
    )


def _stored_under(s: Session, stay_id: str, message_id: str) -> tuple[InboxItem, StayForm] | None:
    """The form that was stored with this message, whose sender did not get the answer."""
    return next(((item, form) for item, form in _forms_of(s, stay_id) if form.message.message_id == message_id), None)


def _forms_of(s: Session, stay_id: str) -> Iterator[tuple[InboxItem, StayForm]]:
    for item in inbox.of_case(s, stay_id):
        raw = inbox.raw(s, item.inbox_id)
        if is_stay_form(raw):
            yield item, read_stay_form(raw)


def _reject_repeat(s: Session, form: StayForm) -> None:
    for item, known in _forms_of(s, form.stay_id):
        if known.has_same_content(form):
            message = f"All of this was received before, as INBOX-{item.inbox_id}."
            raise refusal("update.known", message, "Nothing needs to be done; send only new information.")
