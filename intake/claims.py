"""A claim for care that was given, from its first byte to its retrospective review. The bytes are kept before it is read."""

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
from domain.errors import NotReadable, Problem
from domain.journal import Actor
from domain.retrospective.claim import Claim
from domain.retrospective.comparison import whole
from domain.retrospective.numbers import retrospective_id_for
from domain.retrospective.questions import Question, request_of
from domain.retrospective.start import RetrospectiveStart
from domain.vocabulary import Channel, Lob, ReviewKind
from engine.options import workflow_id
from intake.requests.keeping import keep_documents
from intake.requests.membership import not_ours
from interop.plain.claim import ClaimSubmission, read_claim
from services import case_client as telling
from services.case_client import CaseGone
from services.context import Desk, EngineDown, Outcome, OutcomeKind
from store import cases, claims, inbox
from store import installation as settings
from store.dialect import hold
from store.inbox import InboxItem, InboxStatus
from store.session import Store

RETROSPECTIVE_REVIEW = "RetrospectiveReview"
_OF_ARRIVAL = {"received_at", "channel"}


@dataclass(frozen=True)
class NewClaim:
    """Accepted; its review has to be started."""

    case_id: str
    received_at: datetime


@dataclass(frozen=True)
class RepeatedClaim:
    """A claim that is under review already, or was."""

    case_id: str
    claim: Claim


@dataclass(frozen=True)
class RefusedClaim:
    """Not taken; it is in the inbox, as a task for intake."""

    problems: tuple[Problem, ...]


async def submit(
    desk: Desk, raw: bytes, channel: Channel, sender: str | None = None, received_at: datetime | None = None
) -> Outcome:
    """Take in a claim that arrived at `received_at` (UTC; now, when it is just arriving) and say what became of it.

    Raises Unavailable only when the store itself cannot keep the bytes.
    """
    item = await asyncio.to_thread(_receive, desk, raw, channel, sender, received_at or desk.clock())
    return await carry_on(desk, item.inbox_id)


async def carry_on(desk: Desk, inbox_id: int) -> Outcome:
    """Do what is left to do for an arrival. Safe to repeat, at any time and in several processes at once."""
    meaning = await asyncio.to_thread(_understand, desk.store, inbox_id, desk.lobs)
    item = await asyncio.to_thread(_item, desk, inbox_id)
    match meaning:
        case NewClaim(case_id, received_at):
            return await _start(desk, item, case_id, received_at)
        case RepeatedClaim(case_id, claim):
            return await _join(desk, item, case_id, claim)
        case RefusedClaim(problems):
            says = f"Not taken; it is kept as INBOX-{inbox_id} for intake to look at."
            return _outcome(OutcomeKind.REFUSED, item, None, says, problems)


def _receive(desk: Desk, raw: bytes, channel: Channel, sender: str | None, at: datetime) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.receive(s, raw, at, channel, sender)


def _item(desk: Desk, inbox_id: int) -> InboxItem:
    with desk.store.read() as s:
        return inbox.get(s, inbox_id)


# -- what an arrival means -------------------------------------------------------------------------------------------------


def _understand(store: Store, inbox_id: int, lobs: frozenset[Lob] | None) -> NewClaim | RepeatedClaim | RefusedClaim:
    with store.read() as s:
        item, raw = inbox.get(s, inbox_id), inbox.raw(s, inbox_id)
        if item.status is InboxStatus.ACCEPTED and item.case_id is not None:
            return _accepted(s, item.case_id, inbox_id)
    if item.status is not InboxStatus.RECEIVED:
        return RefusedClaim(item.problems)
    try:
        submission = read_claim(raw, item.received_at, item.channel)
    except NotReadable as wrong:
        return _refuse(store, inbox_id, wrong.problems)
    with store.begin() as s:
        hold(s, f"intake:{submission.claim.member.member_id}")
        item = inbox.get(s, inbox_id)
        if item.status is InboxStatus.ACCEPTED and item.case_id is not None:
            return _accepted(s, item.case_id, inbox_id)
        meaning = _meaning(s, item, submission, lobs)
        if isinstance(meaning, RefusedClaim):
            inbox.refuse(s, inbox_id, meaning.problems)
        return meaning


def _accepted(s: Session, case_id: str, inbox_id: int) -> NewClaim | RepeatedClaim:
    stored = claims.load(s, case_id)
    if stored.inbox_id == inbox_id:
        return NewClaim(case_id, stored.claim.received_at)
    return RepeatedClaim(case_id, stored.claim)


def _refuse(store: Store, inbox_id: int, problems: Sequence[Problem]) -> RefusedClaim:
    with store.begin() as s:
        if inbox.get(s, inbox_id).status in (InboxStatus.RECEIVED, InboxStatus.REFUSED):
            inbox.refuse(s, inbox_id, problems)
    return RefusedClaim(tuple(problems))


