"""A clinical update, or what was learned for a second look: read, kept with its receipt instant, and told to the stay."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.errors import Problem, Refusal, Refused
from domain.facts import Fact, FactSource, FactValue, SourceKind
from domain.journal import Actor
from domain.levels_of_care import LevelOfCare
from domain.request import DocumentReference
from domain.stay_evidence import StayEvidence
from domain.stay_messages import AskSecondLook, ClinicalUpdate
from domain.vocabulary import Channel
from engine import edge_clock
from intake.desk import Desk, EngineDown, Reply, ReplyKind
from intake.records import read_file
from intake.starting import mark_told
from intake.stay_reaching import KnownStay, closed, known_stay, tell
from intake.stay_records import keep_evidence
from intake.stay_review_records import hand_to_review
from interop.evidence import Evidence
from interop.plain.stay_form import StayForm, as_bytes, is_stay_form, read_stay_form
from interop.submission import Attachment
from store import documents, inbox
from store.inbox import InboxItem
from store.writing import hold

NOTE_TITLE = "Note of a call"


@dataclass(frozen=True)
class TypedFact:
    """A value that somebody typed in: what the facility said by telephone, or what stands in the file that is sent along."""

    id: str
    value: FactValue
    unit: str | None = None


@dataclass(frozen=True)
class Brought:
    """What somebody brings: a file, what was said on the telephone, values typed in; at least one of them.

    `as_of` is the day on which values without a date were true, by the word of whoever brings them; None leaves values of a
    file without one, and what is typed in is of the day of the message.
    """

    content: bytes | None = None
    name: str | None = None
    note: str | None = None
    facts: tuple[TypedFact, ...] = ()
    as_document: bool = False
    as_of: date | None = None
    channel: Channel = Channel.COMMAND_LINE

    @property
    def is_empty(self) -> bool:
        return self.content is None and not self.note and not self.facts


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
    note: str = field(default="")


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
        evidence, attachments = _evidence(s, stay, brought, by, at)
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


# -- what it says clinically -----------------------------------------------------------------------------------------------


def _evidence(
    s: Session, stay: KnownStay, brought: Brought, by: Actor, at: datetime
) -> tuple[StayEvidence | None, tuple[Attachment, ...]]:
    if brought.is_empty:
        return None, ()
    read = Evidence()
    if brought.content is not None:
        on_file = documents.of_case(s, stay.stay_id)
        name = brought.name or "records"
        read = read_file(brought.content, name, at, stay.member_id, on_file, brought.as_document)
    attachments = list(read.attachments)
    note = _note(brought.note, at, by) if brought.note else None
    if note is not None:
        attachments.append(note)
    recorded_by = by.id if by.kind == "reviewer" else None
    day = brought.as_of or _local_day(stay, at)
    typed = [_typed(one, at, day, recorded_by, read.attachments, note) for one in brought.facts]
    facts = [_dated(_recorded(fact, recorded_by), brought.as_of) for fact in read.facts]
    return StayEvidence(
        facts=(*facts, *typed),
        statements=read.statements,
        answers=read.answers,
        documents=tuple(one.document_reference for one in attachments),
        summary=brought.note or "",
    ), tuple(attachments)


def _note(text: str, at: datetime, by: Actor) -> Attachment:
    """What somebody noted of a call is a document of the stay: reviewers open it like any other."""
    content = f"{NOTE_TITLE}, {at:%Y-%m-%d %H:%M} UTC, by {by.id}\n\n{text}\n".encode()
    reference = DocumentReference(
        document_id=hashlib.sha256(content).hexdigest(),
        title=f"{NOTE_TITLE}, {at:%Y-%m-%d %H:%M} UTC",
        content_type="text/plain",
        size_bytes=len(content),
        received_at=at,
    )
    return Attachment(document_reference=reference, content=content)


def _typed(
    said: TypedFact,
    at: datetime,
    day: date,
    recorded_by: str | None,
    files: Sequence[Attachment],
    note: Attachment | None,
) -> Fact:
    """A value read from the document that is sent along is documented; what was only said on the telephone is attested."""
    if len(files) == 1:
        source = FactSource(
            kind=SourceKind.DOCUMENT,
            reference=files[0].document_reference.document_id,
            recorded_by=recorded_by,
        )
    else:
        reference = note.document_reference.document_id if note is not None else f"said on {at:%Y-%m-%d %H:%M} UTC"
        source = FactSource(kind=SourceKind.ATTESTATION, reference=reference, recorded_by=recorded_by)
    return Fact(id=said.id, value=said.value, unit=said.unit, effective=day, source=source)


def _dated(fact: Fact, as_of: date | None) -> Fact:
    return fact if as_of is None or fact.effective is not None else fact.model_copy(update={"effective": as_of})


def _local_day(stay: KnownStay, at: datetime) -> date:
    """The day in the stay's zone; before the stay was opened its zone is not known, and the day is that of UTC."""
    return at.astimezone(ZoneInfo(stay.view.zone)).date() if stay.view is not None else at.date()


def _recorded(fact: Fact, recorded_by: str | None) -> Fact:
    if recorded_by is None:
        return fact
    return fact.model_copy(update={"source": fact.source.model_copy(update={"recorded_by": recorded_by})})


def _refused(rule: str, message: str, way_out: str) -> Refused:
    return Refused((Refusal(rule=rule, message=message, way_out=way_out),))
