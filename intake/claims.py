"""Submission of claims, from the first byte to the retrospective review. The bytes are stored before they are read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.cases.messages import NoteDuplicate
from domain.cases.views import CaseStatus
from domain.errors import NotReadable, ValidationIssue
from domain.journal import Actor
from domain.retrospective.claim import Claim
from domain.retrospective.comparison import whole_line
from domain.retrospective.numbers import retrospective_id_for
from domain.retrospective.questions import ReviewQuestion, post_service_request
from domain.retrospective.start import RetrospectiveStart
from domain.vocabulary import Channel, Lob, ReviewKind
from engine.options import workflow_id
from engine.workflow_names import RETROSPECTIVE_REVIEW
from intake.requests.documents import store_documents
from intake.requests.membership import membership_issues
from interop.plain.claim import ClaimSubmission, read_claim
from services import case_client
from services.case_client import CaseNotRunning
from services.context import ServiceContext, SubmissionResult, SubmissionStatus, TemporalUnavailable
from store import cases, claims, inbox, installation
from store.dialect import acquire_named_lock
from store.inbox import InboxItem, InboxStatus
from store.session import Store

_ARRIVAL_FIELDS = {"received_at", "channel"}


@dataclass(frozen=True)
class NewClaim:
    """A claim that was accepted; its review has to be started."""

    case_id: str
    received_at: datetime


@dataclass(frozen=True)
class RepeatedClaim:
    """A claim that is or was under review already."""

    case_id: str
    claim: Claim


@dataclass(frozen=True)
class RejectedClaim:
    """A claim that was not accepted; it is in the inbox, as a task for intake."""

    problems: tuple[ValidationIssue, ...]


async def submit_claim(
    desk: ServiceContext, raw: bytes, channel: Channel, sender: str | None = None, received_at: datetime | None = None
) -> SubmissionResult:
    """Store and process a claim of `received_at` (UTC; now unless given) and return its result.

    Raises Unavailable only when the store itself cannot save the bytes.
    """
    item = await asyncio.to_thread(_store_arrival, desk, raw, channel, sender, received_at or desk.clock())
    return await process_item(desk, item.inbox_id)


async def process_item(desk: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Do the remaining steps for an arrival. Safe to repeat, at any time and in several processes at once."""
    meaning = await asyncio.to_thread(_interpret, desk.store, inbox_id, desk.lobs)
    item = await asyncio.to_thread(_read_item, desk, inbox_id)
    match meaning:
        case NewClaim(case_id, received_at):
            return await _start_review(desk, item, case_id, received_at)
        case RepeatedClaim(case_id, claim):
            return await _join_review(desk, item, case_id, claim)
        case RejectedClaim(problems):
            says = f"Not accepted; it is stored as INBOX-{inbox_id} for intake to review."
            return _result(SubmissionStatus.REFUSED, item, None, says, problems)


def _store_arrival(desk: ServiceContext, raw: bytes, channel: Channel, sender: str | None, at: datetime) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.receive(s, raw, at, channel, sender)


def _read_item(desk: ServiceContext, inbox_id: int) -> InboxItem:
    with desk.store.read() as s:
        return inbox.get(s, inbox_id)


# -- interpretation --------------------------------------------------------------------------------------------------------


def _interpret(store: Store, inbox_id: int, lobs: frozenset[Lob] | None) -> NewClaim | RepeatedClaim | RejectedClaim:
    with store.read() as s:
        item, raw = inbox.get(s, inbox_id), inbox.raw(s, inbox_id)
        if item.status is InboxStatus.ACCEPTED and item.case_id is not None:
            return _accepted_outcome(s, item.case_id, inbox_id)
    if item.status is not InboxStatus.RECEIVED:
        return RejectedClaim(item.problems)
    try:
        submission = read_claim(raw, item.received_at, item.channel)
    except NotReadable as wrong:
        return _reject(store, inbox_id, wrong.problems)
    with store.begin() as s:
        acquire_named_lock(s, f"intake:{submission.claim.member.member_id}")
        item = inbox.get(s, inbox_id)
        if item.status is InboxStatus.ACCEPTED and item.case_id is not None:
            return _accepted_outcome(s, item.case_id, inbox_id)
        meaning = _classify(s, item, submission, lobs)
        if isinstance(meaning, RejectedClaim):
            inbox.reject(s, inbox_id, meaning.problems)
        return meaning


def _accepted_outcome(s: Session, case_id: str, inbox_id: int) -> NewClaim | RepeatedClaim:
    stored = claims.load(s, case_id)
    if stored.inbox_id == inbox_id:
        return NewClaim(case_id, stored.claim.received_at)
    return RepeatedClaim(case_id, stored.claim)


def _reject(store: Store, inbox_id: int, problems: Sequence[ValidationIssue]) -> RejectedClaim:
    with store.begin() as s:
        if inbox.get(s, inbox_id).status in (InboxStatus.RECEIVED, InboxStatus.REFUSED):
            inbox.reject(s, inbox_id, problems)
    return RejectedClaim(tuple(problems))


