"""Requests after a decision that people enter: to reopen it, or to change its authorization.

What was said is kept as an arrival first, like every request. A rule that it breaks is told at the door, and then nothing is
kept; what the rule of the line does not reopen goes to people of appeals, in its own case.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.authorization.messages import PartyStatement
from domain.authorization.start import AuthorizationStart
from domain.cases.views import CaseStatus, CaseView
from domain.errors import NotOnFile, Refused, RuleViolation, ValidationIssue, violation
from domain.follow_ups.changes import AskedChange, ReductionNotice
from domain.model import Model
from domain.requests.after_decision import AfterDecision, AfterDecisionKind, ReopeningGround
from domain.vocabulary import ArrivalKind, AskedBy
from intake import submission
from intake.receipt import receive_arrival
from intake.requests.after_decision import REOPENABLE, find_chain, is_change, open_reopening
from intake.requests.authorization_changes import (
    AUTHORIZED,
    find_change_violations,
    open_change,
    standard_urgency,
)
from intake.requests.documents import stored_evidence
from intake.results import rejected_result, submission_result
from services.access import CORRECT_AUTHORIZATIONS, END_EARLY, ENTER_CHANGES, require_role
from services.context import ServiceContext, SubmissionResult, SubmissionStatus
from services.request_versions import load_current_version
from store import cases, documents, inbox, requests
from store.dialect import acquire_named_lock
from store.inbox import InboxItem, InboxStatus

_ROLES = {AfterDecisionKind.END_EARLY: END_EARLY, AfterDecisionKind.CORRECTION: CORRECT_AUTHORIZATIONS}


class SaidAfterDecision(Model):
    """The words about a decided case, as it is kept: by which party and person, how, and who entered it.

    `ground` is that of a reopening; `change` what is asked of the authorization.
    """

    case_id: str
    by: AskedBy
    asked: PartyStatement
    entered_by: str
    why: str
    ground: ReopeningGround | None = None
    change: AskedChange | None = None


async def ask_after_decision(services: ServiceContext, said: SaidAfterDecision) -> SubmissionResult:
    """Keep what was said, and open its case. Raises NotOnFile, and Refused with every rule that it breaks; once it is kept,
    its case starts by itself."""
    sender = await services.read(_require_allowed, said)
    raw = said.model_dump_json().encode()
    item = await receive_arrival(services, raw, said.asked.at, said.asked.channel, sender, ArrivalKind.AFTER_DECISION)
    return await process_item(services, item.inbox_id)


async def process_item(services: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Open and start the case of what was said, as far as that is not done. Safe to repeat."""
    item, raw = await services.read(inbox.load, inbox_id)
    if item.status is not InboxStatus.RECEIVED:
        return await submission.process_item(services, inbox_id)
    opened = await services.write(_open, inbox_id, SaidAfterDecision.model_validate_json(raw))
    match opened:
        case AuthorizationStart():
            return await submission.start_case(services, item, opened)
        case str():
            says = f"The same is asked for as case {opened} already; it joined it."
            return submission_result(SubmissionStatus.JOINED, item, opened, says)
        case _:
            return rejected_result(item, opened)


def reduction_notice(days_of_notice: int | None, citation: str, because: str) -> ReductionNotice:
    """The notice that the rule of the line demands for an early end. Raises Refused, with the reason of the rule, where it lets
    nothing end early (None)."""
    if days_of_notice is None:
        message = f"It may not end early. {because} ({citation})"
        raise Refused((violation("change.end", message, "The authorization stands until its last day."),))
    return ReductionNotice(days_of_notice=days_of_notice, citation=citation)


# -- what may be asked -----------------------------------------------------------------------------------------------------


def _require_allowed(s: Session, said: SaidAfterDecision) -> str | None:
    """The sender of the decided request. Raises NotOnFile, and Refused with every rule that is broken."""
    kind = said.change.kind if said.change is not None else AfterDecisionKind.REOPENING
    require_role(s, _ROLES.get(kind, ENTER_CHANGES), said.entered_by)
    view = cases.get(s, said.case_id)
    if view is None:
        raise NotOnFile(f"There is no case {said.case_id}.", "List the cases with 'umpire cases'.")
    broken = (*_party_violations(s, said), *_state_violations(s, said, view))
    if broken:
        raise Refused(broken)
    first = requests.load(s, said.case_id, 1)
    return inbox.get(s, first.inbox_id).sender if first.inbox_id is not None else None


