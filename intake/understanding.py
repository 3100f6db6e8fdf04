"""From bytes in the inbox to what they mean for cases: one transaction, and the same answer however often it is asked.

A new case is accepted here: from then on it only has to be started. What is for a case that exists (a repeat, a change) stays
unread in the inbox until that case has heard it, so that a crash in between only makes it be said again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from domain.case import CaseStart
from domain.errors import NotReadable, Problem
from domain.identity import case_id_for
from domain.journal import EntryKind
from domain.request import AuthorizationRequest, DocumentReference, RequestAction
from domain.views import CaseStatus, CaseView
from intake.changes import Evidence, Merged, merge
from intake.membership import not_ours
from interop.reading import read_request
from interop.submission import Attachment, Submission
from store import cases, documents, inbox, journal, requests, settings
from store.inbox import InboxItem, InboxStatus
from store.requests import StoredRequest
from store.session import Store
from store.writing import hold

_MOST_GENERATIONS = 1000


@dataclass(frozen=True)
class NewCase:
    """Accepted; its workflow has to be started."""

    start: CaseStart
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Repeat:
    """A request that a case has already. `view` is None while that case is being opened; `unseen_records` tells that the
    repeat carries documents that the case does not have."""

    case_id: str
    request_version: int
    view: CaseView | None
    unseen_records: bool
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Change:
    """A stored version of the request that its case has to be told of."""

    case_id: str
    request_version: int
    request: AuthorizationRequest
    merged: Merged
    new_documents: tuple[str, ...]
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Refused:
    """Not taken; it is in the inbox, as a task for intake."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Settled:
    """Somebody else dealt with the item already."""

    item: InboxItem


Meaning = NewCase | Repeat | Change | Refused | Settled


def understand(store: Store, inbox_id: int) -> Meaning:
    """What the item means. Raises Refused (of domain.errors) for an unknown item, Unavailable when the store is away."""
    with store.read() as s:
        item, raw = inbox.get(s, inbox_id), inbox.raw(s, inbox_id)
    if item.status is not InboxStatus.RECEIVED:
        return Settled(item)
    try:
        submission = read_request(raw, item.received_at, item.channel)
    except NotReadable as wrong:
        return refuse(store, inbox_id, wrong.problems)
    with store.begin() as s:
        hold(s, f"intake:{submission.request.member.member_id}")
        item = inbox.get(s, inbox_id)
        if item.status is not InboxStatus.RECEIVED:
            return Settled(item)
        meaning = _meaning(s, item, submission)
        if isinstance(meaning, Refused):
            inbox.refuse(s, inbox_id, meaning.problems)
        return meaning


def refuse(store: Store, inbox_id: int, problems: Sequence[Problem]) -> Refused:
    """Keep the item as refused, for intake to look at."""
    with store.begin() as s:
        if inbox.get(s, inbox_id).status in (InboxStatus.RECEIVED, InboxStatus.REFUSED):
            inbox.refuse(s, inbox_id, problems)
    return Refused(tuple(problems))


def case_start(s: Session, case_id: str) -> tuple[CaseStart, int | None]:
    """What starts the case, and the inbox item that it came with. Raises LookupError when there is no such case."""
    first = requests.load(s, case_id, 1)
    start = CaseStart(case_id=case_id, request_version=1, received_at=first.request.received_at)
    return start, first.inbox_id


def current(s: Session, case_id: str) -> StoredRequest:
    """The newest version of the request that is not a cancellation. Raises LookupError when there is no such case."""
    newest = requests.load(s, case_id)
    while newest.request.action is RequestAction.CANCEL and newest.version > 1:
        newest = requests.load(s, case_id, newest.version - 1)
    return newest


def _meaning(s: Session, item: InboxItem, submission: Submission) -> Meaning:
    problems = not_ours(s, submission.request)
    if problems:
        return Refused(problems)
    if submission.request.action is RequestAction.INITIAL:
        return _request(s, item, submission)
    return _change(s, item, submission)


def _request(s: Session, item: InboxItem, submission: Submission) -> Meaning:
    key = settings.installation_key(s)
    for generation in range(1, _MOST_GENERATIONS):
        case_id = case_id_for(submission.request, key, generation)
        known = _version(s, case_id)
        if known is None:
            return _new_case(s, item, submission, case_id)
        if not _is_withdrawn(s, case_id):
            unseen = _unseen(s, case_id, submission.attachments)
            return Repeat(case_id, known, cases.get(s, case_id), bool(unseen), submission.notes)
    message = f"the same request was withdrawn {_MOST_GENERATIONS - 1} times"
    return Refused((Problem(path="document", rule="intake.withdrawn_often", message=message),))


def _new_case(s: Session, item: InboxItem, submission: Submission, case_id: str) -> NewCase:
    keep_documents(s, case_id, submission.attachments)
    version = requests.save(s, case_id, submission.request, item.inbox_id, _json(evidence_of(submission)))
    inbox.accept(s, item.inbox_id, case_id, version)
    start = CaseStart(case_id=case_id, request_version=version, received_at=item.received_at)
    return NewCase(start, submission.notes)


