"""Opening of the case that a change of an authorization, or a request to reopen, becomes: linked to the decided case, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.authorization.start import AuthorizationStart
from domain.calendars import local_day
from domain.cases.views import CaseStatus, CaseView
from domain.errors import RuleViolation, violation
from domain.follow_ups.changes import AskedChange, LineChange, change_violations, changed_lines
from domain.follow_ups.terms import AuthorizationTerms, LineTerms
from domain.requests.after_decision import AfterDecision, AfterDecisionKind
from domain.requests.request import (
    AuthorizationRequest,
    ProviderReference,
    RequestAction,
    ServiceLine,
    StayPurpose,
    StayReference,
    UrgencyClaim,
)
from domain.vocabulary import AskedBy, Urgency
from intake.requests.after_decision import find_chain
from intake.requests.documents import attach_documents
from intake.requests.merge import EvidenceJson
from store import cases, inbox, requests
from store.inbox import InboxItem
from store.requests import StoredRequest

AUTHORIZED = frozenset({CaseStatus.APPROVED, CaseStatus.APPROVED_IN_PART})


_CHANGES_OF_TERMS = frozenset(
    {AfterDecisionKind.DATES, AfterDecisionKind.PROVIDER, AfterDecisionKind.PLACE, AfterDecisionKind.MORE_UNITS}
)


def find_change_violations(s: Session, view: CaseView, asked: AskedChange, at: datetime) -> tuple[RuleViolation, ...]:
    """Every rule that the change breaks on the day of `at` (UTC)."""
    if view.status is CaseStatus.OPEN:
        return (violation("case.open", "The case is open still.", "Send an update of the request."),)
    if asked.kind is AfterDecisionKind.VOID and (waiting := _open_change(s, view.case_id)) is not None:
        # Its letter would approve a change of what was given back.
        return (
            violation(
                "change.open",
                f"A change of this authorization is open as {waiting}.",
                f"Withdraw it with 'umpire withdraw {waiting}', then give the authorization back.",
            ),
        )
    today = local_day(at, ZoneInfo(view.zone))
    return change_violations(cases.current_terms(s, view.case_id), asked, today)


def _open_change(s: Session, case_id: str) -> str | None:
    """The open case by which a party asks for other terms of the authorization; None where there is none."""
    for follow_up in find_chain(s, case_id).follow_ups:
        view, after = cases.get(s, follow_up), requests.load(s, follow_up, 1).request.after
        is_open = view is None or view.status is CaseStatus.OPEN
        if is_open and after is not None and after.kind in _CHANGES_OF_TERMS:
            return follow_up
    return None


def terms_with_more(s: Session, case_id: str) -> tuple[AuthorizationTerms, str | None]:
    """The terms as they are now together with the units beyond them that are asked for or were approved since, and the newest
    case that did so (None: no case did)."""
    terms, newest = cases.current_terms(s, case_id), None
    for follow_up in find_chain(s, case_id).follow_ups:
        request, view = requests.load(s, follow_up, 1).request, cases.get(s, follow_up)
        if request.after is None or request.after.kind is not AfterDecisionKind.MORE_UNITS:
            continue
        is_open = view is None or view.status is CaseStatus.OPEN
        given = () if is_open else cases.current_terms(s, follow_up).lines
        more = {one.line_id: one.quantity for one in (request.lines if is_open else given) if one.quantity is not None}
        if more:
            newest, terms = follow_up, terms.model_copy(update={"lines": tuple(_add(one, more) for one in terms.lines)})
    return terms, newest


def _add(line: LineTerms, more: Mapping[str, Decimal]) -> LineTerms:
    if line.quantity is None or line.line_id not in more:
        return line
    return line.model_copy(update={"quantity": line.quantity + more[line.line_id]})


def open_change(
    s: Session,
    item: InboxItem,
    view: CaseView,
    asked: AskedChange,
    after: AfterDecision,
    urgency: UrgencyClaim,
    records: AuthorizationRequest | None = None,
    evidence: EvidenceJson | None = None,
) -> AuthorizationStart | str:
    """Open the case of the change, received as the item; the number of an open case that asks for the same already.

    The change breaks no rule. `records` is the request with the documents and facts that came with it, `evidence` its
    statements and answers (None: those of the decided one).
    """
    stored = _decided_request(s, view)
    terms = cases.current_terms(s, view.case_id)
    lines = changed_lines(stored.request.lines, terms, asked)
    servicing = asked.servicing_provider or _current_provider(stored.request, terms)
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
        "after": after.model_copy(update={"version": len(cases.authorization_versions(s, view.case_id))}),
        "stay": _reduction(view.case_id, asked),
    }
    if records is not None:
        changes |= {name: getattr(records, name) for name in ("documents", "facts", "diagnoses")}
    attach_documents(s, view.case_id, case_id)
    version = requests.save(
        s,
        case_id,
        stored.request.model_copy(update=changes),
        item.inbox_id,
        stored.answers if evidence is None else evidence,
    )
    inbox.accept(s, item.inbox_id, case_id, version)
    return AuthorizationStart(case_id=case_id, request_version=version, received_at=item.received_at)


def ask_again(
    s: Session, item: InboxItem, records: AuthorizationRequest, evidence: EvidenceJson
) -> AuthorizationStart | str | None:
    """Open the change that was denied once more, with the records that came since; the number of an open case that asks for the
    same, or None where the authorization no longer takes it."""
    known = records.after
    view = cases.get(s, known.case_id) if known is not None else None
    if known is None or view is None:
        return None
    asked = AskedChange(
        kind=known.kind,
        lines=tuple(_line_change(line) for line in records.lines)
        if known.kind is not AfterDecisionKind.PROVIDER
        else (),
        servicing_provider=records.servicing_provider if known.kind is AfterDecisionKind.PROVIDER else None,
    )
    if find_change_violations(s, view, asked, item.received_at):
        return None
    return open_change(s, item, view, asked, known, records.urgency, records, evidence)


def _line_change(line: ServiceLine) -> LineChange:
    return LineChange(line_id=line.line_id, start=line.start, end=line.end, place_of_service=line.place_of_service)


def standard_urgency(by: AskedBy) -> UrgencyClaim:
    """The urgency of a change of which nobody said that it is urgent."""
    return UrgencyClaim(urgency=Urgency.STANDARD, asked_by=by)


def _decided_request(s: Session, view: CaseView) -> StoredRequest:
    """The version of the request that was decided."""
    return requests.load(s, view.case_id, view.request_version)


def _current_provider(request: AuthorizationRequest, terms: AuthorizationTerms) -> ProviderReference | None:
    """The provider of the service as it is authorized now: that of the request unless a change has named another."""
    named = request.servicing_provider
    if terms.servicing_npi is None or (named is not None and named.npi == terms.servicing_npi):
        return named
    return ProviderReference(npi=terms.servicing_npi, name=terms.servicing_name)


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
        known = other.after
        if not is_open or not same or known is None:
            continue
        if (known.kind, known.effective_on) == (asked.kind, asked.effective_on):
            return follow_up
    return None
