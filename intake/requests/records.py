"""Additional records for an open case: stored with the receipt time, attached, and sent to the case."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain.authorization.messages import AddDocuments
from domain.authorization.start import AuthorizationStart
from domain.case_numbers import kind_of
from domain.cases.views import CaseStatus, CaseView
from domain.criteria.foreign_units import find_foreign_units
from domain.errors import NotOnFile, NotReadable, ValidationIssue, refusal
from domain.evidence.facts import Fact, FactDefinition
from domain.journal import Actor
from domain.plain_language.phrases import count_phrase
from domain.requests.after_decision import ReopeningGround
from domain.requests.remarks import ReadingRemark, add_remarks
from domain.requests.request import DocumentReference
from domain.vocabulary import ArrivalKind, AskedBy, Channel, ProcessKind
from engine import priorities
from engine.workflow_names import PRIOR_AUTHORIZATION
from intake.requests.after_decision import (
    DECIDED,
    REOPENABLE,
    find_chain,
    is_change,
    open_reopening,
)
from intake.requests.arrival_outcome import RepeatedRequest
from intake.requests.authorization_changes import ask_again
from intake.requests.documents import attach_documents, store_documents, stored_evidence
from intake.requests.late_arrivals import note_late_arrival
from intake.requests.merge import add_records, merge_evidence
from intake.requests.result_texts import after_decision_text
from intake.requests.versions import was_heard
from intake.results import processed_result, submission_result
from interop.evidence import Evidence, read_evidence
from interop.submission import Attachment
from services import case_client
from services.case_client import CaseNotRunning
from services.case_startup import case_not_on_file, closed_case_result, ensure_started
from services.context import (
    CommandResult,
    CommandStatus,
    ServiceContext,
    SubmissionResult,
    SubmissionStatus,
    TemporalUnavailable,
)
from services.request_versions import load_current_version
from store import cases, documents, inbox, requests
from store.dialect import acquire_named_lock
from store.inbox import InboxItem, InboxStatus
from store.requests import StoredRequest

CODED_FILE_TYPE = "application/json"
_JSON_START = (b"{", b"\xef\xbb\xbf{")
_SIGNATURES = ((b"%PDF", "application/pdf"), (b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


async def add_documents(
    services: ServiceContext,
    case_id: str,
    content: bytes,
    name: str,
    actor: Actor | None,
    *,
    as_document: bool = False,
    channel: Channel = Channel.COMMAND_LINE,
) -> CommandResult:
    """Add a file to a case. FHIR resources and plain JSON records are read into facts; anything else is a document for
    people to read, and so is JSON with `as_document`.

    `actor` is the requesting provider unless given. Raises NotReadable for JSON that cannot be read, NotOnFile and Refused.
    While Temporal is unavailable the records are stored, and the case gets them later.
    """
    definitions = services.fact_definitions
    at = services.clock()
    item, foreign = await services.write(
        _store_records, case_id, content, name, actor, as_document, at, definitions, channel
    )
    try:
        reply = await deliver_records(services, item, actor)
        return reply.model_copy(update={"says": " ".join((reply.says, *(f"{one.message}." for one in foreign)))})
    except TemporalUnavailable as away:
        says = f"Stored for case {case_id}, which gets it when Temporal is back. {away}"
        return CommandResult(kind=CommandStatus.STORED, case_id=case_id, message_id=_message_id(item), says=says)


async def process_item(services: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Send stored records to their case, unless it has them. Safe to repeat."""
    item = await services.read(inbox.get, inbox_id)
    if item.status is not InboxStatus.ACCEPTED or item.started_at is not None:
        return processed_result(item)
    case_id = item.case_id
    try:
        reply = await _send_records(services, item)
    except TemporalUnavailable as away:
        says = f"Stored for case {case_id}, which gets them when Temporal is back. {away}"
        return submission_result(SubmissionStatus.STORED, item, case_id, says)
    refused = reply.kind is CommandStatus.REFUSED
    if refused and not await services.read(was_heard, case_id or "", item):  # nobody waits for the answer any more
        await services.write(inbox.return_to_intake, item.inbox_id, reply.issues)
        return submission_result(SubmissionStatus.REFUSED, item, case_id, "Refused.", reply.issues)
    await _mark_answered(services, item, reply)
    return submission_result(SubmissionStatus.CHANGED, item, case_id, reply.says)


async def deliver_records(services: ServiceContext, item: InboxItem, actor: Actor | None = None) -> CommandResult:
    """Send stored records to their case, whose answer goes to the caller. Until a worker has answered they are sent again.

    Raises TemporalUnavailable.
    """
    reply = await _send_records(services, item, actor)
    await _mark_answered(services, item, reply)
    return reply


