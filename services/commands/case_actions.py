"""Actions of people on cases and tasks. Each action gets its time stamp and message id here and is sent to the case.

The case itself validates: a violation comes back at once with the rule and its remedy. All of these raise NotOnFile for a
case or task that is not on file, and TemporalUnavailable when Temporal does not answer: then nothing was done.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import JsonValue

from domain.authorization.messages import (
    AuthorizationMessage,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    WithdrawRequest,
)
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask
from domain.cases.tasks import TaskOutcome
from domain.decisions.determination import LineDecision, SignedDecision
from domain.errors import NotOnFile, Refused, RuleViolation
from domain.journal import Actor
from domain.vocabulary import AskedBy, LineOutcome
from engine import edge_clock
from services import case_client
from services.case_client import CaseNotRunning
from services.case_startup import case_not_on_file, closed_case_result, ensure_started
from services.context import CommandResult, ServiceContext
from store import requests, tasks
from store.tasks import CaseTask


def reviewer_actor(reviewer_id: str) -> Actor:
    """The reviewer as the actor of a message."""
    return Actor(kind="reviewer", id=reviewer_id)


async def claim_task(
    services: ServiceContext, task_id: str, reviewer_id: str, message_id: str | None = None
) -> CommandResult:
    """Claim a task for the reviewer."""
    found = await find_task(services, task_id)
    stamp = _message_header(services, reviewer_actor(reviewer_id), message_id)
    return await _send(services, found.case_id, ClaimTask(**stamp, task_id=task_id, reviewer_id=reviewer_id))


async def release_task(
    services: ServiceContext, task_id: str, reviewer_id: str, message_id: str | None = None
) -> CommandResult:
    """Release a task that the reviewer has claimed."""
    found = await find_task(services, task_id)
    stamp = _message_header(services, reviewer_actor(reviewer_id), message_id)
    return await _send(services, found.case_id, ReleaseTask(**stamp, task_id=task_id, reviewer_id=reviewer_id))


async def reassign_task(
    services: ServiceContext, task_id: str, by: str, to: str, message_id: str | None = None
) -> CommandResult:
    """Assign a task to `to`; `by` is the supervisor, the medical director or the assignee."""
    found = await find_task(services, task_id)
    stamp = _message_header(services, reviewer_actor(by), message_id)
    return await _send(services, found.case_id, ReassignTask(**stamp, task_id=task_id, reviewer_id=to))


async def complete_task(
    services: ServiceContext,
    task_id: str,
    reviewer_id: str,
    outcome: TaskOutcome,
    *,
    lines: tuple[LineDecision, ...] = (),
    recommendation: str | None = None,
    facts_to_ask: tuple[str, ...] = (),
    signed: SignedDecision | None = None,
    note: str | None = None,
    form: dict[str, JsonValue] | None = None,
    message_id: str | None = None,
) -> CommandResult:
    """Complete a task. An approval that names no lines approves each line of the task as requested."""
    found = await find_task(services, task_id)
    if outcome is TaskOutcome.APPROVE and not lines:
        lines = tuple(LineDecision(line_id=name, outcome=LineOutcome.APPROVED) for name in found.task.line_ids)
    message = CompleteTask(
        **_message_header(services, reviewer_actor(reviewer_id), message_id),
        task_id=task_id,
        reviewer_id=reviewer_id,
        outcome=outcome,
        lines=lines,
        recommendation=recommendation,
        facts_to_ask=facts_to_ask,
        signed=signed,
        note=note,
        form=form,
    )
    return await _send(services, found.case_id, message)


async def withdraw_request(
    services: ServiceContext, case_id: str, by: AskedBy, why: str | None = None, actor: Actor | None = None
) -> CommandResult:
    """Withdraw the request in the name of `by`; `actor` is the person who does it (the requesting provider unless given)."""
    stamp = _message_header(services, actor or await _requesting_actor(services, case_id))
    return await _send(services, case_id, WithdrawRequest(**stamp, by=by, why=why))


async def request_expedite(
    services: ServiceContext,
    case_id: str,
    asked_by: AskedBy,
    physician_statement: bool | None,
    actor: Actor | None = None,
) -> CommandResult:
    """Request an expedited review; `physician_statement` is None when it is not known."""
    stamp = _message_header(services, actor or await _requesting_actor(services, case_id))
    message = RequestExpedite(**stamp, asked_by=asked_by, physician_statement=physician_statement)
    return await _send(services, case_id, message)


async def extend_deadline(
    services: ServiceContext,
    case_id: str,
    reviewer_id: str,
    reason: Literal["enrollee_asked", "missing_information", "plan_justified"],
    justification: str,
    days_given: int | None = None,
) -> CommandResult:
    """Extend the deadline, as far as the clock's rule allows."""
    message = TakeExtension(
        **_message_header(services, reviewer_actor(reviewer_id)),
        reviewer_id=reviewer_id,
        reason=reason,
        justification=justification,
        days_given=days_given,
    )
    return await _send(services, case_id, message)


async def record_peer_to_peer(
    services: ServiceContext,
    case_id: str,
    result: Literal["held", "declined", "provider_no_show", "plan_no_show"],
    note: str | None = None,
    actor: Actor | None = None,
) -> CommandResult:
    """Record the result of the offered peer-to-peer."""
    stamp = _message_header(services, actor or await _requesting_actor(services, case_id))
    return await _send(services, case_id, SettlePeerToPeer(**stamp, result=result, note=note))


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


async def _requesting_actor(services: ServiceContext, case_id: str) -> Actor:
    try:
        first = await services.read(requests.load, case_id, 1)
    except NotOnFile:
        raise case_not_on_file(case_id) from None
    return Actor(kind="provider", id=first.request.requesting_provider.npi)


def _message_header(services: ServiceContext, actor: Actor, message_id: str | None = None) -> dict[str, Any]:
    return {"message_id": message_id or edge_clock.new_message_id(), "at": services.clock(), "actor": actor}


async def _send(services: ServiceContext, case_id: str, message: AuthorizationMessage) -> CommandResult:
    await ensure_started(services, case_id)
    try:
        return await case_client.send_message(services, case_id, message)
    except CaseNotRunning:
        return await closed_case_result(services, case_id, message.message_id)
