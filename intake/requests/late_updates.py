"""Updates of a decided request: new records, a change of its authorization, or the authorization given back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.cases.views import CaseView
from domain.errors import ValidationIssue
from domain.follow_ups.changes import AskedChange, classify_update
from domain.requests.after_decision import AfterDecision, AfterDecisionKind
from intake.requests.after_decision import DECIDED, REOPENABLE, find_chain
from intake.requests.arrival_outcome import NewCase, RejectedArrival, RepeatedRequest
from intake.requests.authorization_changes import AUTHORIZED, find_change_violations, open_change, terms_with_more
from intake.requests.documents import new_document_ids, store_documents
from intake.requests.merge import MergedRequest
from intake.requests.repeats import interpret_repeat
from interop.submission import Submission
from store import cases, requests
from store.inbox import InboxItem
from store.requests import StoredRequest

LateOutcome = NewCase | RepeatedRequest | RejectedArrival


def interpret_late_update(
    s: Session, item: InboxItem, submission: Submission, view: CaseView, prior: StoredRequest, merged: MergedRequest
) -> LateOutcome:
    """Interpret an update that its requester sends after the decision."""
    if merged.withdrawn or merged.what:
        return _interpret_change(s, item, submission, view, prior, merged)
    if view.status not in DECIDED:
        return RejectedArrival((closed_issue(view),))
    if view.status in REOPENABLE:  # records of the same request: for its newest reopening, or they open one
        return interpret_repeat(s, item, submission, find_chain(s, view.case_id), item.received_at)
    new = new_document_ids(s, view.case_id, submission.attachments)
    store_documents(s, view.case_id, submission.attachments)
    version = requests.save(s, view.case_id, merged.request, item.inbox_id, merged.evidence)
    return RepeatedRequest(view.case_id, version, view, True, submission.notes, filed=new)


def _interpret_change(
    s: Session, item: InboxItem, submission: Submission, view: CaseView, prior: StoredRequest, merged: MergedRequest
) -> LateOutcome:
    if view.status not in AUTHORIZED:
        return RejectedArrival((closed_issue(view),))
    asked: AskedChange | None = AskedChange(kind=AfterDecisionKind.VOID)
    if not merged.withdrawn:
        asked = classify_update(cases.current_terms(s, view.case_id), prior.request, merged.request)
    if asked is not None and asked.kind is AfterDecisionKind.MORE_UNITS:
        terms, known = terms_with_more(s, view.case_id)
        units = {line.line_id: line.quantity for line in merged.request.lines}
        if known is not None and all(
            units[line.line_id] == line.quantity for line in terms.lines if line.line_id in units
        ):
            return RepeatedRequest(known, 1, cases.get(s, known), False, submission.notes)
        asked = classify_update(terms, prior.request, merged.request)
    if asked is None:
        return RejectedArrival((closed_issue(view),))
    broken = find_change_violations(s, view, asked, item.received_at)
    if broken:
        return RejectedArrival(
            tuple(
                ValidationIssue(path="request", rule=one.rule, message=one.message, expected=one.way_out)
                for one in broken
            )
        )
    urgency = submission.request.urgency
    after = AfterDecision(
        case_id=view.case_id,
        kind=asked.kind,
        asked_by=urgency.asked_by,
        decided_at=view.decided_at,
        authorization_number=view.authorization_number,
        why="; ".join(merged.what),
    )
    store_documents(s, view.case_id, submission.attachments)
    records, evidence = (None, None) if merged.withdrawn else (merged.request, merged.evidence)
    opened = open_change(s, item, view, asked, after, urgency, records, evidence)
    if isinstance(opened, str):
        return RepeatedRequest(opened, 1, cases.get(s, opened), False, submission.notes)
    return NewCase(opened, submission.notes)


def closed_issue(view: CaseView) -> ValidationIssue:
    """The issue that the update asks for what a closed case cannot take."""
    word = view.status.value.replace("_", " ")
    return ValidationIssue(
        path="prior request",
        rule="case.closed",
        message=f"the case {view.case_id} is closed ({word}) and cannot be changed by this",
        expected="a new request, or an appeal of the decision",
    )
