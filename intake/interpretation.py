"""From bytes in the inbox to what they mean for cases: one transaction, and the same answer however often it is asked.

A new case is accepted here: from then on it only has to be started. What is for a case that exists (a repeat, a change) stays
unread in the inbox until that case has heard it, so that a crash in between only makes it be said again.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from domain.authorization.start import CaseStart
from domain.cases.views import CaseStatus
from domain.errors import NotReadable, Problem
from domain.journal import EntryKind
from domain.requests.numbers import case_id_for
from domain.vocabulary import Lob
from intake.requests.following import follow, standing_alone
from intake.requests.keeping import as_json, evidence_of, keep_documents, unseen
from intake.requests.meaning import Meaning, NewCase, Refused, Repeat, Settled
from intake.requests.membership import not_ours
from intake.stays.requests import for_a_stay
from interop.reader import read_request
from interop.submission import Submission
from store import cases, inbox, journal, requests
from store import installation as settings
from store.dialect import hold
from store.inbox import InboxItem, InboxStatus
from store.session import Store

_MOST_GENERATIONS = 1000


def understand(store: Store, inbox_id: int, lobs: frozenset[Lob] | None = None) -> Meaning:
    """What the item means, where only these lines of business are served (None: all).

    Raises Refused (of domain.errors) for an unknown item, Unavailable when the store is away.
    """
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
        meaning = _meaning(s, item, submission, lobs)
        if isinstance(meaning, Refused):
            inbox.refuse(s, inbox_id, meaning.problems)
        return meaning


def refuse(store: Store, inbox_id: int, problems: Sequence[Problem]) -> Refused:
    """Keep the item as refused, for intake to look at."""
    with store.begin() as s:
        if inbox.get(s, inbox_id).status in (InboxStatus.RECEIVED, InboxStatus.REFUSED):
            inbox.refuse(s, inbox_id, problems)
    return Refused(tuple(problems))


def _meaning(s: Session, item: InboxItem, submission: Submission, lobs: frozenset[Lob] | None) -> Meaning:
    problems = not_ours(s, submission.request, lobs)
    if problems:
        return Refused(problems)
    about_a_stay = for_a_stay(s, item, submission)
    if about_a_stay is not None:
        return about_a_stay
    alone = standing_alone(s, submission)
    return follow(s, item, submission) if alone is None else _request(s, item, alone)


def _request(s: Session, item: InboxItem, submission: Submission) -> Meaning:
    key = settings.installation_key(s)
    for generation in range(1, _MOST_GENERATIONS):
        case_id = case_id_for(submission.request, key, generation)
        known = _version(s, case_id)
        if known is None:
            return _new_case(s, item, submission, case_id)
        if not _is_withdrawn(s, case_id):
            more = unseen(s, case_id, submission.attachments)
            return Repeat(case_id, known, cases.get(s, case_id), bool(more), submission.notes)
    message = f"the same request was withdrawn {_MOST_GENERATIONS - 1} times"
    return Refused((Problem(path="document", rule="intake.withdrawn_often", message=message),))


def _new_case(s: Session, item: InboxItem, submission: Submission, case_id: str) -> NewCase:
    keep_documents(s, case_id, submission.attachments)
    version = requests.save(s, case_id, submission.request, item.inbox_id, as_json(evidence_of(submission)))
    inbox.accept(s, item.inbox_id, case_id, version)
    start = CaseStart(case_id=case_id, request_version=version, received_at=item.received_at)
    return NewCase(start, submission.notes)


def _is_withdrawn(s: Session, case_id: str) -> bool:
    """Also from the withdrawal until its letter is out, while the case still counts as open."""
    view = cases.get(s, case_id)
    if view is not None and view.status is not CaseStatus.OPEN:
        return view.status is CaseStatus.WITHDRAWN
    return any(entry.kind is EntryKind.WITHDRAWN for entry in journal.entries(s, case_id))


def _version(s: Session, case_id: str) -> int | None:
    try:
        return requests.load(s, case_id).version
    except LookupError:
        return None
