"""More records for a running case: kept with their receipt instant, attached, and told to the case."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain.authorization.messages import AddDocuments
from domain.cases.views import CaseStatus
from domain.errors import NotReadable, Problem, Refusal, Refused
from domain.evidence.facts import Fact
from domain.journal import Actor
from domain.requests.request import DocumentReference
from domain.vocabulary import Channel
from intake.requests.changes import merged_evidence, with_records
from intake.requests.keeping import as_json, keep_documents, stored_evidence
from interop.evidence import Evidence, read_evidence
from interop.submission import Attachment
from services import case_client as telling
from services.case_client import CaseGone
from services.context import Desk, EngineDown, NotFound, Reply, ReplyKind
from services.request_versions import current
from services.starting import ensure_started, gone, mark_told
from store import cases, documents, inbox, requests
from store.inbox import InboxItem

_JSON_START = (b"{", b"\xef\xbb\xbf{")
_SIGNATURES = ((b"%PDF", "application/pdf"), (b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


async def add_documents(
    desk: Desk, case_id: str, content: bytes, name: str, actor: Actor | None, *, as_document: bool = False
) -> Reply:
    """Add a file to a case. FHIR resources and plain JSON records are read into facts; anything else is a document to read
    for people, and so is JSON with `as_document`.

    `actor` is the requesting provider unless given. Raises NotReadable for JSON that cannot be read, NotFound and Refused.
    While the engine is away the records are kept, and the case is told when it is back.
    """
    item = await asyncio.to_thread(_keep, desk, case_id, content, name, actor, as_document)
    try:
        return await tell_of_records(desk, item, actor)
    except EngineDown as away:
        says = f"Kept for case {case_id}, which is told when the engine is back. {away}"
        return Reply(kind=ReplyKind.KEPT, case_id=case_id, message_id=_message_id(item), says=says)


async def tell_of_records(desk: Desk, item: InboxItem, actor: Actor | None = None) -> Reply:
    """Tell the case of records that are kept for it. The message's id follows from the item, so a repeat is harmless.

    Raises EngineDown.
    """
    message = await asyncio.to_thread(_message, desk, item, actor)
    case_id = item.case_id or ""
    await ensure_started(desk, case_id)
    try:
        reply = await telling.tell(desk, case_id, message)
    except CaseGone:
        reply = await gone(desk, case_id, message.message_id)
    await asyncio.to_thread(mark_told, desk, item.inbox_id)
    return reply


def _keep(desk: Desk, case_id: str, content: bytes, name: str, actor: Actor | None, as_document: bool) -> InboxItem:
    at = desk.clock()
    with desk.store.begin() as s:
        _expect_open(s, case_id)
        stored = current(s, case_id)
        on_file = documents.of_case(s, case_id)
        evidence = read_file(content, name, at, stored.request.member.member_id, on_file, as_document)
        recorded = evidence.model_copy(update={"facts": tuple(_recorded(fact, actor) for fact in evidence.facts)})
        item = keep_evidence_of(s, case_id, recorded, content, at, f"{actor or 'provider'}: {name}")
        if item is None:
            raise _refused("records.known", f"All of this is on case {case_id} already.", "Nothing needs to be done.")
        return item


def keep_evidence_of(
    s: Session, case_id: str, evidence: Evidence, raw: bytes, at: datetime, sender: str
) -> InboxItem | None:
    """Keep what bytes say as the next version of the case's request, to be told to it; None when the case has all of it."""
    stored = current(s, case_id)
    request = with_records(
        stored.request, evidence.facts, [attachment.document_reference for attachment in evidence.attachments]
    )
    more = {
        "statements": [statement.model_dump(mode="json") for statement in evidence.statements],
        "answers": [answer.model_dump(mode="json") for answer in evidence.answers],
    }
    known = stored_evidence(stored)
    after = merged_evidence(known, more)
    if request == stored.request and after == known:
        return None
    item = inbox.receive(s, raw, at, Channel.COMMAND_LINE, sender)
    keep_documents(s, case_id, evidence.attachments)
    version = requests.save(s, case_id, request, item.inbox_id, as_json(after))
    return inbox.accept(s, item.inbox_id, case_id, version)


def _expect_open(s: Session, case_id: str) -> None:
    try:
        current(s, case_id)
    except LookupError:
        if case_id.startswith("ST-"):
            raise NotFound(
                f"{case_id} is a stay and no case.", f"Send it with 'umpire stay update {case_id} FILE'."
            ) from None
        raise NotFound(f"There is no case {case_id}.", "List the cases with 'umpire cases'.") from None
    view = cases.get(s, case_id)
    if view is not None and view.status is not CaseStatus.OPEN:
        word = view.status.value.replace("_", " ")
        raise _refused(
            "case.closed", f"The case is closed ({word}).", "Send the records with an appeal or a new request."
        )


def read_file(
    content: bytes, name: str, at: datetime, member_id: str, on_file: Sequence[DocumentReference], as_document: bool
) -> Evidence:
    """What a file says: records as JSON are read, anything else (and JSON with `as_document`) is a document for people.

    `on_file` are the documents that are known already. Raises NotReadable with every problem.
    """
    if content.lstrip().startswith(_JSON_START) and not as_document:
        named = {document.title: document.document_id for document in on_file}
        return read_evidence(content, at, member_id, named)
    if not content:
        message, wanted = "the file is empty", "a document, or records as JSON"
        raise NotReadable((Problem(path=name, rule="records.empty", message=message, expected=wanted),))
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


def _recorded(fact: Fact, actor: Actor | None) -> Fact:
    """A value that a reviewer read from a record carries their name."""
    if actor is None or actor.kind != "reviewer":
        return fact
    return fact.model_copy(update={"source": fact.source.model_copy(update={"recorded_by": actor.id})})


def _message(desk: Desk, item: InboxItem, actor: Actor | None) -> AddDocuments:
    case_id, version = item.case_id or "", item.request_version or 1
    with desk.store.read() as s:
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


def _refused(rule: str, message: str, way_out: str) -> Refused:
    return Refused((Refusal(rule=rule, message=message, way_out=way_out),))