def _party_violations(s: Session, said: SaidAfterDecision) -> tuple[RuleViolation, ...]:
    asked, kind = said.asked, said.change.kind if said.change is not None else AfterDecisionKind.REOPENING
    found = []
    if not said.why.strip():
        found.append(violation("change.why", "It is not said why.", "Say why, in words for the letter."))
    if not asked.is_shown:
        message = "It needs the person who asked, and a document or a note."
        found.append(violation("change.statement", message, "Say who asked, and write down what was said."))
    on_file = {document.document_id for document in documents.of_case(s, said.case_id)}
    if asked.document_id is not None and asked.document_id not in on_file:
        found.append(violation("change.document", "That document is not on the case.", "Add it first."))
    if said.by is AskedBy.REPRESENTATIVE and asked.document_id is None:
        message = "Nothing shows that the representative speaks for the member."
        found.append(violation("change.representative", message, "Name the document that appoints them."))
    of_plan = kind in (AfterDecisionKind.CORRECTION, AfterDecisionKind.END_EARLY)
    if of_plan and said.by is not AskedBy.PLAN:
        found.append(violation("change.party", "That is the plan's own to do.", "Say --by plan."))
    if kind is AfterDecisionKind.VOID and said.by is AskedBy.PLAN:
        message = "The plan cannot give back what others hold."
        found.append(violation("change.party", message, "Only the requester or the member gives it back."))
    return tuple(found)


def _state_violations(s: Session, said: SaidAfterDecision, view: CaseView) -> tuple[RuleViolation, ...]:
    if said.change is None:
        if find_chain(s, view.case_id).denied is not None and view.status in REOPENABLE:
            return ()
        way_out = "Only what was denied, in whole or in part, is reopened."
        if is_change(s, view.case_id):
            way_out = (
                "A change of an authorization is asked for again: 'umpire authorization dates', 'provider' or 'place'."
            )
        return (violation("reopening.nothing", "Nothing of the case was denied, or it is open still.", way_out),)
    if view.status not in AUTHORIZED | {CaseStatus.OPEN, CaseStatus.VOIDED} or view.authorization_number is None:
        return (violation("change.nothing", "The case authorizes nothing.", "Send a new request, or appeal."),)
    return find_change_violations(s, view, said.change, said.asked.at)


def _open(s: Session, inbox_id: int, said: SaidAfterDecision) -> AuthorizationStart | str | tuple[ValidationIssue, ...]:
    """Open the case; the number of an open one that asks for the same; the issues where it changed meanwhile."""
    stored = load_current_version(s, said.case_id)
    acquire_named_lock(s, f"intake:{stored.request.member.member_id}")
    item, view = inbox.get(s, inbox_id), cases.get(s, said.case_id)
    broken = _state_violations(s, said, view) if view is not None else ()
    if broken or view is None:
        issues = tuple(
            ValidationIssue(path="case", rule=one.rule, message=one.message, expected=one.way_out) for one in broken
        )
        inbox.reject(s, inbox_id, issues)
        return issues
    if said.change is None:
        return _open_reopening(s, item, said)
    after = AfterDecision(
        case_id=view.case_id,
        kind=said.change.kind,
        asked_by=said.by,
        decided_at=view.decided_at,
        authorization_number=view.authorization_number,
        entered_by=said.entered_by,
        why=said.why,
        effective_on=said.change.effective_on,
    )
    opened = open_change(s, item, view, said.change, after, standard_urgency(said.by))
    if isinstance(opened, str):
        inbox.accept_and_mark_started(s, inbox_id, opened, 1, item.received_at)
    return opened


def _open_reopening(s: Session, item: InboxItem, said: SaidAfterDecision) -> AuthorizationStart | str:
    chain = find_chain(s, said.case_id)
    newest = cases.get(s, chain.newest)
    if newest is None or newest.status is CaseStatus.OPEN:
        inbox.accept_and_mark_started(s, item.inbox_id, chain.newest, 1, item.received_at)
        return chain.newest
    stored = load_current_version(s, chain.denied.case_id if chain.denied is not None else said.case_id)
    claim = standard_urgency(said.by)
    request = stored.request.model_copy(
        update={
            "submission_id": f"urn:umpire:after-decision|{chain.next_number}",
            "trace_numbers": (),
            "urgency": claim,
        }
    )
    ground = said.ground or ReopeningGround.OTHER
    return open_reopening(s, item, chain, request, stored_evidence(stored), ground, said.by, said.entered_by, said.why)
