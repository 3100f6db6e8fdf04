"""The desk of a case, as a reviewer finds it: the records with those already opened, the notes, and the contact log."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, JsonValue
from sqlalchemy.orm import Session

from domain.cases.desk_messages import CaseContact
from domain.journal import EntryKind, JournalEntry
from domain.model import Model
from domain.requests.request import DocumentReference
from store import documents, journal


class RecordStanding(Model):
    """A record of the case, and when this reviewer first opened it (UTC); None while they have not."""

    record: DocumentReference
    opened_at: AwareDatetime | None


class DeskEntry(Model):
    """A note or a contact: when, by whom, and in words. `contact` is there for an entry of the contact log."""

    at: AwareDatetime
    by: str
    text: str
    contact: CaseContact | None = None


def list_records(s: Session, case_id: str, reviewer_id: str) -> tuple[RecordStanding, ...]:
    """List the records of the case in order of receipt, with the reviewer's own openings as the journal has them."""
    first: dict[str, datetime] = {}
    for entry in journal.entries(s, case_id):
        if entry.kind is EntryKind.RECORD_OPENED and entry.data.get("reviewer_id") == reviewer_id:
            first.setdefault(str(entry.data["document_id"]), entry.at)
    held = documents.of_case(s, case_id)
    return tuple(RecordStanding(record=one, opened_at=first.get(one.document_id)) for one in held)


def desk_entries(entries: tuple[JournalEntry, ...]) -> tuple[DeskEntry, ...]:
    """The notes and contacts in a journal, in its order: those of the desk, of a completed task, and of the parties' calls."""
    return tuple(found for entry in entries if (found := _desk_entry(entry)) is not None)


def _desk_entry(entry: JournalEntry) -> DeskEntry | None:
    by = str(entry.actor)
    match entry.kind:
        case EntryKind.CASE_NOTED:
            return DeskEntry(at=entry.at, by=by, text=str(entry.data.get("text") or ""))
        case EntryKind.CONTACT_LOGGED:
            contact = CaseContact.model_validate(entry.data["contact"])
            return DeskEntry(at=entry.at, by=by, text=contact.result, contact=contact)
    call = entry.data.get("contact")
    said = entry.data.get("note") or entry.data.get("why")
    text = f"{entry.summary} {said}" if isinstance(said, str) else entry.summary
    if entry.kind is EntryKind.PEER_TO_PEER_SETTLED and isinstance(call, dict):
        return DeskEntry(at=entry.at, by=by, text=text, contact=_peer_to_peer(call, text))
    return DeskEntry(at=entry.at, by=by, text=text) if isinstance(said, str) else None


def _peer_to_peer(call: dict[str, JsonValue], result: str) -> CaseContact:
    """The call of a peer-to-peer, as an entry of the contact log."""
    said = {"person": call["called"], "number": call["number"], "at": call["at"], "result": result}
    return CaseContact.model_validate(said | {"role": "requesting provider", "organization": ""})
