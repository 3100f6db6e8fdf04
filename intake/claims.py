"""Submission of claims, from the first byte to the retrospective review. The bytes are stored before they are read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from domain.cases.messages import NoteDuplicate
from domain.cases.views import CaseStatus
from domain.errors import NotReadable, ValidationIssue
from domain.journal import Actor
from domain.retrospective.claim import Claim
from domain.retrospective.comparison import whole_line
from domain.retrospective.numbers import retrospective_id_for
from domain.retrospective.questions import ReviewQuestion, post_service_request
from domain.retrospective.start import RetrospectiveStart
from domain.vocabulary import ArrivalKind, Channel, Lob, ReviewKind
from engine.workflow_names import RETROSPECTIVE_REVIEW
from intake.interpretation import reject_item
from intake.receipt import first_receipt, receive_arrival
from intake.requests.documents import store_documents
from intake.requests.membership import membership_issues
from intake.results import submission_result
from intake.unread_repeats import join_first
from interop.plain.claim import ClaimSubmission, read_claim
from services import case_client
from services.case_client import CaseNotRunning
from services.context import ServiceContext, SubmissionResult, SubmissionStatus, TemporalUnavailable
from store import cases, claims, inbox, installation
from store.dialect import acquire_named_lock
from store.inbox import InboxItem, InboxStatus

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
    services: ServiceContext,
    raw: bytes,
    channel: Channel,
    sender: str | None = None,
    received_at: datetime | None = None,
) -> SubmissionResult:
    """Store and process a claim of `received_at` (UTC; now unless given) and return its result.

    Raises Unavailable only when the store itself cannot save the bytes.
    """
    item = await receive_arrival(services, raw, received_at, channel, sender, ArrivalKind.CLAIM)
    return await _process(services, item, raw)


async def process_item(services: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Do the remaining steps for an arrival. Safe to repeat, at any time and in several processes at once."""
    return await _process(services, *await services.read(inbox.load, inbox_id))


async def _process(services: ServiceContext, item: InboxItem, raw: bytes) -> SubmissionResult:
    if item.status is InboxStatus.RECEIVED:
        try:
            submission = await asyncio.to_thread(read_claim, raw, item.received_at, item.channel)
        except NotReadable as wrong:
            await services.write(reject_item, item.inbox_id, wrong.problems)
            return await join_first(services, item, raw, wrong.problems)
        received_at = await first_receipt(services, item, _same_claim(submission.claim))
        first = replace(submission, claim=submission.claim.model_copy(update={"received_at": received_at}))
        outcome = await services.write(_interpret, item.inbox_id, first, services.lobs)
    else:
        outcome = await services.read(_earlier_outcome, item)
    match outcome:
        case NewClaim(case_id, received_at):
            return await _start_review(services, item, case_id, received_at)
        case RepeatedClaim(case_id, claim):
            return await _join_review(services, item, case_id, claim)
        case RejectedClaim(problems):
            return await join_first(services, item, raw, problems)


def _same_claim(claim: Claim) -> Callable[[bytes, InboxItem], bool]:
    """A test whether the bytes of another arrival are this claim; it raises NotReadable for what is no claim."""

    def is_same(raw: bytes, other: InboxItem) -> bool:
        if claim.member.member_id.encode() not in raw:
            return False
        said = read_claim(raw, other.received_at, other.channel).claim
        return _comparable_content(said) == _comparable_content(claim)

    return is_same


# -- interpretation --------------------------------------------------------------------------------------------------------


def _interpret(
    s: Session, inbox_id: int, submission: ClaimSubmission, lobs: frozenset[Lob] | None
) -> NewClaim | RepeatedClaim | RejectedClaim:
    acquire_named_lock(s, f"intake:{submission.claim.member.member_id}")
    item = inbox.get(s, inbox_id)
    if item.status is not InboxStatus.RECEIVED:
        return _earlier_outcome(s, item)
    meaning = _classify(s, item, submission, lobs)
    if isinstance(meaning, RejectedClaim):
        inbox.reject(s, inbox_id, meaning.problems)
    return meaning


def _earlier_outcome(s: Session, item: InboxItem) -> NewClaim | RepeatedClaim | RejectedClaim:
    """The outcome of a claim that was interpreted before."""
    if item.status is not InboxStatus.ACCEPTED or item.case_id is None:
        return RejectedClaim(item.problems)
    stored = claims.load(s, item.case_id)
    if stored.inbox_id == item.inbox_id:
        return NewClaim(item.case_id, stored.claim.received_at)
    return RepeatedClaim(item.case_id, stored.claim)


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


async def _start_review(
    services: ServiceContext, item: InboxItem, case_id: str, received_at: datetime
) -> SubmissionResult:
    if item.started_at is not None:
        return submission_result(SubmissionStatus.STARTED, item, case_id, f"Recorded on review {case_id}.")
    try:
        start = RetrospectiveStart(case_id=case_id, received_at=received_at)
        await case_client.start_case(services, RETROSPECTIVE_REVIEW, start)
    except TemporalUnavailable as away:
        says = f"Received as {case_id}; it starts automatically when Temporal is back. The receipt time stands. {away}"
        return submission_result(SubmissionStatus.STORED, item, case_id, says)
    await services.write(inbox.mark_started, item.inbox_id, services.clock())
    return submission_result(SubmissionStatus.STARTED, item, case_id, f"Retrospective review {case_id} is running.")


async def _join_review(services: ServiceContext, item: InboxItem, case_id: str, claim: Claim) -> SubmissionResult:
    """Join a repeated claim to its review, and notify the review."""
    message = NoteDuplicate(
        message_id=f"inbox-{item.inbox_id}",
        at=max(item.received_at, claim.received_at),
        actor=Actor(kind="provider", id=claim.billing_provider.npi),
        inbox_id=item.inbox_id,
    )
    over = await services.read(_is_closed, case_id)
    if not over:
        first = await services.read(_first_item, case_id)
        try:
            await _start_review(services, first, case_id, claim.received_at)
            await case_client.signal_message(services, case_id, message)
        except TemporalUnavailable as away:
            says = f"The same claim is {case_id} already; the review is notified when Temporal is back. {away}"
            return submission_result(SubmissionStatus.STORED, item, case_id, says)
        except CaseNotRunning:
            over = True
    await services.write(inbox.accept_and_mark_started, item.inbox_id, case_id, 1, services.clock())
    kind = SubmissionStatus.DECIDED_BEFORE if over else SubmissionStatus.JOINED
    stands = "was reviewed before as" if over else "is under review already as"
    return submission_result(kind, item, case_id, f"The same claim {stands} {case_id}. Nothing was added to it.")


def _is_closed(s: Session, case_id: str) -> bool:
    view = cases.get(s, case_id)
    return view is not None and view.status is not CaseStatus.OPEN


def _first_item(s: Session, case_id: str) -> InboxItem:
    return inbox.get(s, claims.load(s, case_id).inbox_id)