def _is_withdrawn(s: Session, case_id: str) -> bool:
    """Also from the withdrawal until its letter is out, while the case still counts as open."""
    view = cases.get(s, case_id)
    if view is not None and view.status is not CaseStatus.OPEN:
        return view.status is CaseStatus.WITHDRAWN
    return any(entry.kind is EntryKind.WITHDRAWN for entry in journal.entries(s, case_id))


def _change(s: Session, item: InboxItem, submission: Submission) -> Meaning:
    request = submission.request
    case_id = _prior(s, request)
    if case_id is None:
        return Refused((_no_prior(request),))
    view = cases.get(s, case_id)
    if view is not None and view.status is not CaseStatus.OPEN:
        return Refused((_decided(view),))
    versions = _versions(s, case_id)
    made = next((version for version in versions if version.inbox_id == item.inbox_id), None)
    earlier = [version for version in versions if made is None or version.version < made.version]
    prior = next(v for v in reversed(earlier) if v.request.action is not RequestAction.CANCEL or v.version == 1)
    lines_before = frozenset(line.line_id for version in earlier for line in version.request.lines)
    merged = merge(prior.request, stored_evidence(prior), request, evidence_of(submission), lines_before)
    if not isinstance(merged, Merged):
        return Refused(merged)
    if merged.changes_nothing:
        return Repeat(case_id, prior.version, view, False, submission.notes)
    new = _unseen(s, case_id, submission.attachments) if made is None else _added(prior.request, merged.request)
    keep_documents(s, case_id, submission.attachments)
    version = requests.save(s, case_id, merged.request, item.inbox_id, _json(merged.evidence))
    return Change(case_id, version, request, merged, new, submission.notes)


def _prior(s: Session, request: AuthorizationRequest) -> str | None:
    """The case that the change is about, if it is of the same requester: nobody changes what another one asked for."""
    npi = request.requesting_provider.npi
    found = None
    if request.prior_submission_id is not None:
        found = requests.find_by_submission(s, request.prior_submission_id, npi)
        found = found or requests.find_by_trace_number(s, request.prior_submission_id, npi)
    if found is None and request.prior_authorization_number is not None:
        found = requests.find_by_authorization_number(s, request.prior_authorization_number)
    if found is None or requests.load(s, found, 1).request.requesting_provider.npi != npi:
        return None
    return found


def _no_prior(request: AuthorizationRequest) -> Problem:
    named = request.prior_submission_id is not None or request.prior_authorization_number is not None
    message = (
        "this requester has no request here under the number of the prior one"
        if named
        else "nothing says which request this changes"
    )
    wanted = "the number of a submission, its trace number, or an authorization number"
    return Problem(path="prior request", rule="intake.prior_unknown", message=message, expected=wanted)


def _decided(view: CaseView) -> Problem:
    word = view.status.value.replace("_", " ")
    return Problem(
        path="prior request",
        rule="case.closed",
        message=f"the case {view.case_id} is closed ({word}) and cannot be changed",
        expected="a new request, or an appeal of the decision",
    )


def keep_documents(s: Session, case_id: str, attachments: Sequence[Attachment]) -> None:
    """Put the documents into the store and onto the case; what is there stays as it is."""
    for attachment in attachments:
        about: DocumentReference = attachment.document_reference
        documents.put(s, attachment.content, about.title, about.content_type, about.received_at)
        documents.attach(
            s,
            case_id,
            about.document_id,
            about.received_at,
            title=about.title,
            content_type=about.content_type,
            control_number=about.control_number,
        )


def _unseen(s: Session, case_id: str, attachments: Sequence[Attachment]) -> tuple[str, ...]:
    on_file = {document.document_id for document in documents.of_case(s, case_id)}
    ids = (attachment.document_reference.document_id for attachment in attachments)
    return tuple(document_id for document_id in ids if document_id not in on_file)


def _added(before: AuthorizationRequest, after: AuthorizationRequest) -> tuple[str, ...]:
    known = {document.document_id for document in before.documents}
    return tuple(document.document_id for document in after.documents if document.document_id not in known)


def _version(s: Session, case_id: str) -> int | None:
    try:
        return requests.load(s, case_id).version
    except LookupError:
        return None


def _versions(s: Session, case_id: str) -> list[StoredRequest]:
    newest = requests.load(s, case_id)
    return [*(requests.load(s, case_id, number) for number in range(1, newest.version)), newest]


def evidence_of(submission: Submission) -> Evidence:
    """What came along besides the request's own facts, as it is stored with it."""
    return {
        "statements": [statement.model_dump(mode="json") for statement in submission.statements],
        "answers": [answer.model_dump(mode="json") for answer in submission.answers],
    }


def stored_evidence(stored: StoredRequest) -> Evidence:
    """The statements and answers kept with a version of the request."""
    known: Any = stored.answers or {}
    return {"statements": list(known.get("statements", [])), "answers": list(known.get("answers", []))}


def _json(evidence: Evidence) -> Any:
    return evidence