def _classify(
    s: Session, item: InboxItem, submission: ClaimSubmission, lobs: frozenset[Lob] | None
) -> NewClaim | RepeatedClaim | RejectedClaim:
    claim = submission.claim
    problems = membership_issues(s, _as_request(claim), lobs)
    if problems:
        return RejectedClaim(problems)
    case_id = retrospective_id_for(claim, installation.installation_key(s))
    known = claims.find(s, case_id)
    if known is not None and known.inbox_id != item.inbox_id:
        if _comparable_content(known.claim) == _comparable_content(claim):
            return RepeatedClaim(case_id, known.claim)
        return RejectedClaim((_conflict_issue(case_id),))
    evidence: Any = {
        "statements": [statement.model_dump(mode="json") for statement in submission.statements],
        "answers": [answer.model_dump(mode="json") for answer in submission.answers],
    }
    store_documents(s, case_id, submission.attachments)
    claims.save(s, case_id, claim, item.inbox_id, evidence)
    inbox.accept(s, item.inbox_id, case_id, 1)
    return NewClaim(case_id, claim.received_at)


def _as_request(claim: Claim) -> Any:
    """The claim as a request for the membership check: the member and the days of service."""
    asked = tuple(
        ReviewQuestion(line_id=line.line_id, portion=whole_line(line), why="as billed") for line in claim.lines
    )
    return post_service_request(claim, asked, "").model_copy(update={"review_kind": ReviewKind.PROSPECTIVE})


def _comparable_content(claim: Claim) -> dict[str, Any]:
    """The content that two arrivals of the same claim share; their documents may have arrived at other times."""
    content = claim.model_dump(mode="json", exclude=_ARRIVAL_FIELDS | {"documents"})
    return content | {"documents": sorted(document.document_id for document in claim.documents)}


def _conflict_issue(case_id: str) -> ValidationIssue:
    return ValidationIssue(
        path="$.claim_number",
        rule="intake.claim_number",
        message=f"this provider's claim of the same number is under review as {case_id} with other content",
        expected="a new number for a corrected claim; intake decides about the first claim",
    )


# -- the review ------------------------------------------------------------------------------------------------------------


async def _start_review(desk: ServiceContext, item: InboxItem, case_id: str, received_at: datetime) -> SubmissionResult:
    if item.started_at is not None:
        return _result(SubmissionStatus.STARTED, item, case_id, f"Recorded on review {case_id}.")
    try:
        client = desk.client()
        with case_client.translate_temporal_errors():
            await client.start_workflow(
                RETROSPECTIVE_REVIEW,
                RetrospectiveStart(case_id=case_id, received_at=received_at),
                id=workflow_id(case_id),
                task_queue=desk.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                rpc_timeout=desk.patience,
            )
    except WorkflowAlreadyStartedError:
        pass
    except TemporalUnavailable as away:
        says = f"Received as {case_id}; it starts automatically when Temporal is back. The receipt time stands. {away}"
        return _result(SubmissionStatus.STORED, item, case_id, says)
    await asyncio.to_thread(_mark_started, desk, item.inbox_id)
    return _result(SubmissionStatus.STARTED, item, case_id, f"Retrospective review {case_id} is running.")


def _mark_started(desk: ServiceContext, inbox_id: int) -> None:
    with desk.store.begin() as s:
        inbox.mark_started(s, inbox_id, desk.clock())


async def _join_review(desk: ServiceContext, item: InboxItem, case_id: str, claim: Claim) -> SubmissionResult:
    """Join a repeated claim to its review, and notify the review."""
    message = NoteDuplicate(
        message_id=f"inbox-{item.inbox_id}",
        at=max(item.received_at, claim.received_at),
        actor=Actor(kind="provider", id=claim.billing_provider.npi),
        inbox_id=item.inbox_id,
    )
    over = await asyncio.to_thread(_is_closed, desk, case_id)
    if not over:
        first = await asyncio.to_thread(_first_item, desk, case_id)
        try:
            await _start_review(desk, first, case_id, claim.received_at)
            await case_client.signal_message(desk, case_id, message)
        except TemporalUnavailable as away:
            says = f"The same claim is {case_id} already; the review is notified when Temporal is back. {away}"
            return _result(SubmissionStatus.STORED, item, case_id, says)
        except CaseNotRunning:
            over = True
    await asyncio.to_thread(_accept_and_mark_started, desk, item.inbox_id, case_id)
    kind = SubmissionStatus.DECIDED_BEFORE if over else SubmissionStatus.JOINED
    stands = "was reviewed before as" if over else "is under review already as"
    return _result(kind, item, case_id, f"The same claim {stands} {case_id}. Nothing was added to it.")


def _is_closed(desk: ServiceContext, case_id: str) -> bool:
    with desk.store.read() as s:
        view = cases.get(s, case_id)
    return view is not None and view.status is not CaseStatus.OPEN


def _first_item(desk: ServiceContext, case_id: str) -> InboxItem:
    with desk.store.read() as s:
        return inbox.get(s, claims.load(s, case_id).inbox_id)


def _accept_and_mark_started(desk: ServiceContext, inbox_id: int, case_id: str) -> None:
    with desk.store.begin() as s:
        inbox.accept(s, inbox_id, case_id, 1)
        inbox.mark_started(s, inbox_id, desk.clock())


def _result(
    kind: SubmissionStatus, item: InboxItem, case_id: str | None, says: str, problems: tuple[ValidationIssue, ...] = ()
) -> SubmissionResult:
    return SubmissionResult(
        kind=kind,
        inbox_id=item.inbox_id,
        received_at=item.received_at,
        case_id=case_id,
        says=says,
        problems=problems,
    )
