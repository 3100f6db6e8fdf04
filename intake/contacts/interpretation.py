"""Interpretation of a callback message or quality concern: the workflow input of its case, the same each time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.callbacks.numbers import callback_id_for, message_salt_for
from domain.callbacks.start import CallbackStart
from domain.concerns.numbers import concern_message_id_for
from domain.concerns.start import ConcernStart, concern_id_for
from domain.errors import NotReadable, ValidationIssue
from domain.journal import canonical_json
from interop.plain.callbacks_and_concerns import CallbackMessage, ConcernReport, read_callback_or_concern
from services.case_lookup import member_id_of
from store import directory, documents, installation, tasks
from store.inbox import InboxItem

CLOCK_SKEW = timedelta(seconds=60)
TITLE = "Message that was left by telephone"


def interpret_contact(s: Session, item: InboxItem, raw: bytes, received_at: datetime) -> CallbackStart | ConcernStart:
    """The workflow input of the case, which counts from `received_at` (UTC), the first receipt of the same content.

    Content that must not go through Temporal is stored as a document. Raises NotReadable.
    """
    item = item.model_copy(update={"received_at": received_at})
    said = read_callback_or_concern(raw)
    key = installation.installation_key(s)
    return (
        _callback_start(s, item, said, key) if isinstance(said, CallbackMessage) else _concern_start(s, item, said, key)
    )


def same_content(
    item: InboxItem,
    said: CallbackMessage | ConcernReport,
    other: InboxItem,
    other_said: CallbackMessage | ConcernReport,
) -> bool:
    """Whether two arrivals are one message or one concern. A message that names no time was left when it first arrived."""
    if isinstance(said, CallbackMessage) and isinstance(other_said, CallbackMessage):
        if said.reference is None:
            return said == other_said
        return _identity(item, said) == _identity(other, other_said)
    if isinstance(said, ConcernReport) and isinstance(other_said, ConcernReport):
        return _identity_of_concern(said) == _identity_of_concern(other_said)
    return False


def _concern_start(s: Session, item: InboxItem, said: ConcernReport, key: bytes) -> ConcernStart:
    member_id = member_id_of(s, said.about_case)
    if member_id is None:
        raise _not_readable(
            "$.about_case", "there is no such case", "the number of a case, stay, plan, callback or concern"
        )
    if said.about_task is not None:
        found = tasks.get(s, said.about_task)
        if found is None or found.case_id != said.about_case:
            raise _not_readable("$.about_task", "the case has no such task", "one of its tasks, open or not")
    if directory.reviewer(s, said.raised_by) is None:
        raise _not_readable("$.raised_by", "the directory has no such reviewer", "a reviewer id")
    return ConcernStart(
        case_id=concern_id_for(concern_message_id_for(_identity_of_concern(said), key)),
        kind=said.kind,
        raised_by=said.raised_by,
        about_case_id=said.about_case,
        about_task_id=said.about_task,
        member_id=member_id,
        what=said.what,
        at=item.received_at,
    )


def _callback_start(s: Session, item: InboxItem, said: CallbackMessage, key: bytes) -> CallbackStart:
    left_at = said.left_at or item.received_at
    if left_at > item.received_at + CLOCK_SKEW:
        raise _not_readable("$.left_at", "the message was left in the future", "the instant at which it was left")
    # A mistyped member id must not prevent the call: an unknown member is called back like any other caller.
    member_id = said.member_id if said.member_id and directory.member(s, said.member_id) is not None else None
    if member_id is None and said.about_case is not None and said.from_whom == "member":
        member_id = member_id_of(s, said.about_case) or None
    plan_id = None if member_id is not None and directory.coverages(s, member_id) else _plan_called(s, said)
    callback_id = callback_id_for(_identity(item, said), key)
    content = canonical_json(said.model_dump(mode="json") | {"seal": message_salt_for(callback_id, key)})
    kept = documents.put(s, content, TITLE, "application/json", left_at)
    documents.attach(s, callback_id, kept.document_id, left_at)
    return CallbackStart(
        case_id=callback_id,
        received_at=left_at,
        from_whom=said.from_whom,
        member_id=member_id,
        about=said.about,
        about_case_id=said.about_case if said.about_case and member_id_of(s, said.about_case) is not None else None,
        language=said.language,
        tty=said.tty,
        message_document=kept.document_id,
        plan_id=plan_id,
    )


def _identity(item: InboxItem, said: CallbackMessage) -> tuple[str, ...]:
    """Identity of a message: the recording's number and telephone system; else caller, time and text."""
    if said.reference is not None:
        return ("reference", item.sender or "", said.reference)
    at = (said.left_at or item.received_at).isoformat()
    return ("message", at, said.caller_name, said.phone, said.about.value, said.message or "")


def _identity_of_concern(said: ConcernReport) -> tuple[str, ...]:
    return (said.about_case, said.about_task or "", said.kind, said.raised_by, " ".join(said.what.split()))


def _plan_called(s: Session, said: CallbackMessage) -> str:
    """The plan whose business hours apply to a caller without coverage. Raises NotReadable where the plan is not known."""
    known = directory.plans(s)
    plan_id = said.plan_id or (next(iter(known)) if len(known) == 1 else None)
    if plan_id is None or plan_id not in known:
        raise _not_readable("$.plan_id", "the plan that was called is not known", "the id of a plan in the directory")
    if known[plan_id].zone is None:
        raise _not_readable(
            "$.plan_id", "the plan has no zone of its own", "contact.zone in the plan's file, then again"
        )
    return plan_id


def _not_readable(path: str, message: str, expected: str) -> NotReadable:
    return NotReadable((ValidationIssue(path=path, rule="intake.contact", message=message, expected=expected),))
