"""Actions at a reviewer's desk on a case of any process: open a record, add a note, log a contact.

Each is in the journal of the case before its result is shown. While the case runs its workflow writes the entry; once it has
ended, the action does. All raise NotOnFile, Refused, and TemporalUnavailable when an open case cannot be told: then nothing was
done, and no record is shown.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.orm import Session

from domain.case_numbers import kind_of
from domain.cases import desk_messages
from domain.cases.desk_messages import AddNote, CaseContact, DeskMessage, LogContact, OpenRecord
from domain.cases.views import CaseStatus
from domain.errors import NotOnFile, Refused, violation
from domain.journal import EntryKind
from domain.requests.request import DocumentReference
from domain.vocabulary import ProcessKind
from services import access, case_client
from services.access import ReadingRule
from services.case_client import CaseNotRunning
from services.case_startup import ensure_started, not_running_here
from services.commands.case_actions import message_header, reviewer_actor
from services.context import CommandResult, CommandStatus, ServiceContext, TemporalUnavailable
from store import cases, documents, journal, tasks

SHORTEST_PREFIX = 8
_RESTRICTED: dict[ProcessKind, ReadingRule] = {
    ProcessKind.CONCERN: access.READ_PEER_REVIEW,
    ProcessKind.CALLBACK: access.READ_CALLER_MESSAGE,
}


class OpenedRecord(NamedTuple):
    """A record that was opened, with its content, and the case's answer."""

    reference: DocumentReference
    content: bytes
    reply: CommandResult

    @property
    def text(self) -> str | None:
        """The content as text; None where it is a picture, a PDF or another file that no text is."""
        return decode_text(self.reference, self.content)


def decode_text(reference: DocumentReference, content: bytes) -> str | None:
    """The content of a record as text; None where it is a picture, a PDF or another file that no text is."""
    kind = reference.content_type.partition(";")[0].strip().lower()
    is_text = kind.startswith("text/") or kind.endswith(("json", "xml"))
    if not is_text or content.startswith(b"%PDF"):
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def find_record(s: Session, case_id: str, said: str) -> DocumentReference:
    """The record of the case by its place in the list (from 1), its title, its id or the id's first eight characters or more.
    Raises NotOnFile."""
    held = documents.of_case(s, case_id)
    if said.isdecimal() and 1 <= int(said) <= len(held):
        return held[int(said) - 1]
    by_id = [one for one in held if len(said) >= SHORTEST_PREFIX and one.document_id.startswith(said.lower())]
    found = by_id or [one for one in held if one.title.casefold() == said.casefold()]
    if len(found) != 1:
        problem = "has no such record" if not found else "has several records of that title"
        raise NotOnFile(
            f"Case {case_id} {problem}.", f"List them with 'umpire record {case_id}', and name one by its id."
        )
    return found[0]


async def open_record(
    services: ServiceContext, case_id: str, said: str, reviewer_id: str, *, once: bool = False
) -> OpenedRecord:
    """Open a record of the case for this reviewer. The content is read only once the opening is on the case.

    With `once`, for pages that are read again and again, a reviewer's first opening of a record is recorded and no later one.
    """
    reference = await services.read(find_openable, case_id, said, reviewer_id)
    document_id = reference.document_id
    stamp = message_header(services, reviewer_actor(reviewer_id))
    if once:
        stamp |= {"message_id": f"open:{case_id}:{document_id[:16]}:{reviewer_id}"}
    message = OpenRecord(**stamp, reviewer_id=reviewer_id, document_id=document_id)
    if once and await services.read(_has_opened, case_id, document_id, reviewer_id):
        reply = _accepted(case_id, message)
    else:
        reply = await _put_on_case(services, case_id, message)
    if reply.kind is CommandStatus.REFUSED:
        raise Refused(reply.refusals)
    return OpenedRecord(reference, await services.read(documents.get, document_id), reply)


def _has_opened(s: Session, case_id: str, document_id: str, reviewer_id: str) -> bool:
    said = {"document_id": document_id, "reviewer_id": reviewer_id}
    opened = (one.data for one in journal.entries(s, case_id) if one.kind is EntryKind.RECORD_OPENED)
    return any(said.items() <= data.items() for data in opened)


async def add_note(
    services: ServiceContext, case_id: str, reviewer_id: str, text: str, message_id: str | None = None
) -> CommandResult:
    """Add a note to the case."""
    await services.read(access.require_active, reviewer_actor(reviewer_id))
    stamp = message_header(services, reviewer_actor(reviewer_id), message_id)
    return await _put_on_case(services, case_id, AddNote(**stamp, reviewer_id=reviewer_id, text=text))


async def log_contact(
    services: ServiceContext, case_id: str, reviewer_id: str, contact: CaseContact, message_id: str | None = None
) -> CommandResult:
    """Log a contact about the case."""
    await services.read(access.require_active, reviewer_actor(reviewer_id))
    stamp = message_header(services, reviewer_actor(reviewer_id), message_id)
    return await _put_on_case(services, case_id, LogContact(**stamp, reviewer_id=reviewer_id, contact=contact))


def find_openable(s: Session, case_id: str, said: str, reviewer_id: str) -> DocumentReference:
    """The record that is meant (see `find_record`), for a reviewer who may read it. Raises NotOnFile and Refused."""
    access.require_active(s, reviewer_actor(reviewer_id))
    reference = find_record(s, case_id, said)
    rule = _RESTRICTED.get(kind_of(case_id) or ProcessKind.REQUEST)
    if rule is not None and not access.may_read(s, rule, reviewer_id, tasks.of_case(s, case_id)):
        raise Refused((violation("record.restricted", f"The record is {rule.placeholder}.", "Ask one of them."),))
    return reference


async def _put_on_case(services: ServiceContext, case_id: str, message: DeskMessage) -> CommandResult:
    await ensure_started(services, case_id)
    try:
        return await case_client.send_message(services, case_id, message, update="desk")
    except CaseNotRunning:
        view = await services.read(cases.get, case_id)
        if view is None or view.status is CaseStatus.OPEN:
            raise TemporalUnavailable(not_running_here(case_id)) from None
        return await services.write(_put_on_ended_case, case_id, message)


def _put_on_ended_case(s: Session, case_id: str, message: DeskMessage) -> CommandResult:
    """Write the entry that the case's workflow would have written. Raises Refused."""
    broken = tuple(desk_messages.content_violations(message, message.at))
    if broken:
        raise Refused(broken)
    kind, summary, data = desk_messages.entry_of(message)
    journal.append_to_ended(s, case_id, kind, message.at, message.actor, summary, data)
    return _accepted(case_id, message)


def _accepted(case_id: str, message: DeskMessage) -> CommandResult:
    says = desk_messages.answer_to(message)
    return CommandResult(kind=CommandStatus.ACCEPTED, case_id=case_id, message_id=message.message_id, says=says)
