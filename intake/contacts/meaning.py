"""What a message or a concern in the inbox means: the start of its process, the same one however often it is read."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from domain.callbacks.numbers import callback_id_for, seal_for
from domain.callbacks.start import CallbackStart
from domain.concerns.numbers import raising_id_for
from domain.concerns.start import ConcernStart, concern_id_for
from domain.errors import NotReadable, Problem
from domain.journal import canonical
from interop.plain.callbacks_and_concerns import LeftMessage, RaisedConcern, read_contact
from services.case_lookup import member_of
from store import directory, documents, tasks
from store import installation as settings
from store.inbox import InboxItem

SKEW = timedelta(seconds=60)
TITLE = "Message that was left by telephone"


def mean(s: Session, item: InboxItem, raw: bytes) -> CallbackStart | ConcernStart:
    """The start of the process; what must not go through Temporal is kept as a document. Raises NotReadable."""
    said = read_contact(raw)
    key = settings.installation_key(s)
    return _callback(s, item, said, key) if isinstance(said, LeftMessage) else _concern(s, item, said, key)


def _concern(s: Session, item: InboxItem, said: RaisedConcern, key: bytes) -> ConcernStart:
    member_id = member_of(s, said.about_case)
    if member_id is None:
        raise _unknown("$.about_case", "there is no such dossier", "the number of a case, stay, plan, call or concern")
    if said.about_task is not None:
        found = tasks.get(s, said.about_task)
        if found is None or found.case_id != said.about_case:
            raise _unknown("$.about_task", "the dossier has no such task", "one of its tasks, open or not")
    if directory.reviewer(s, said.raised_by) is None:
        raise _unknown("$.raised_by", "the directory has no such reviewer", "a reviewer id")
    words = " ".join(said.what.split())
    identity = (said.about_case, said.about_task or "", said.kind, said.raised_by, words)
    return ConcernStart(
        case_id=concern_id_for(raising_id_for(identity, key)),
        kind=said.kind,
        raised_by=said.raised_by,
        about_case_id=said.about_case,
        about_task_id=said.about_task,
        member_id=member_id,
        what=said.what,
        at=item.received_at,
    )


def _callback(s: Session, item: InboxItem, said: LeftMessage, key: bytes) -> CallbackStart:
    left_at = said.left_at or item.received_at
    if left_at > item.received_at + SKEW:
        raise _unknown("$.left_at", "the message was left in the future", "the instant at which it was left")
    # Nobody is left without a call because a number was mistyped: an unknown member is called as somebody else would be.
    member_id = said.member_id if said.member_id and directory.member(s, said.member_id) is not None else None
    if member_id is None and said.about_case is not None and said.from_whom == "member":
        member_id = member_of(s, said.about_case) or None
    plan_id = None if member_id is not None and directory.coverages(s, member_id) else _plan(s, said)
    callback_id = callback_id_for(_identity(item, said), key)
    content = canonical(said.model_dump(mode="json") | {"seal": seal_for(callback_id, key)})
    kept = documents.put(s, content, TITLE, "application/json", left_at)
    documents.attach(s, callback_id, kept.document_id, left_at)
    return CallbackStart(
        case_id=callback_id,
        received_at=left_at,
        from_whom=said.from_whom,
        member_id=member_id,
        about=said.about,
        about_case_id=said.about_case if said.about_case and member_of(s, said.about_case) is not None else None,
        language=said.language,
        tty=said.tty,
        message_document=kept.document_id,
        plan_id=plan_id,
    )


def _identity(item: InboxItem, said: LeftMessage) -> tuple[str, ...]:
    """A recording by its number and its telephone system; else the same words of the same caller at the same instant."""
    if said.reference is not None:
        return ("reference", item.sender or "", said.reference)
    at = (said.left_at or item.received_at).isoformat()
    return ("message", at, said.caller_name, said.phone, said.about.value, said.message or "")


def _plan(s: Session, said: LeftMessage) -> str:
    """The plan in whose hours a caller without coverage is called back. Raises NotReadable where nobody can tell."""
    known = directory.plans(s)
    plan_id = said.plan_id or (next(iter(known)) if len(known) == 1 else None)
    if plan_id is None or plan_id not in known:
        raise _unknown("$.plan_id", "nobody can tell which plan was called", "the id of a plan of the directory")
    if known[plan_id].zone is None:
        raise _unknown("$.plan_id", "the plan has no zone of its own", "contact.zone in the plan's file, then again")
    return plan_id


def _unknown(path: str, message: str, expected: str) -> NotReadable:
    return NotReadable((Problem(path=path, rule="intake.contact", message=message, expected=expected),))
