"""Opening of the case that a change of an authorization, or a request to reopen, becomes: linked to the decided case, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.authorization.start import AuthorizationStart
from domain.calendars import local_day
from domain.cases.views import CaseStatus, CaseView
from domain.errors import RuleViolation, violation
from domain.follow_ups.changes import AskedChange, change_violations, changed_lines
from domain.requests.after_decision import AfterDecision, AfterDecisionKind
from domain.requests.request import (
    AuthorizationRequest,
    RequestAction,
    ServiceLine,
    StayPurpose,
    StayReference,
    UrgencyClaim,
)
from domain.vocabulary import AskedBy, Urgency
from intake.requests.after_decision import find_chain
from intake.requests.documents import attach_documents
from store import cases, inbox, requests
from store.inbox import InboxItem
from store.requests import StoredRequest

AUTHORIZED = frozenset({CaseStatus.APPROVED, CaseStatus.APPROVED_IN_PART})


def find_change_violations(s: Session, view: CaseView, asked: AskedChange, at: datetime) -> tuple[RuleViolation, ...]:
    """Every rule that the change breaks on the day of `at` (UTC)."""
    if view.status is CaseStatus.OPEN:
        return (violation("case.open", "The case is open still.", "Send an update of the request."),)
    today = local_day(at, ZoneInfo(view.zone))
    return change_violations(cases.current_terms(s, view.case_id), asked, today)


def open_change(
    s: Session,
    item: InboxItem,
    view: CaseView,
    asked: AskedChange,
    after: AfterDecision,
    urgency: UrgencyClaim,
    records: AuthorizationRequest | None = None,
) -> AuthorizationStart | str:
    """Open the case of the change, received as the item; the number of an open case that asks for the same already.

    The change breaks no rule. `records` is the request with the documents and facts that came with it (None: the decided one).
    """
    stored = _decided_request(s, view)
    lines = changed_lines(stored.request.lines, cases.current_terms(s, view.case_id), asked)
    servicing = asked.servicing_provider or stored.request.servicing_provider
    known = _same_open_change(s, view.case_id, asked, lines, servicing)
    if known is not None:
        return known
    case_id = find_chain(s, view.case_id).next_number
    changes: dict[str, Any] = {
        "submission_id": f"urn:umpire:after-decision|{case_id}",
        "trace_numbers": (),
        "prior_submission_id": None,
        "prior_authorization_number": None,
        "action": RequestAction.INITIAL,
        "received_at": item.received_at,
        "channel": item.channel,
        "urgency": urgency,
        "lines": lines,
        "servicing_provider": servicing,
        "after": after,
        "stay": _reduction(view.case_id, asked),
    }
    if records is not None:
        changes |= {name: getattr(records, name) for name in ("documents", "facts", "diagnoses")}
    attach_documents(s, view.case_id, case_id)
    version = requests.save(s, case_id, stored.request.model_copy(update=changes), item.inbox_id, stored.answers)
    inbox.accept(s, item.inbox_id, case_id, version)
    return AuthorizationStart(case_id=case_id, request_version=version, received_at=item.received_at)


def standard_urgency(by: AskedBy) -> UrgencyClaim:
    """The urgency of a change of which nobody said that it is urgent."""
    return UrgencyClaim(urgency=Urgency.STANDARD, asked_by=by)


def _decided_request(s: Session, view: CaseView) -> StoredRequest:
    """The version of the request that was decided."""
    return requests.load(s, view.case_id, view.request_version)


def _reduction(case_id: str, asked: AskedChange) -> StayReference | None:
    """The reference by which only a physician decides on an early end, with its notice."""
    if asked.kind is not AfterDecisionKind.END_EARLY or asked.notice is None:
        return None
    return StayReference(
        process_id=case_id,
        purpose=StayPurpose.REDUCTION,
        round=1,
        effective_on=asked.effective_on,
        days_of_notice=asked.notice.days_of_notice,
        notice_citation=asked.notice.citation,
    )


def _same_open_change(
    s: Session, case_id: str, asked: AskedChange, lines: Sequence[ServiceLine], servicing: object
) -> str | None:
    """The open case that asks for the same change already."""
    for follow_up in find_chain(s, case_id).follow_ups:
        view = cases.get(s, follow_up)
        other: AuthorizationRequest = requests.load(s, follow_up, 1).request
        is_open = view is None or view.status is CaseStatus.OPEN
        same = other.lines == tuple(lines) and other.servicing_provider == servicing
        if is_open and same and other.after is not None and other.after.kind is asked.kind:
            return follow_up
    return None
