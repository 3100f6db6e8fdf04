"""Messages from a reviewer's desk that every case takes: a record opened, a note, a contact; with their checks and effects.

They decide nothing. Each leaves one journal entry with who, what and when; the content of a record is in none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from domain.cases import assignment, receipt, task_messages
from domain.cases.case import Case
from domain.cases.messages import BaseMessage, MessageResult
from domain.decisions.determination import STAMP_SKEW
from domain.decisions.signed import RecordOnFile, RecordOpening
from domain.errors import RuleViolation, violation
from domain.journal import EntryKind
from domain.model import Model


class CaseContact(Model):
    """A contact about a case: with whom, in which role and for which organization, by which number, at which instant, and what
    came of it. Its instant is when it took place, not when it was written down."""

    person: str
    role: str
    organization: str
    number: str
    at: AwareDatetime
    result: str


class OpenRecord(BaseMessage):
    """A reviewer opens a record of the case; `document_id` is the sha256 (hex) of what is opened."""

    type: Literal["open_record"] = "open_record"
    reviewer_id: str
    document_id: str


class AddNote(BaseMessage):
    """A reviewer's note on the case, for those who work on it."""

    type: Literal["add_note"] = "add_note"
    reviewer_id: str
    text: str


class LogContact(BaseMessage):
    """A call, fax or visit about the case, for its contact log."""

    type: Literal["log_contact"] = "log_contact"
    reviewer_id: str
    contact: CaseContact


DeskMessage = Annotated[OpenRecord | AddNote | LogContact, Field(discriminator="type")]
DESK_MESSAGES = (OpenRecord, AddNote, LogContact)


def violations_without_lookup(case: Case, message: DeskMessage, now: datetime) -> Iterator[RuleViolation]:
    """Every rule that the message breaks, as far as it can be checked without looking anything up."""
    yield from task_messages.stamp_violations(case, message, now)
    yield from assignment.sender_violations(message)
    yield from content_violations(message, now)


def content_violations(message: DeskMessage, now: datetime) -> Iterator[RuleViolation]:
    """Violation of a note or a contact that lacks a part."""
    match message:
        case AddNote() if not message.text.strip():
            yield violation("note.empty", "The note is empty.", "Write what others have to know.")
        case LogContact():
            yield from _contact_violations(message.contact, now)


def answer_to(message: DeskMessage) -> str:
    """The answer to a message that is on the case, in one sentence."""
    match message:
        case OpenRecord():
            return "Opened; the journal says so."
        case AddNote():
            return "The note is on the case."
        case LogContact():
            return "The contact is in the log."


def receive_message(
    case: Case, message: DeskMessage, records: tuple[RecordOnFile, ...] | None, now: datetime
) -> MessageResult:
    """Journal the message, or its refusal. `records` are those on file for the case, as the store holds them."""

    def violations(case: Case, message: DeskMessage, now: datetime) -> tuple[RuleViolation, ...]:
        return (*violations_without_lookup(case, message, now), *_looked_up_violations(case, message, records))

    return receipt.receive_message(case, message, now, violations, _apply)


def entry_of(message: DeskMessage) -> tuple[EntryKind, str, dict[str, JsonValue]]:
    """The journal entry of a message: its kind, its sentence and its data. A record stands there by its hash."""
    who = message.reviewer_id
    match message:
        case OpenRecord(document_id=record):
            data: dict[str, JsonValue] = {"document_id": record, "reviewer_id": who}
            return EntryKind.RECORD_OPENED, f"{who} opened the record {record[:12]}.", data
        case AddNote():
            return EntryKind.CASE_NOTED, f"{who} added a note.", {"text": message.text}
        case LogContact():
            data = {"contact": message.contact.model_dump(mode="json")}
            return EntryKind.CONTACT_LOGGED, f"{who} logged a contact.", data


def _contact_violations(contact: CaseContact, now: datetime) -> Iterator[RuleViolation]:
    if contact.at > now + STAMP_SKEW:
        yield violation("contact.at", "The contact lies in the future.", "Log it when it has taken place.")
    empty = [name for name, said in contact if isinstance(said, str) and not said.strip()]
    if empty:
        yield violation(
            "contact.incomplete",
            f"The contact lacks: {', '.join(empty)}.",
            "Say who it was, in which role, for which organization, by which number, and the result; or 'none'.",
        )


def _looked_up_violations(
    case: Case, message: DeskMessage, records: tuple[RecordOnFile, ...] | None
) -> Iterator[RuleViolation]:
    who = case.reviewers.get(message.reviewer_id)
    if who is None or not who.active:
        yield violation("reviewer.unknown", "The reviewer is not active in the directory.", "Check the reviewer's id.")
    if isinstance(message, OpenRecord) and message.document_id not in {one.document_id for one in records or ()}:
        yield violation(
            "record.not_on_file",
            "The record is not on file for this case.",
            "List its records with 'umpire record CASE'.",
        )


def _apply(case: Case, message: DeskMessage, now: datetime) -> str:
    kind, summary, data = entry_of(message)
    case.note(kind, message.at, summary, message.actor, **data)
    if isinstance(message, OpenRecord):
        record, who = message.document_id, message.reviewer_id
        case.remember_opening(RecordOpening(document_id=record, reviewer_id=who, opened_at=message.at))
    return answer_to(message)
