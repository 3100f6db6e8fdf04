"""Actions of people on cases and tasks. Each action gets its time stamp and message id here and is sent to the case.

The case itself validates: a violation comes back at once with the rule and its remedy. All of these raise NotOnFile for a
case or task that is not on file, and TemporalUnavailable when Temporal does not answer: then nothing was done.
"""

from __future__ import annotations

import asyncio
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
from domain.errors import Refused, RuleViolation
from domain.journal import Actor
from domain.vocabulary import AskedBy, LineOutcome
from engine import edge_clock
from services import case_client
from services.case_client import CaseNotRunning
from services.case_startup import closed_case_result, ensure_started, requesting_npi
from services.context import CommandResult, NotOnFile, ServiceContext
from store import tasks
from store.tasks import CaseTask


def reviewer_actor(reviewer_id: str) -> Actor:
    """The reviewer as the actor of a message."""
    return Actor(kind="reviewer", id=reviewer_id)


async def claim_task(
    desk: ServiceContext, task_id: str, reviewer_id: str, message_id: str | None = None
) -> CommandResult:
    """Claim a task for the reviewer."""
    found = await find_task(desk, task_id)
    stamp = _message_header(desk, reviewer_actor(reviewer_id), message_id)
    return await _send(desk, found.case_id, ClaimTask(**stamp, task_id=task_id, reviewer_id=reviewer_id))


async def release_task(
    desk: ServiceContext, task_id: str, reviewer_id: str, message_id: str | None = None
) -> CommandResult:
    """Release a task that the reviewer has claimed."""
    found = await find_task(desk, task_id)
    stamp = _message_header(desk, reviewer_actor(reviewer_id), message_id)
    return await _send(desk, found.case_id, ReleaseTask(**stamp, task_id=task_id, reviewer_id=reviewer_id))


async def reassign_task(
    desk: ServiceContext, task_id: str, by: str, to: str, message_id: str | None = None
) -> CommandResult:
    """Assign a task to `to`; `by` is the supervisor, the medical director or the assignee."""
    found = await find_task(desk, task_id)
    stamp = _message_header(desk, reviewer_actor(by), message_id)
    return await _send(desk, found.case_id, ReassignTask(**stamp, task_id=task_id, reviewer_id=to))


async def complete_task(
    desk: ServiceContext,
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
    found = await find_task(desk, task_id)
    if outcome is TaskOutcome.APPROVE and not lines:
        lines = tuple(LineDecision(line_id=name, outcome=LineOutcome.APPROVED) for name in found.task.line_ids)
    message = CompleteTask(
        **_message_header(desk, reviewer_actor(reviewer_id), message_id),
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
    return await _send(desk, found.case_id, message)


async def withdraw_request(
    desk: ServiceContext, case_id: str, by: AskedBy, why: str | None = None, actor: Actor | None = None
) -> CommandResult:
    """Withdraw the request in the name of `by`; `actor` is the person who does it (the requesting provider unless given)."""
    stamp = _message_header(desk, actor or await _requesting_actor(desk, case_id))
    return await _send(desk, case_id, WithdrawRequest(**stamp, by=by, why=why))


async def request_expedite(
    desk: ServiceContext, case_id: str, asked_by: AskedBy, physician_statement: bool | None, actor: Actor | None = None
) -> CommandResult:
    """Request an expedited review; `physician_statement` is None when it is not known."""
    stamp = _message_header(desk, actor or await _requesting_actor(desk, case_id))
    message = RequestExpedite(**stamp, asked_by=asked_by, physician_statement=physician_statement)
    return await _send(desk, case_id, message)


async def extend_deadline(
    desk: ServiceContext,
    case_id: str,
    reviewer_id: str,
    reason: Literal["enrollee_asked", "missing_information", "plan_justified"],
    justification: str,
    days_given: int | None = None,
) -> CommandResult:
    """Extend the deadline, as far as the clock's rule allows."""
    message = TakeExtension(
        **_message_header(desk, reviewer_actor(reviewer_id)),
        reviewer_id=reviewer_id,
        reason=reason,
        justification=justification,
        days_given=days_given,
    )
    return await _send(desk, case_id, message)


async def record_peer_to_peer(
    desk: ServiceContext,
    case_id: str,
    result: Literal["held", "declined", "provider_no_show", "plan_no_show"],
    note: str | None = None,
    actor: Actor | None = None,
) -> CommandResult:
    """Record the result of the offered peer-to-peer."""
    stamp = _message_header(desk, actor or await _requesting_actor(desk, case_id))
    return await _send(desk, case_id, SettlePeerToPeer(**stamp, result=result, note=note))


async def find_task(desk: ServiceContext, task_id: str) -> CaseTask:
    """Find a task with its case. Raises NotOnFile, and Refused for an inbox item, which has no case."""
    found = await asyncio.to_thread(_read_task, desk, task_id)
    if found is not None:
        return found
    if tasks.inbox_id_of(task_id) is not None:
        message = f"{task_id} is an arrival that could not be read; it has no case yet."
        way_out = f"See it with 'umpire inbox show {task_id}', resolve it with 'umpire inbox resolve {task_id}'."
        raise Refused((RuleViolation(rule="task.inbox", message=message, way_out=way_out),))
    raise NotOnFile(f"There is no task {task_id}.", "List the open ones with 'umpire worklist'.")


def _read_task(desk: ServiceContext, task_id: str) -> CaseTask | None:
    with desk.store.read() as s:
        return tasks.get(s, task_id)


async def _requesting_actor(desk: ServiceContext, case_id: str) -> Actor:
    try:
        return Actor(kind="provider", id=await asyncio.to_thread(requesting_npi, desk, case_id))
    except LookupError:
        raise _case_not_on_file(case_id) from None


def _message_header(desk: ServiceContext, actor: Actor, message_id: str | None = None) -> dict[str, Any]:
    return {"message_id": message_id or edge_clock.new_message_id(), "at": desk.clock(), "actor": actor}


async def _send(desk: ServiceContext, case_id: str, message: AuthorizationMessage) -> CommandResult:
    try:
        await ensure_started(desk, case_id)
    except LookupError:
        raise _case_not_on_file(case_id) from None
    try:
        return await case_client.send_message(desk, case_id, message)
    except CaseNotRunning:
        return await closed_case_result(desk, case_id, message.message_id)


def _case_not_on_file(case_id: str) -> NotOnFile:
    return NotOnFile(f"There is no case {case_id}.", "List the cases with 'umpire cases'.")
