"""Actions of people on cases and tasks. Each action gets its time stamp and message id here and is sent to the case.

The case itself validates: a violation comes back at once with the rule and its remedy. All of these raise NotOnFile for a
case or task that is not on file, and TemporalUnavailable when Temporal does not answer: then nothing was done.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import JsonValue
from sqlalchemy.orm import Session

from domain.authorization.messages import (
    AuthorizationMessage,
    ContactLog,
    ExtensionGround,
    PartyStatement,
    ReinstateRequest,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    WithdrawRequest,
)
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask
from domain.cases.tasks import TaskOutcome
from domain.coverage.directory import NetworkStatus
from domain.decisions.determination import ApprovalBasis, LineDecision, SignedBenefitDecision, SignedDecision
from domain.errors import NotOnFile, Refused, RuleViolation
from domain.journal import Actor
from domain.vocabulary import AskedBy, LineOutcome
from engine import edge_clock
from services import case_client
from services.access import REINSTATE_REQUESTS, require_active, require_role
from services.case_client import CaseNotRunning
from services.case_startup import case_not_on_file, closed_case_result, ensure_started
from services.context import CommandResult, ServiceContext
from store import cases, directory, documents, requests, tasks
from store.requests import StoredRequest
from store.tasks import CaseTask


def reviewer_actor(reviewer_id: str) -> Actor:
    """The reviewer as the actor of a message."""
    return Actor(kind="reviewer", id=reviewer_id)


async def claim_task(
    services: ServiceContext, task_id: str, reviewer_id: str, message_id: str | None = None
) -> CommandResult:
    """Claim a task for the reviewer."""
    found = await find_task(services, task_id)
    stamp = message_header(services, reviewer_actor(reviewer_id), message_id)
    return await send_to_case(services, found.case_id, ClaimTask(**stamp, task_id=task_id, reviewer_id=reviewer_id))


async def release_task(
    services: ServiceContext, task_id: str, reviewer_id: str, message_id: str | None = None
) -> CommandResult:
    """Release a task that the reviewer has claimed."""
    found = await find_task(services, task_id)
    stamp = message_header(services, reviewer_actor(reviewer_id), message_id)
    return await send_to_case(services, found.case_id, ReleaseTask(**stamp, task_id=task_id, reviewer_id=reviewer_id))


async def reassign_task(
    services: ServiceContext, task_id: str, by: str, to: str, message_id: str | None = None
) -> CommandResult:
    """Assign a task to `to`; `by` is the supervisor, the medical director or the assignee."""
    found = await find_task(services, task_id)
    stamp = message_header(services, reviewer_actor(by), message_id)
    return await send_to_case(services, found.case_id, ReassignTask(**stamp, task_id=task_id, reviewer_id=to))


async def complete_task(
    services: ServiceContext,
    task_id: str,
    reviewer_id: str,
    outcome: TaskOutcome,
    *,
    lines: tuple[LineDecision, ...] = (),
    recommendation: str | None = None,
    facts_to_ask: tuple[str, ...] = (),
    signed: SignedDecision | SignedBenefitDecision | None = None,
    note: str | None = None,
    form: dict[str, JsonValue] | None = None,
    basis: ApprovalBasis | None = None,
    message_id: str | None = None,
) -> CommandResult:
    """Complete a task. An approval that names no lines approves each line of the task as requested; `basis` is its account."""
    found = await find_task(services, task_id)
    if outcome is TaskOutcome.APPROVE and not lines:
        lines = tuple(LineDecision(line_id=name, outcome=LineOutcome.APPROVED) for name in found.task.line_ids)
    message = CompleteTask(
        **message_header(services, reviewer_actor(reviewer_id), message_id),
        task_id=task_id,
        reviewer_id=reviewer_id,
        outcome=outcome,
        lines=lines,
        recommendation=recommendation,
        facts_to_ask=facts_to_ask,
        signed=signed,
        note=note,
        form=form,
        basis=basis,
    )
    return await send_to_case(services, found.case_id, message)


async def withdraw_request(
    services: ServiceContext,
    case_id: str,
    by: AskedBy,
    asked: PartyStatement,
    entered_by: str,
    why: str | None = None,
    message_id: str | None = None,
) -> CommandResult:
    """Withdraw the request in the name of `by`, who `asked` for it; `entered_by` is the reviewer id of who enters it."""
    first = await _first_version(services, case_id)
    await services.read(_require_statement, case_id, asked, entered_by)
    stamp = message_header(services, _party_actor(first, by, entered_by), message_id)
    message = WithdrawRequest(**stamp, by=by, why=why, asked=asked, entered_by=entered_by)
    return await send_to_case(services, case_id, message)


async def reinstate_request(
    services: ServiceContext,
    case_id: str,
    by: AskedBy,
    asked: PartyStatement,
    entered_by: str,
    why: str | None = None,
    message_id: str | None = None,
) -> CommandResult:
    """Take a withdrawal back in the name of `by`, who `asked` for it; `entered_by` is the reviewer id of who enters it. A case
    that is closed refuses; `intake.reinstatement` then takes its request up again."""
    first = await _first_version(services, case_id)
    await services.read(require_role, REINSTATE_REQUESTS, entered_by)
    await services.read(_require_statement, case_id, asked, entered_by)
    stamp = message_header(services, _party_actor(first, by, entered_by), message_id)
    message = ReinstateRequest(**stamp, by=by, why=why, asked=asked, entered_by=entered_by)
    return await send_to_case(services, case_id, message)


async def request_expedite(
    services: ServiceContext,
    case_id: str,
    asked_by: AskedBy,
    physician_statement: bool | None,
    entered_by: str | None = None,
    message_id: str | None = None,
) -> CommandResult:
    """Request an expedited review in the name of `asked_by`; `physician_statement` is None when it is not known.
    `entered_by` is the reviewer id of who enters it, None where the party sends it."""
    first = await _first_version(services, case_id)
    message = RequestExpedite(
        **message_header(services, _party_actor(first, asked_by, entered_by), message_id),
        asked_by=asked_by,
        physician_statement=physician_statement,
        entered_by=entered_by,
    )
    return await send_to_case(services, case_id, message)


async def extend_deadline(
    services: ServiceContext,
    case_id: str,
    reviewer_id: str,
    reason: Literal["enrollee_asked", "missing_information", "plan_justified"],
    justification: str,
    days_given: int | None = None,
    ground: ExtensionGround | None = None,
    second_person: str | None = None,
    message_id: str | None = None,
) -> CommandResult:
    """Extend the deadline, as far as the clock's rule and the rulebook's grounds allow. The plan may not wait for evidence of a
    provider with whom it has a contract."""
    if ground is not None and ground.provider_npi is not None:
        await services.read(_require_noncontract, case_id, ground.provider_npi)
    message = TakeExtension(
        **message_header(services, reviewer_actor(reviewer_id), message_id),
        reviewer_id=reviewer_id,
        reason=reason,
        justification=justification,
        days_given=days_given,
        ground=ground,
        second_person=second_person,
    )
    return await send_to_case(services, case_id, message)


async def record_peer_to_peer(
    services: ServiceContext,
    case_id: str,
    result: Literal["held", "declined", "provider_no_show", "plan_no_show"],
    reviewer_id: str,
    contact: ContactLog | None = None,
    note: str | None = None,
    message_id: str | None = None,
) -> CommandResult:
    """Record the result of the offered peer-to-peer, with the log of the call that settles it."""
    stamp = message_header(services, reviewer_actor(reviewer_id), message_id)
    return await send_to_case(services, case_id, SettlePeerToPeer(**stamp, result=result, note=note, contact=contact))


async def find_task(services: ServiceContext, task_id: str) -> CaseTask:
    """Find a task with its case. Raises NotOnFile, and Refused for an inbox item, which has no case."""
    found = await services.read(tasks.get, task_id)
    if found is not None:
        return found
    if tasks.inbox_id_of(task_id) is not None:
        message = f"{task_id} is an arrival that could not be read; it has no case yet."
        way_out = f"See it with 'umpire inbox show {task_id}', resolve it with 'umpire inbox resolve {task_id}'."
        raise Refused((RuleViolation(rule="task.inbox", message=message, way_out=way_out),))
    raise NotOnFile(f"There is no task {task_id}.", "List the open ones with 'umpire worklist'.")


async def _first_version(services: ServiceContext, case_id: str) -> StoredRequest:
    try:
        return await services.read(requests.load, case_id, 1)
    except NotOnFile:
        raise case_not_on_file(case_id) from None


def _require_statement(s: Session, case_id: str, asked: PartyStatement, entered_by: str) -> None:
    """Raise NotOnFile or Refused unless who enters the statement is active and its document is on file."""
    require_active(s, reviewer_actor(entered_by))
    require_document(s, case_id, asked.document_id)


def require_document(s: Session, case_id: str, document_id: str | None) -> None:
    """Raise Refused where a document is named as what shows a statement and the case does not hold it."""
    if document_id is not None and document_id not in {one.document_id for one in documents.of_case(s, case_id)}:
        message = "The document that shows it is not on the case."
        way_out = "Add it with 'umpire add-document', or write a note of what was said."
        raise Refused((RuleViolation(rule="statement.document", message=message, way_out=way_out),))


def _require_noncontract(s: Session, case_id: str, npi: str) -> None:
    """Raise Refused where the directory knows the provider as one of the network of a plan of the member."""
    view, provider = cases.get(s, case_id), directory.provider(s, npi)
    coverages = directory.coverages(s, view.member_id) if view is not None else ()
    plans = {coverage.plan_id for coverage in coverages}
    known = [status for plan, status in provider.network.items() if plan in plans] if provider is not None else []
    if NetworkStatus.IN_NETWORK in known:
        message = "The plan has a contract with this provider: its missing records are no ground for more time."
        way_out = "Ask the provider for them, and decide by the due instant."
        raise Refused((RuleViolation(rule="extension.contract_provider", message=message, way_out=way_out),))


def _party_actor(first: StoredRequest, by: AskedBy, entered_by: str | None) -> Actor:
    """The party as the actor of a message: the requesting provider, the member, or the member's representative. What the plan
    asks, the member of staff says."""
    if by is AskedBy.PLAN and entered_by is not None:
        return reviewer_actor(entered_by)
    request = first.request
    return Actor(
        kind=by.value, id=request.requesting_provider.npi if by is AskedBy.PROVIDER else request.member.member_id
    )


def message_header(services: ServiceContext, actor: Actor, message_id: str | None = None) -> dict[str, Any]:
    """The number, the time of acting (UTC) and the actor of a message made here and now."""
    return {"message_id": message_id or edge_clock.new_message_id(), "at": services.clock(), "actor": actor}


async def send_to_case(services: ServiceContext, case_id: str, message: AuthorizationMessage) -> CommandResult:
    """Send the message to its case, which is started where it was not; a closed case refuses it."""
    await ensure_started(services, case_id)
    try:
        return await case_client.send_message(services, case_id, message)
    except CaseNotRunning:
        return await closed_case_result(services, case_id, message.message_id)
