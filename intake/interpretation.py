"""Interpretation of a request: its meaning for cases, in one transaction, and the same result each time.

A new case is accepted here: from then on it only has to be started. An item for an existing case (a repeat, an update) stays
unread in the inbox until the case has received it, so that after a crash it is only delivered again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain.authorization.start import AuthorizationStart
from domain.cases.views import ENDED_UNDECIDED, CaseStatus
from domain.errors import ValidationIssue
from domain.evidence.facts import FactDictionary
from domain.journal import EntryKind
from domain.requests.numbers import case_id_for
from domain.vocabulary import Lob
from intake.requests.after_decision import find_chain
from intake.requests.arrival_outcome import AlreadyProcessed, ArrivalOutcome, NewCase, RejectedArrival
from intake.requests.directory_remarks import add_directory_remarks
from intake.requests.documents import store_documents, submitted_evidence
from intake.requests.membership import membership_issues
from intake.requests.repeats import interpret_copy, interpret_repeat, is_late_copy
from intake.requests.updates import as_new_request, interpret_update
from intake.stays.requests import interpret_stay_request
from interop.submission import Submission
from store import cases, inbox, installation, journal, requests
from store.dialect import acquire_named_lock
from store.inbox import InboxItem, InboxStatus

_MAX_GENERATIONS = 1000


def interpret(
    s: Session,
    inbox_id: int,
    submission: Submission,
    lobs: frozenset[Lob] | None = None,
    received_at: datetime | None = None,
    facts: FactDictionary | None = None,
) -> ArrivalOutcome:
    """Interpret the item, where only these lines of business are served (None: all) and criteria know these facts (None: not
    looked at).

    A new case counts from `received_at` (UTC), the first receipt of the same request (None: that of the item).
    """
    acquire_named_lock(s, f"intake:{submission.request.member.member_id}")
    item = inbox.get(s, inbox_id)
    if item.status is not InboxStatus.RECEIVED:
        return AlreadyProcessed(item)
    submission = add_directory_remarks(s, submission, facts, item.received_at)
    meaning = _classify(s, item, submission, lobs, received_at or item.received_at)
    if isinstance(meaning, RejectedArrival):
        inbox.reject(s, inbox_id, meaning.problems)
    return meaning


def reject_item(s: Session, inbox_id: int, problems: Sequence[ValidationIssue]) -> None:
    """Mark the item as rejected, for intake to review, unless another process was faster."""
    if inbox.get(s, inbox_id).is_open:
        inbox.reject(s, inbox_id, problems)


def _classify(
    s: Session, item: InboxItem, submission: Submission, lobs: frozenset[Lob] | None, received_at: datetime
) -> ArrivalOutcome:
    problems = membership_issues(s, submission.request, lobs)
    if problems:
        return RejectedArrival(problems)
    about_a_stay = interpret_stay_request(s, item, submission, received_at)
    if about_a_stay is not None:
        return about_a_stay
    alone = as_new_request(s, submission)
    return interpret_update(s, item, submission) if alone is None else _find_or_open_case(s, item, alone, received_at)


def _find_or_open_case(s: Session, item: InboxItem, submission: Submission, received_at: datetime) -> ArrivalOutcome:
    """Find the case that has the request, or open one. What was withdrawn is asked for anew only by what arrived afterwards: a
    copy from before the withdrawal, which nobody had read, was withdrawn with the rest."""
    key, after = installation.installation_key(s), None
    for generation in range(1, _MAX_GENERATIONS):
        case_id = case_id_for(submission.request, key, generation)
        if not requests.is_on_file(s, case_id):
            counts = received_at if after is None or received_at > after else item.received_at
            return _open_case(s, item, submission, case_id, counts)
        ended_at = _ended_undecided_at(s, case_id)
        if ended_at is None or item.received_at <= ended_at:
            if _asks_for_more(s, submission, case_id):
                return RejectedArrival((_unread_part_issue(case_id),))
            return interpret_repeat(s, item, submission, find_chain(s, case_id), received_at)
        if is_late_copy(s, item, case_id, submission):
            return interpret_copy(s, submission, case_id)
        after = ended_at
    message = f"the same request was withdrawn {_MAX_GENERATIONS - 1} times"
    return RejectedArrival((ValidationIssue(path="document", rule="intake.withdrawn_often", message=message),))


def _asks_for_more(s: Session, submission: Submission, case_id: str) -> bool:
    """Whether the request asks for something that was not understood and that the case does not know of: the same lines
    otherwise, it may be more than the case answers."""
    on_file = {remark.key for remark in requests.load(s, case_id).request.remarks}
    return any(remark.about_service and remark.key not in on_file for remark in submission.request.remarks)


def _unread_part_issue(case_id: str) -> ValidationIssue:
    message = f"what was understood is case {case_id} already, but part of what is asked for was not understood"
    wanted = "intake to find out what else is asked for"
    return ValidationIssue(path="document", rule="intake.not_understood", message=message, expected=wanted)


def _open_case(s: Session, item: InboxItem, submission: Submission, case_id: str, received_at: datetime) -> NewCase:
    store_documents(s, case_id, submission.attachments)
    request = submission.request.model_copy(update={"received_at": received_at})
    version = requests.save(s, case_id, request, item.inbox_id, submitted_evidence(submission))
    inbox.accept(s, item.inbox_id, case_id, version)
    start = AuthorizationStart(case_id=case_id, request_version=version, received_at=received_at)
    return NewCase(start, submission.notes)


def _ended_undecided_at(s: Session, case_id: str) -> datetime | None:
    """The instant (UTC) at which the case ended without a decision, withdrawn by its party or closed by staff; None where it
    did not, or where that was taken back. Between that and its letter the case still counts as open."""
    view = cases.get(s, case_id)
    if view is not None and view.status is not CaseStatus.OPEN and view.status not in ENDED_UNDECIDED:
        return None
    ends = (EntryKind.WITHDRAWN, EntryKind.CLOSED_UNDECIDED)
    turns = (*ends, EntryKind.REINSTATED, EntryKind.DISMISSAL_VACATED)
    last = [entry for entry in journal.entries(s, case_id) if entry.kind in turns][-1:]
    return last[0].at if last and last[0].kind in ends else None
