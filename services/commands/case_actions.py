"""What people do with cases and tasks. Each act gets its stamp and its id here, at the edge, and goes to the case.

The case is the judge: what breaks a rule comes back at once with the rule and the way out. All of these raise NotFound for a
case or task that is not here, and EngineDown when Temporal does not answer: then nothing was done.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from pydantic import JsonValue

from domain.authorization.messages import CaseMessage, RequestExpedite, SettlePeerToPeer, TakeExtension, Withdraw
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.decisions.determination import LineDecision, SignedDecision
from domain.errors import Refusal, Refused
from domain.journal import Actor
from domain.vocabulary import AskedBy, LineOutcome
from engine import edge_clock
from services import case_client as telling
from services.case_client import CaseGone
from services.context import Desk, NotFound, Reply
from services.starting import ensure_started, gone, requester_of
from store import tasks
from store.tasks import CaseTask


def reviewer(reviewer_id: str) -> Actor:
    return Actor(kind="reviewer", id=reviewer_id)


async def claim(desk: Desk, task_id: str, reviewer_id: str, message_id: str | None = None) -> Reply:
    found = await find_task(desk, task_id)
    stamp = _stamp(desk, reviewer(reviewer_id), message_id)
    return await _tell(desk, found.case_id, ClaimTask(**stamp, task_id=task_id, reviewer_id=reviewer_id))


async def release(desk: Desk, task_id: str, reviewer_id: str, message_id: str | None = None) -> Reply:
    found = await find_task(desk, task_id)
    stamp = _stamp(desk, reviewer(reviewer_id), message_id)
    return await _tell(desk, found.case_id, ReleaseTask(**stamp, task_id=task_id, reviewer_id=reviewer_id))


async def reassign(desk: Desk, task_id: str, by: str, to: str, message_id: str | None = None) -> Reply:
    """Give a task to `to`; `by` is the supervisor, the medical director or the assignee."""
    found = await find_task(desk, task_id)
    stamp = _stamp(desk, reviewer(by), message_id)
    return await _tell(desk, found.case_id, ReassignTask(**stamp, task_id=task_id, reviewer_id=to))


async def complete(
    desk: Desk,
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
) -> Reply:
    """Finish a task. To approve without naming lines approves each line of the task as it was asked for."""
    found = await find_task(desk, task_id)
    if outcome is TaskOutcome.APPROVE and not lines:
        lines = tuple(LineDecision(line_id=name, outcome=LineOutcome.APPROVED) for name in found.task.line_ids)
    message = CompleteTask(
        **_stamp(desk, reviewer(reviewer_id), message_id),
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
    return await _tell(desk, found.case_id, message)


async def withdraw(desk: Desk, case_id: str, by: AskedBy, why: str | None = None, actor: Actor | None = None) -> Reply:
    """Take the request back in the name of `by`; `actor` is who does it (the requesting provider unless given)."""
    stamp = _stamp(desk, actor or await _requester(desk, case_id))
    return await _tell(desk, case_id, Withdraw(**stamp, by=by, why=why))


async def expedite(
    desk: Desk, case_id: str, asked_by: AskedBy, physician_statement: bool | None, actor: Actor | None = None
) -> Reply:
    """Ask for an expedited review; `physician_statement` is None when nobody said."""
    stamp = _stamp(desk, actor or await _requester(desk, case_id))
    message = RequestExpedite(**stamp, asked_by=asked_by, physician_statement=physician_statement)
    return await _tell(desk, case_id, message)


async def extend(
    desk: Desk,
    case_id: str,
    reviewer_id: str,
    reason: Literal["enrollee_asked", "missing_information", "plan_justified"],
    justification: str,
    days_given: int | None = None,
) -> Reply:
    """Take more time, as far as the clock's rule allows."""
    message = TakeExtension(
        **_stamp(desk, reviewer(reviewer_id)),
        reviewer_id=reviewer_id,
        reason=reason,
        justification=justification,
        days_given=days_given,
    )
    return await _tell(desk, case_id, message)


async def peer_to_peer(
    desk: Desk,
    case_id: str,
    result: Literal["held", "declined", "provider_no_show", "plan_no_show"],
    note: str | None = None,
    actor: Actor | None = None,
) -> Reply:
    """How the offered peer-to-peer went."""
    stamp = _stamp(desk, actor or await _requester(desk, case_id))
    return await _tell(desk, case_id, SettlePeerToPeer(**stamp, result=result, note=note))


async def find_task(desk: Desk, task_id: str) -> CaseTask:
    """The task with its case. Raises NotFound, and Refused for an inbox item, which has no case."""
    found = await asyncio.to_thread(_find_task, desk, task_id)
    if found is not None:
        return found
    if tasks.inbox_id_of(task_id) is not None:
        message = f"{task_id} is an arrival that could not be read; it has no case yet."
        way_out = f"Look at it with 'umpire inbox show {task_id}', settle it with 'umpire inbox resolve {task_id}'."
        raise Refused((Refusal(rule="task.inbox", message=message, way_out=way_out),))
    raise NotFound(f"There is no task {task_id}.", "List the open ones with 'umpire worklist'.")


def _find_task(desk: Desk, task_id: str) -> CaseTask | None:
    with desk.store.read() as s:
        return tasks.get(s, task_id)


async def open_task(desk: Desk, case_id: str, kind: TaskKind) -> Task | None:
    """The open task of this kind, if the case has one."""
    found = await asyncio.to_thread(_tasks_of, desk, case_id)
    return next((task for task in found if task.kind is kind and task.is_open), None)


def _tasks_of(desk: Desk, case_id: str) -> tuple[Task, ...]:
    with desk.store.read() as s:
        return tasks.of_case(s, case_id)


async def _requester(desk: Desk, case_id: str) -> Actor:
    try:
        return Actor(kind="provider", id=await asyncio.to_thread(requester_of, desk, case_id))
    except LookupError:
        raise _no_case(case_id) from None


def _stamp(desk: Desk, actor: Actor, message_id: str | None = None) -> dict[str, Any]:
    return {"message_id": message_id or edge_clock.message_id(), "at": desk.clock(), "actor": actor}


async def _tell(desk: Desk, case_id: str, message: CaseMessage) -> Reply:
    try:
        await ensure_started(desk, case_id)
    except LookupError:
        raise _no_case(case_id) from None
    try:
        return await telling.tell(desk, case_id, message)
    except CaseGone:
        return await gone(desk, case_id, message.message_id)


def _no_case(case_id: str) -> NotFound:
    return NotFound(f"There is no case {case_id}.", "List the cases with 'umpire cases'.")
