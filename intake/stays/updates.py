"""A clinical update, or what was learned for a second look: read, kept with its receipt instant, and told to the stay."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from domain.errors import Problem, Refusal, Refused
from domain.journal import Actor
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import AskSecondLook, ClinicalUpdate
from engine import edge_clock
from intake.stays.evidence import Brought, evidence_of
from intake.stays.records import keep_evidence
from intake.stays.review_records import hand_to_review
from interop.plain.stay_form import StayForm, as_bytes, is_stay_form, read_stay_form
from services.context import Desk, EngineDown, Reply, ReplyKind
from services.starting import mark_told
from services.stay_client import closed, known_stay, tell
from store import inbox
from store.dialect import hold
from store.inbox import InboxItem


@dataclass(frozen=True)
class Wanted:
    """What an update asks and tells beside the records (`ClinicalUpdate` has the meaning of each)."""

    through: date | None = None
    level: LevelOfCare | None = None
    working_drg: str | None = None
    expected_discharge: date | None = None
    post_stabilization: bool | None = None


@dataclass(frozen=True)
class Look:
    """A second look at denied days: which ones, and how it is asked for."""

    first: date
    last: date
    how: Literal["peer_to_peer", "reopening"]
    held_at: datetime | None = None
    note: str = ""


async def send_update(desk: Desk, stay: str, brought: Brought, wanted: Wanted, actor: Actor | None = None) -> Reply:
    """Send a clinical update to a stay. It is read and kept first; while the engine is away the stay is told later.

    `actor` is the facility unless given. Raises NotReadable with every problem of the file, NotFound and Refused.
    """
    if brought.is_empty:
        raise _refused(
            "update.empty",
            "An update without records, note or facts says nothing.",
            "Give a file, or --note with what the facility said on the telephone, or --fact.",
        )
    item = await asyncio.to_thread(_keep, desk, stay, brought, wanted, actor)
    return await told_or_kept(desk, item)


async def ask_second_look(desk: Desk, stay: str, brought: Brought, look: Look, actor: Actor | None = None) -> Reply:
    """Ask for a second look at denied days, with what was learned. Raises as `send_update` does."""
    item = await asyncio.to_thread(_keep, desk, stay, brought, look, actor)
    return await told_or_kept(desk, item)


async def told_or_kept(desk: Desk, item: InboxItem) -> Reply:
    """Tell the stay of a form that is kept; while the engine is away it stays kept.

    Whoever brought it hears at once what the stay refuses, so that the form is settled by that, and can be sent again later.
    """
    try:
        reply = await tell_of_form(desk, item)
        if reply.kind is ReplyKind.REFUSED:
            await asyncio.to_thread(_settle, desk, item, reply)
        return reply
    except EngineDown as away:
        stay_id, form = item.case_id or "", await asyncio.to_thread(_form, desk, item)
        says = f"Kept for stay {stay_id}, which is told when the engine is back. The receipt time stands. {away}"
        return Reply(kind=ReplyKind.KEPT, case_id=stay_id, message_id=form.message.message_id, says=says)


async def tell_of_form(desk: Desk, item: InboxItem) -> Reply:
    """Tell the stay. The message stands in the form, so that telling it again is telling it once. Raises EngineDown.

    A form that the stay refuses is taken back into the inbox, with the rules that it breaks.
    """
    form = await asyncio.to_thread(_form, desk, item)
    reply = await tell(desk, form.stay_id, form.message)
    if reply.kind is ReplyKind.REFUSED:
        await asyncio.to_thread(take_back, desk, item.inbox_id, as_problems(reply))
        return reply
    if isinstance(form.message, ClinicalUpdate):
        review = await hand_to_review(desk, form.stay_id, form.message.update_id, form.message.actor)
        more = f" {review}, which asks for facts, has its records too." if review is not None else ""
        reply = reply.model_copy(update={"says": reply.says + more})
    await asyncio.to_thread(mark_told, desk, item.inbox_id)
    return reply


def take_back(desk: Desk, inbox_id: int, problems: tuple[Problem, ...]) -> None:
    """What a stay does not take is a task for intake again."""
    with desk.store.begin() as s:
        inbox.take_back(s, inbox_id, problems)


def as_problems(reply: Reply) -> tuple[Problem, ...]:
    """What a stay refused, as the problems of the arrival."""
    return tuple(
        Problem(path="request", rule=refusal.rule, message=refusal.message, expected=refusal.way_out)
        for refusal in reply.refusals
    )


def _settle(desk: Desk, item: InboxItem, reply: Reply) -> None:
    with desk.store.begin() as s:
        by = read_stay_form(inbox.raw(s, item.inbox_id)).message.actor.id
        rules = ", ".join(refusal.rule for refusal in reply.refusals)
        inbox.resolve(
            s, item.inbox_id, by, f"Refused by {reply.case_id} ({rules}); whoever sent it was told.", desk.clock()
        )


def is_kept_form(s: Session, item: InboxItem) -> bool:
    """Whether an arrival is such a form."""
    return item.case_id is not None and is_stay_form(inbox.raw(s, item.inbox_id))


# -- keeping ---------------------------------------------------------------------------------------------------------------


def _keep(desk: Desk, said: str, brought: Brought, wanted: Wanted | Look, actor: Actor | None) -> InboxItem:
    at = desk.clock()
    with desk.store.begin() as s:
        stay = known_stay(s, said)
        hold(s, f"stay:{stay.stay_id}")
        if stay.view is not None and stay.is_over:
            raise Refused((closed(stay.view),))
        by = actor or Actor(kind="provider", id=stay.facility_npi or stay.facility)
        evidence, attachments = evidence_of(s, stay, brought, by, at)
        update_id = keep_evidence(s, stay.stay_id, evidence, attachments, at) if evidence is not None else None
        form = StayForm(
            stay_id=stay.stay_id,
            message=_message(wanted, update_id, at, by),
            note=brought.note,
            facts=evidence.facts if evidence is not None and brought.facts else (),
            file_name=brought.name,
            file=brought.content,
        )
        _expect_news(s, form)
        item = inbox.receive(s, as_bytes(form), at, brought.channel, f"{by}: {brought.name or 'by telephone'}")
        return inbox.accept(s, item.inbox_id, stay.stay_id, 1)


def _message(wanted: Wanted | Look, update_id: str | None, at: datetime, by: Actor) -> ClinicalUpdate | AskSecondLook:
    message_id = edge_clock.message_id()
    if isinstance(wanted, Look):
        return AskSecondLook(
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


def _expect_news(s: Session, form: StayForm) -> None:
    for item in inbox.of_case(s, form.stay_id):
        raw = inbox.raw(s, item.inbox_id)
        if is_stay_form(raw) and read_stay_form(raw).says_the_same(form):
            message = f"All of this came before, as INBOX-{item.inbox_id}."
            raise _refused("update.known", message, "Nothing needs to be done; send what is new since then.")


def _form(desk: Desk, item: InboxItem) -> StayForm:
    with desk.store.read() as s:
        return read_stay_form(inbox.raw(s, item.inbox_id))


def _refused(rule: str, message: str, way_out: str) -> Refused:
    return Refused((Refusal(rule=rule, message=message, way_out=way_out),))
