"""Follow-ups of decided cases, read from the record: what a request after a decision asked for, and what it changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus
from domain.errors import NotOnFile
from domain.follow_ups.notes import FollowUp, follow_up_entry, takes_effect
from domain.follow_ups.terms import AuthorizationTerms, approved_terms, asked_terms, end_terms, merge_terms
from domain.journal import Actor, EntryKind, JournalEntry
from domain.requests.after_decision import AfterDecision, AfterDecisionKind
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import ADVERSE_OUTCOMES
from store import cases, journal, requests
from store.read_models import append_note

_TAKEN_BACK = (EntryKind.REINSTATED, EntryKind.DISMISSAL_VACATED)
_ENDS = (EntryKind.DETERMINATION_MADE, EntryKind.WITHDRAWN, EntryKind.CLOSED_UNDECIDED, *_TAKEN_BACK)


def read_follow_up(s: Session, case_id: str, about: str) -> FollowUp | None:
    """Read what the case says about the decided case; None where its request follows no decision of that case."""
    try:
        request = requests.load(s, case_id).request
    except NotOnFile:
        return None
    asked = request.after
    if asked is None or asked.case_id != about:
        return None
    entries = journal.entries(s, case_id)
    status, at, by = _result(entries, request, asked)
    before = cases.current_terms(s, about)
    terms = None
    if status is not None and takes_effect(asked, status):
        terms = _changed_terms(s, case_id, request, before)
    return FollowUp(
        case_id=case_id,
        asked=asked,
        at=at,
        status=status,
        by=by,
        documents=_new_documents(s, request, about),
        before=before,
        terms=terms,
        ends_taken_back=sum(entry.kind in _TAKEN_BACK for entry in entries),
    )


def note_on_closed_case(s: Session, found: FollowUp) -> None:
    """Append the follow-up to the journal of the decided case, whose workflow has ended, once."""
    kind, summary, data = follow_up_entry(found)
    voided = found.terms is not None and found.terms.voided
    append_note(
        s,
        found.asked.case_id,
        found.note_id,
        kind=kind,
        at=found.at,
        actor=found.by,
        summary=summary,
        data=data,
        status=CaseStatus.VOIDED if voided else None,
    )


def _result(
    entries: tuple[JournalEntry, ...], request: AuthorizationRequest, asked: AfterDecision
) -> tuple[CaseStatus | None, datetime, Actor]:
    """Status, time and decider of the follow-up; before its determination those of its receipt."""
    last = next((entry for entry in reversed(entries) if entry.kind in _ENDS), None)
    if last is None or last.kind in _TAKEN_BACK:
        return None, request.received_at, asked.speaker(request.requesting_provider.npi, request.member.member_id)
    match last.kind:
        case EntryKind.WITHDRAWN:
            status = CaseStatus.WITHDRAWN
        case EntryKind.CLOSED_UNDECIDED:
            closing = last.data["closing"]
            status = CaseStatus(str(closing["kind"] if isinstance(closing, dict) else closing))
        case _:
            status = CaseStatus(str(last.data["status"]))
    return status, last.at, last.actor


def _new_documents(s: Session, request: AuthorizationRequest, about: str) -> tuple[str, ...]:
    """The documents that the decision did not know."""
    known = {document.document_id for document in requests.load(s, about).request.documents}
    return tuple(one.document_id for one in request.documents if one.document_id not in known)


def _changed_terms(
    s: Session, case_id: str, request: AuthorizationRequest, before: AuthorizationTerms
) -> AuthorizationTerms | None:
    asked, views = request.after, cases.lines(s, case_id)
    match asked.kind if asked is not None else None:
        case AfterDecisionKind.VOID:
            return before.model_copy(update={"voided": True})
        case AfterDecisionKind.CORRECTION:
            return merge_terms(before, asked_terms(request), _asked_of(s, asked))
        case AfterDecisionKind.END_EARLY if asked is not None and asked.effective_on is not None:
            ended = (view.line_id for view in views if view.outcome in ADVERSE_OUTCOMES)
            return end_terms(before, asked.effective_on, ended)
        case AfterDecisionKind.DATES | AfterDecisionKind.PROVIDER | AfterDecisionKind.PLACE:
            return merge_terms(before, approved_terms(request, views), _asked_of(s, asked))
    return None


def _asked_of(s: Session, asked: AfterDecision | None) -> AuthorizationTerms | None:
    """The terms of which the change was asked; None where that was not recorded."""
    if asked is None or asked.version is None:
        return None
    versions = cases.authorization_versions(s, asked.case_id)
    return next((one.terms for one in versions if one.version == asked.version), None)