def _meaning(
    s: Session, item: InboxItem, submission: ClaimSubmission, lobs: frozenset[Lob] | None
) -> NewClaim | RepeatedClaim | RefusedClaim:
    claim = submission.claim
    problems = not_ours(s, _as_asked(claim), lobs)
    if problems:
        return RefusedClaim(problems)
    case_id = retrospective_id_for(claim, settings.installation_key(s))
    known = claims.find(s, case_id)
    if known is not None and known.inbox_id != item.inbox_id:
        if _content(known.claim) == _content(claim):
            return RepeatedClaim(case_id, known.claim)
        return RefusedClaim((_other_content(case_id),))
    evidence: Any = {
        "statements": [statement.model_dump(mode="json") for statement in submission.statements],
        "answers": [answer.model_dump(mode="json") for answer in submission.answers],
    }
    keep_documents(s, case_id, submission.attachments)
    claims.save(s, case_id, claim, item.inbox_id, evidence)
    inbox.accept(s, item.inbox_id, case_id, 1)
    return NewClaim(case_id, claim.received_at)


def _as_asked(claim: Claim) -> Any:
    """The claim as the check of membership looks at requests: the member, and the days of service."""
    asked = tuple(Question(line_id=line.line_id, portion=whole(line), why="as billed") for line in claim.lines)
    return request_of(claim, asked, "").model_copy(update={"review_kind": ReviewKind.PROSPECTIVE})


def _content(claim: Claim) -> dict[str, Any]:
    """What two arrivals of the same claim have in common; their documents may have come at other times."""
    content = claim.model_dump(mode="json", exclude=_OF_ARRIVAL | {"documents"})
    return content | {"documents": sorted(document.document_id for document in claim.documents)}


def _other_content(case_id: str) -> Problem:
    return Problem(
        path="$.claim_number",
        rule="intake.claim_number",
        message=f"this provider's claim of the same number is under review as {case_id}, and says something else",
        expected="a number of its own for a corrected claim; intake settles what becomes of the first one",
    )


# -- reaching the review ---------------------------------------------------------------------------------------------------


async def _start(desk: Desk, item: InboxItem, case_id: str, received_at: datetime) -> Outcome:
    if item.started_at is not None:
        return _outcome(OutcomeKind.STARTED, item, case_id, f"Review {case_id} has it.")
    try:
        client = desk.client()
        with telling.reaching_engine():
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
    except EngineDown as away:
        says = f"Received as {case_id}; it starts by itself when the engine is back. The receipt time stands. {away}"
        return _outcome(OutcomeKind.KEPT, item, case_id, says)
    await asyncio.to_thread(_mark_started, desk, item.inbox_id)
    return _outcome(OutcomeKind.STARTED, item, case_id, f"Retrospective review {case_id} is running.")


def _mark_started(desk: Desk, inbox_id: int) -> None:
    with desk.store.begin() as s:
        inbox.mark_started(s, inbox_id, desk.clock())


async def _join(desk: Desk, item: InboxItem, case_id: str, claim: Claim) -> Outcome:
    """The same claim again joins its review, and both its sender and the review are told."""
    message = NoteDuplicate(
        message_id=f"inbox-{item.inbox_id}",
        at=max(item.received_at, claim.received_at),
        actor=Actor(kind="provider", id=claim.billing_provider.npi),
        inbox_id=item.inbox_id,
    )
    over = await asyncio.to_thread(_is_over, desk, case_id)
    if not over:
        first = await asyncio.to_thread(_first_item, desk, case_id)
        try:
            await _start(desk, first, case_id, claim.received_at)
            await telling.leave(desk, case_id, message)
        except EngineDown as away:
            says = f"The same claim is {case_id} already; the review is told when the engine is back. {away}"
            return _outcome(OutcomeKind.KEPT, item, case_id, says)
        except CaseGone:
            over = True
    await asyncio.to_thread(_settle, desk, item.inbox_id, case_id)
    kind = OutcomeKind.DECIDED_BEFORE if over else OutcomeKind.JOINED
    stands = "was reviewed before as" if over else "is under review already as"
    return _outcome(kind, item, case_id, f"The same claim {stands} {case_id}. Nothing was added to it.")


def _is_over(desk: Desk, case_id: str) -> bool:
    with desk.store.read() as s:
        view = cases.get(s, case_id)
    return view is not None and view.status is not CaseStatus.OPEN


def _first_item(desk: Desk, case_id: str) -> InboxItem:
    with desk.store.read() as s:
        return inbox.get(s, claims.load(s, case_id).inbox_id)


def _settle(desk: Desk, inbox_id: int, case_id: str) -> None:
    with desk.store.begin() as s:
        inbox.accept(s, inbox_id, case_id, 1)
        inbox.mark_started(s, inbox_id, desk.clock())


def _outcome(
    kind: OutcomeKind, item: InboxItem, case_id: str | None, says: str, problems: tuple[Problem, ...] = ()
) -> Outcome:
    return Outcome(
        kind=kind,
        inbox_id=item.inbox_id,
        received_at=item.received_at,
        case_id=case_id,
        says=says,
        problems=problems,
    )