async def _mark_answered(services: ServiceContext, item: InboxItem, reply: CommandResult) -> None:
    if reply.kind is not CommandStatus.QUEUED:
        await services.write(inbox.mark_started, item.inbox_id, services.clock())


async def _send_records(services: ServiceContext, item: InboxItem, actor: Actor | None = None) -> CommandResult:
    """Send them. The message id derives from the item, so that a repeat is harmless."""
    case_id = item.case_id or ""
    if item.request_version == 1:
        return await _start_reopening(services, item)
    view = await services.read(cases.get, case_id)
    message = await services.read(_build_message, item, actor)
    if view is not None and view.status is not CaseStatus.OPEN:
        return await _note_on_file(services, item, view, message)
    await ensure_started(services, case_id)
    try:
        reply = await case_client.send_message(services, case_id, message)
    except CaseNotRunning:
        reply = await closed_case_result(services, case_id, message.message_id)
    return reply


async def _start_reopening(services: ServiceContext, item: InboxItem) -> CommandResult:
    """Start the case that the records opened, because what they are about was denied before."""
    case_id = item.case_id or ""
    request = (await services.read(requests.load, case_id, 1)).request
    start = AuthorizationStart(case_id=case_id, request_version=1, received_at=request.received_at)
    order = priorities.of_case(request.urgency.urgency, request.plan_identifier)
    await case_client.start_case(services, PRIOR_AUTHORIZATION, start, order)
    says = after_decision_text(case_id, request.after) if request.after is not None else f"Case {case_id} is running."
    return CommandResult(kind=CommandStatus.ACCEPTED, case_id=case_id, message_id=_message_id(item), says=says)


async def _note_on_file(
    services: ServiceContext, item: InboxItem, view: CaseView, message: AddDocuments
) -> CommandResult:
    """Note on the journal of the decided case that the records came; its decision stands."""
    late = RepeatedRequest(view.case_id, item.request_version or 1, view, True, filed=message.document_ids)
    await note_late_arrival(services, item, late)
    says = "The records are on the file of the decided case; its decision stands."
    return CommandResult(kind=CommandStatus.ACCEPTED, case_id=view.case_id, message_id=message.message_id, says=says)


def _store_records(
    s: Session,
    case_id: str,
    content: bytes,
    name: str,
    actor: Actor | None,
    as_document: bool,
    at: datetime,
    definitions: Mapping[str, FactDefinition],
    channel: Channel,
) -> tuple[InboxItem, tuple[ReadingRemark, ...]]:
    member_id = _load_case(s, case_id).request.member.member_id
    acquire_named_lock(s, f"intake:{member_id}")  # two arrivals at once open one reopening, which takes both
    stored = _load_case(s, case_id)
    case_id = stored.case_id
    on_file = documents.of_case(s, case_id)
    evidence = read_evidence_file(content, name, at, stored.request.member.member_id, on_file, as_document)
    foreign = find_foreign_units(definitions, evidence.facts, evidence.statements, evidence.answers)
    recorded = evidence.model_copy(
        update={
            "facts": tuple(_with_recorder(fact, actor) for fact in evidence.facts),
            "remarks": add_remarks(evidence.remarks, foreign),
        }
    )
    sender = f"{actor or 'provider'}: {name}"
    item = store_evidence_version(s, case_id, recorded, content, at, sender, actor, channel)
    if item is None:
        raise refusal("records.known", f"All of this is on case {case_id} already.", "Nothing needs to be done.")
    _store_coded_file(s, item.case_id or case_id, recorded, content, at)
    return item, foreign


def store_evidence_version(
    s: Session,
    case_id: str,
    evidence: Evidence,
    raw: bytes,
    at: datetime,
    sender: str,
    actor: Actor | None = None,
    channel: Channel = Channel.COMMAND_LINE,
) -> InboxItem | None:
    """Store the evidence as the next version of the case's request, to be sent to it; None when the case has all of it. For
    what was denied it opens a reopening, asked for by `actor` (None: the provider)."""
    stored = load_current_version(s, case_id)
    request = add_records(
        stored.request,
        evidence.facts,
        [attachment.document_reference for attachment in evidence.attachments],
        evidence.remarks,
    )
    more = {
        "statements": [statement.model_dump(mode="json") for statement in evidence.statements],
        "answers": [answer.model_dump(mode="json") for answer in evidence.answers],
    }
    known = stored_evidence(stored)
    after = merge_evidence(known, more)
    if request == stored.request and after == known:
        return None
    item = inbox.receive(s, raw, at, channel, sender, kind=ArrivalKind.RECORDS)
    store_documents(s, case_id, evidence.attachments)
    chain = find_chain(s, case_id)
    is_of_stay = stored.request.stay is not None  # a stay has a way of its own to look at its days again
    if not is_of_stay and chain.denied is not None and chain.newest == chain.denied.case_id:
        open_reopening(s, item, chain, request, after, ReopeningGround.NEW_EVIDENCE, _asked_by(actor))
        return inbox.get(s, item.inbox_id)
    view = cases.get(s, case_id)
    if not is_of_stay and view is not None and view.status in REOPENABLE and is_change(s, case_id):
        opened = ask_again(s, item, request, after)
        if isinstance(opened, AuthorizationStart):
            attach_documents(s, case_id, opened.case_id)
            return inbox.get(s, item.inbox_id)
        if opened is not None:
            attach_documents(s, case_id, opened)
            joined = requests.load(s, opened).request
            case_id, request = opened, add_records(joined, request.facts, request.documents, request.remarks)
    version = requests.save(s, case_id, request, item.inbox_id, after)
    return inbox.accept(s, item.inbox_id, case_id, version)


