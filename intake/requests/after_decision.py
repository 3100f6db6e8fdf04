"""Arrivals for a decided case: new evidence reopens it, more records of what is approved are put on file, a copy opens nothing.

A reopening is a case of its own, linked to the first, with its own receipt and clock. Whether the rule of the line reopens the
decision is found there, and where it does not, people of appeals are asked; nothing is refused at the door.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from domain.authorization.start import AuthorizationStart
from domain.case_numbers import follow_up_number, followed_number
from domain.cases.views import CaseStatus, CaseView
from domain.follow_ups.denied_lines import denied_lines
from domain.requests.after_decision import AfterDecision, AfterDecisionKind, ReopeningGround
from domain.requests.request import AuthorizationRequest, RequestAction
from domain.vocabulary import AskedBy
from intake.requests.documents import attach_documents
from intake.requests.merge import EvidenceJson
from store import cases, documents, inbox, requests
from store.inbox import InboxItem

REOPENABLE = frozenset({CaseStatus.DENIED, CaseStatus.APPROVED_IN_PART})
DECIDED = REOPENABLE | {CaseStatus.APPROVED, CaseStatus.NOT_REQUIRED}


@dataclass(frozen=True)
class CaseChain:
    """A case and the requests that followed its decision, in order. `newest` is the last that is open or decided, `denied` the
    last one with something denied, None where there is none. `follow_ups` are all of them, changes of an authorization too."""

    newest: str
    denied: CaseView | None
    next_number: str
    follow_ups: tuple[str, ...] = ()


def find_chain(s: Session, case_id: str) -> CaseChain:
    """Find the case's reopenings; those of a reopening are those of the case that it reopened, so that nothing is opened twice.
    Changes of an authorization follow it as well, and are no part of this."""
    case_id = _first_of_reopenings(s, case_id)
    newest, denied, number = case_id, None if is_change(s, case_id) else _denied(cases.get(s, case_id)), 1
    follow_ups: list[str] = []
    while requests.is_on_file(s, follow_up_number(case_id, number)):
        follow_up = follow_up_number(case_id, number)
        asked = requests.load(s, follow_up, 1).request.after
        view = cases.get(s, follow_up)
        follow_ups.append(follow_up)
        if asked is not None and asked.kind is AfterDecisionKind.REOPENING:
            if view is None or view.status in DECIDED | {CaseStatus.OPEN}:
                newest = follow_up
            if view is not None and view.status in DECIDED:
                denied = _denied(view)
        number += 1
    return CaseChain(newest, denied, follow_up_number(case_id, number), tuple(follow_ups))


def is_change(s: Session, case_id: str) -> bool:
    """Whether the case is a change of an authorization, whose units are taken already: denied, it is asked for again and not
    reopened."""
    asked = requests.load(s, case_id, 1).request.after if requests.is_on_file(s, case_id) else None
    return asked is not None and asked.kind.keeps_units


def _first_of_reopenings(s: Session, case_id: str) -> str:
    while (first := followed_number(case_id)) is not None and requests.is_on_file(s, case_id):
        asked = requests.load(s, case_id, 1).request.after
        if asked is None or asked.kind is not AfterDecisionKind.REOPENING:
            break
        case_id = first
    return case_id


def open_reopening(
    s: Session,
    item: InboxItem,
    chain: CaseChain,
    request: AuthorizationRequest,
    evidence: EvidenceJson,
    ground: ReopeningGround,
    asked_by: AskedBy,
    entered_by: str | None = None,
    why: str = "",
    received_at: datetime | None = None,
    is_read_again: bool = False,
) -> AuthorizationStart:
    """Open the case that looks again at what was denied: the request as it was, with what is known now, received at
    `received_at` (UTC), the first receipt of the same content (None, or before the decision: that of the item).
    `is_read_again`: the item made a version of the case while that was still open.

    The documents of the item have to be in the store. Raises ValueError where nothing was denied.
    """
    decided = chain.denied
    if decided is None:
        raise ValueError("nothing of the case was denied")
    case_id = chain.next_number
    if received_at is None or (decided.decided_at is not None and received_at < decided.decided_at):
        received_at = item.received_at
    after = AfterDecision(
        case_id=decided.case_id,
        kind=AfterDecisionKind.REOPENING,
        asked_by=asked_by,
        decided_at=decided.decided_at,
        ground=ground,
        authorization_number=decided.authorization_number,
        entered_by=entered_by,
        why=why,
    )
    changes: dict[str, Any] = {
        "received_at": received_at,
        "action": RequestAction.INITIAL,
        "after": after,
        "lines": denied_lines(request.lines, cases.lines(s, decided.case_id)),
    }
    attach_documents(s, decided.case_id, case_id)
    attach_documents(s, case_id, decided.case_id)
    for document in request.documents:
        for each in (case_id, decided.case_id):
            documents.attach(s, each, document.document_id, document.received_at, title=document.title)
    version = requests.save(
        s, case_id, request.model_copy(update=changes), None if is_read_again else item.inbox_id, evidence
    )
    inbox.accept(s, item.inbox_id, case_id, version)
    return AuthorizationStart(case_id=case_id, request_version=version, received_at=received_at)


def _denied(view: CaseView | None) -> CaseView | None:
    return view if view is not None and view.status in REOPENABLE else None
