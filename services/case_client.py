"""Reaching a case: starting it, and telling it something.

A message goes as an update, because whoever sends it wants the answer. When no worker answers within the desk's patience it
goes as a signal under the same message id, which the case treats as one message, however often and whichever way it comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.authorization.start import CaseStart
from domain.cases.messages import Answer, Message
from domain.errors import Refusal
from engine.options import workflow_id
from services.context import Desk, EngineDown, Reply, ReplyKind

PRIOR_AUTHORIZATION = "PriorAuthorization"
_NOT_NOW = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
    }
)
_NOT_LET_IN = frozenset({RPCStatusCode.NOT_FOUND, RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED})


class CaseGone(Exception):
    """The case runs no more, or never started: there is nobody to tell."""


async def start(desk: Desk, case_id: str, request_version: int, received_at: datetime) -> None:
    """Start the case, or find it started: one case however often this is called. Raises EngineDown."""
    client = desk.client()
    with reaching_engine():
        try:
            await client.start_workflow(
                PRIOR_AUTHORIZATION,
                CaseStart(case_id=case_id, request_version=request_version, received_at=received_at),
                id=workflow_id(case_id),
                task_queue=desk.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                rpc_timeout=desk.patience,
            )
        except WorkflowAlreadyStartedError:
            return


async def tell(desk: Desk, case_id: str, message: Message) -> Reply:
    """Tell the case and hear its answer; or leave the message with it. Raises EngineDown and CaseGone."""
    handle = _handle(desk.client(), case_id)
    with reaching_engine():
        try:
            # The limit is on the whole: the SDK tries a call that took too long again, each time as long.
            async with asyncio.timeout(desk.patience.total_seconds()):
                answer: Answer = await handle.execute_update("act", message, id=message.message_id, result_type=Answer)
        except WorkflowUpdateFailedError as failed:
            return _refused(case_id, message, failed)
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            return await _leave(handle, desk, case_id, message)
        except RPCError as error:
            if error.status is not RPCStatusCode.RESOURCE_EXHAUSTED:
                raise
            # A run takes ten updates at once and two thousand in all; signals it always takes.
            return await _leave(handle, desk, case_id, message)
    return Reply(kind=ReplyKind.ACCEPTED, case_id=case_id, message_id=message.message_id, says=answer.says)


async def leave(desk: Desk, case_id: str, message: Message) -> Reply:
    """Leave a message that needs no answer. Raises EngineDown and CaseGone."""
    with reaching_engine():
        return await _leave(_handle(desk.client(), case_id), desk, case_id, message)


async def _leave(handle: WorkflowHandle[object, object], desk: Desk, case_id: str, message: Message) -> Reply:
    await handle.signal(message.type, message, rpc_timeout=desk.patience)
    says = "The case has the message; nobody has answered yet. Its journal will tell whether it was accepted."
    return Reply(kind=ReplyKind.HANDED_ON, case_id=case_id, message_id=message.message_id, says=says)


def _handle(client: Client, case_id: str) -> WorkflowHandle[object, object]:
    return client.get_workflow_handle(workflow_id(case_id))


def _refused(case_id: str, message: Message, failed: WorkflowUpdateFailedError) -> Reply:
    cause = failed.cause
    if not isinstance(cause, ApplicationError):
        raise CaseGone from failed
    refusals = tuple(Refusal.model_validate(detail) for detail in cause.details)
    if not refusals:
        raise CaseGone from failed
    return Reply(
        kind=ReplyKind.REFUSED, case_id=case_id, message_id=message.message_id, says="Refused.", refusals=refusals
    )


@contextmanager
def reaching_engine() -> Iterator[None]:
    """Tell an engine that is away from a case that is over."""
    try:
        yield
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and "namespace" not in error.message.lower():
            raise CaseGone from error
        if error.status in _NOT_NOW:
            raise EngineDown("Temporal does not answer.") from error
        if error.status in _NOT_LET_IN:
            word = error.status.name.lower().replace("_", " ")
            way_out = "Check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_TLS."
            raise EngineDown(f"Temporal does not let us in ({word}). {way_out}") from error
        raise