def _store_coded_file(s: Session, case_id: str, evidence: Evidence, raw: bytes, at: datetime) -> None:
    """Put the file that coded data came in among the case's records, so that a reviewer can open what was sent."""
    counts = (
        (len(evidence.facts), "fact"),
        (len(evidence.statements), "coded statement"),
        (len(evidence.answers), "answer"),
    )
    found = ", ".join(count_phrase(number, noun) for number, noun in counts if number)
    if found:
        kept = documents.put(s, raw, f"Coded data as sent: {found}", CODED_FILE_TYPE, at)
        documents.attach(s, case_id, kept.document_id, at)


def _asked_by(actor: Actor | None) -> AskedBy:
    """The party that a sender of records is: the plan for a member of its staff."""
    kind = actor.kind if actor is not None else AskedBy.PROVIDER.value
    return AskedBy(kind) if kind in set(AskedBy) else AskedBy.PLAN


def _load_case(s: Session, case_id: str) -> StoredRequest:
    """The case that takes the records: a decided one's newest reopening, else the case itself. Raises NotOnFile, and Refused
    for a case that ended without a decision."""
    try:
        case_id = find_chain(s, case_id).newest
        stored = load_current_version(s, case_id)
    except NotOnFile:
        if kind_of(case_id) is ProcessKind.STAY:
            raise NotOnFile(
                f"{case_id} is a stay and not an authorization.", f"Send it with 'umpire stay update {case_id} FILE'."
            ) from None
        raise case_not_on_file(case_id) from None
    view = cases.get(s, case_id)
    if view is not None and view.status not in DECIDED | {CaseStatus.OPEN}:
        word = view.status.value.replace("_", " ")
        raise refusal("case.closed", f"The case is closed ({word}).", "Send them with a new request.")
    return stored


def read_evidence_file(
    content: bytes, name: str, at: datetime, member_id: str, on_file: Sequence[DocumentReference], as_document: bool
) -> Evidence:
    """Read a file: JSON records become facts, anything else (and JSON with `as_document`) is a document for people.

    `on_file` are the documents that the case has already. Raises NotReadable with every issue.
    """
    if content.lstrip().startswith(_JSON_START) and not as_document:
        named = {document.title: document.document_id for document in on_file}
        return read_evidence(content, at, member_id, named)
    if not content:
        message, wanted = "the file is empty", "a document, or records as JSON"
        raise NotReadable((ValidationIssue(path=name, rule="records.empty", message=message, expected=wanted),))
    reference = DocumentReference(
        document_id=hashlib.sha256(content).hexdigest(),
        title=name,
        content_type=_content_type(content, name),
        size_bytes=len(content),
        received_at=at,
    )
    return Evidence(attachments=(Attachment(document_reference=reference, content=content),))


def _content_type(content: bytes, name: str) -> str:
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _with_recorder(fact: Fact, actor: Actor | None) -> Fact:
    """The fact with its reviewer's id, when a reviewer recorded it."""
    if actor is None or actor.kind != "reviewer":
        return fact
    return fact.model_copy(update={"source": fact.source.model_copy(update={"recorded_by": actor.id})})


def _build_message(s: Session, item: InboxItem, actor: Actor | None) -> AddDocuments:
    case_id, version = item.case_id or "", item.request_version or 1
    after, before = requests.load(s, case_id, version), requests.load(s, case_id, version - 1)
    known = {document.document_id for document in before.request.documents}
    new = (document.document_id for document in after.request.documents)
    return AddDocuments(
        message_id=_message_id(item),
        at=item.received_at,
        actor=actor or Actor(kind="provider", id=after.request.requesting_provider.npi),
        document_ids=tuple(document_id for document_id in new if document_id not in known),
        request_version=version,
    )


def _message_id(item: InboxItem) -> str:
    return f"inbox-{item.inbox_id}"
