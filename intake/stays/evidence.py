"""Contents of a stay's update, as stored: records of the facility, a note of a call, and typed values."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.evidence.facts import Fact, FactSource, FactValue, SourceKind
from domain.journal import Actor
from domain.requests.request import DocumentReference
from domain.stays.messages import StayEvidence
from domain.vocabulary import Channel
from intake.requests.records import read_evidence_file
from interop.evidence import Evidence
from interop.submission import Attachment
from services.stay_client import KnownStay
from store import documents

NOTE_TITLE = "Note of a call"


@dataclass(frozen=True)
class TypedFact:
    """A value that a person typed: from a telephone call with the facility, or from the attached file."""

    id: str
    value: FactValue
    unit: str | None = None


@dataclass(frozen=True)
class UpdateContents:
    """Contents of an update: a file, a note of a telephone call, typed values; at least one of them.

    `as_of` is the day on which values without a date were true, as the sender states it; with None the values of a file keep
    no date, and typed values get the day of the message.
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


def build_evidence(
    s: Session, stay: KnownStay, brought: UpdateContents, by: Actor, at: datetime
) -> tuple[StayEvidence | None, tuple[Attachment, ...]]:
    """Build the evidence and the documents to store with it; None for an empty update. Raises NotReadable with every issue."""
    if brought.is_empty:
        return None, ()
    read = Evidence()
    if brought.content is not None:
        on_file = documents.of_case(s, stay.stay_id)
        name = brought.name or "records"
        read = read_evidence_file(brought.content, name, at, stay.member_id, on_file, brought.as_document)
    attachments = list(read.attachments)
    note = _call_note(brought.note, at, by) if brought.note else None
    if note is not None:
        attachments.append(note)
    recorded_by = by.id if by.kind == "reviewer" else None
    day = brought.as_of or _local_day(stay, at)
    typed = [_typed_fact(one, at, day, recorded_by, read.attachments, note) for one in brought.facts]
    facts = [_with_date(_with_recorder(fact, recorded_by), brought.as_of) for fact in read.facts]
    return StayEvidence(
        facts=(*facts, *typed),
        statements=read.statements,
        answers=read.answers,
        documents=tuple(one.document_reference for one in attachments),
        summary=brought.note or "",
        remarks=read.remarks,
    ), tuple(attachments)


def _call_note(text: str, at: datetime, by: Actor) -> Attachment:
    """The note of a call as a document of the stay, which reviewers open like any other."""
    content = f"{NOTE_TITLE}, {at:%Y-%m-%d %H:%M} UTC, by {by.id}\n\n{text}\n".encode()
    reference = DocumentReference(
        document_id=hashlib.sha256(content).hexdigest(),
        title=f"{NOTE_TITLE}, {at:%Y-%m-%d %H:%M} UTC",
        content_type="text/plain",
        size_bytes=len(content),
        received_at=at,
    )
    return Attachment(document_reference=reference, content=content)


def _typed_fact(
    said: TypedFact,
    at: datetime,
    day: date,
    recorded_by: str | None,
    files: Sequence[Attachment],
    note: Attachment | None,
) -> Fact:
    """The typed value as a fact: documented when a document is attached, attested when it was only stated by telephone."""
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


def _with_date(fact: Fact, as_of: date | None) -> Fact:
    return fact if as_of is None or fact.effective is not None else fact.model_copy(update={"effective": as_of})


def _local_day(stay: KnownStay, at: datetime) -> date:
    """The day in the stay's time zone; in UTC before the stay is opened, because its zone is not known."""
    return at.astimezone(ZoneInfo(stay.view.zone)).date() if stay.view is not None else at.date()


def _with_recorder(fact: Fact, recorded_by: str | None) -> Fact:
    if recorded_by is None:
        return fact
    return fact.model_copy(update={"source": fact.source.model_copy(update={"recorded_by": recorded_by})})
