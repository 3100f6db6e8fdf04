"""Client of a case's workflow: starts the case and sends it messages.

A message goes as an update, because its sender waits for the answer. When no worker answers within the context's patience it
goes as a signal under the same message id; the case treats both as one message, however often they arrive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from sqlalchemy.orm import Session
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain import limits
from domain.cases.messages import BaseMessage, MessageResult
from domain.cases.orders import CaseRun
from domain.errors import RuleViolation, violation
from engine.options import workflow_id
from engine.search_attributes import start_case_workflow
from services.context import CommandResult, CommandStatus, ServiceContext, TemporalUnavailable
from store import journal

_UNAVAILABLE = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
    }
)
_RUN_ENDED = "AcceptedUpdateCompletedWorkflow"
"""The error of an update whose run ended before its answer: the case goes on in another run, or has ended."""
_NOT_DECODED = "RuntimeError"
"""The error that the SDK makes of an update whose argument could not be decoded."""
_UNREADABLE = violation(
    "message.unreadable",
    "The case could not read the message: it is no message of this kind, or encrypted under a key that the workers lack.",
    "Compare UMPIRE_KEYRING here with that of the workers: a new key has to be in every keyring before it comes first in one.",
)
_ACCESS_DENIED = frozenset({RPCStatusCode.NOT_FOUND, RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED})


class CaseStart(Protocol):
    """The workflow input of a case."""

    @property
    def case_id(self) -> str: ...

    def model_dump_json(self) -> str: ...


class CaseNotRunning(Exception):
    """The case has ended or was never started, so that it takes no messages."""


async def start_case(
    services: ServiceContext, workflow: str, start: CaseStart, priority: Priority = Priority.default
) -> None:
    """Start the case unless it was started: one case however often this is called. Raises TemporalUnavailable.

    Its start is on file before: the case begins as its file says, also where somebody else was first to start its number.
    `priority` orders its tasks, and those of the cases that it starts, where there is a backlog.
    """
    await services.write(keep_start, workflow, start)
    await start_kept_case(services, workflow, start, priority)


def keep_start(s: Session, workflow: str, start: CaseStart) -> None:
    """Keep the start on file, in the caller's transaction. The first start of a number stays."""
    journal.keep_start(s, start.case_id, CaseRun(workflow=workflow, start=start.model_dump_json()))


async def start_kept_case(
    services: ServiceContext, workflow: str, start: CaseStart, priority: Priority = Priority.default
) -> None:
    """Start the case whose start is on file, as `start_case` does. Raises TemporalUnavailable."""
    client = services.client()
    with translate_temporal_errors(), suppress(WorkflowAlreadyStartedError):
        await start_case_workflow(
            client,
            workflow,
            start,
            id=workflow_id(start.case_id),
            task_queue=services.task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            priority=priority,
            rpc_timeout=services.patience,
        )


async def send_message(
    services: ServiceContext, case_id: str, message: BaseMessage, update: str = "act"
) -> CommandResult:
    """Send the message as an update of this name and return the answer, or send it as a signal. Raises TemporalUnavailable and
    CaseNotRunning."""
    if broken := limits.message_violations(message):
        return _refused_result(case_id, message, broken)
    handle = _handle(services.client(), case_id)
    with translate_temporal_errors():
        try:
            # The limit is on the whole: the SDK tries a call that took too long again, each time as long.
            async with asyncio.timeout(services.patience.total_seconds()):
                answer: MessageResult = await handle.execute_update(
                    update, message, id=message.message_id, result_type=MessageResult
                )
        except WorkflowUpdateFailedError as failed:
            if isinstance(failed.cause, ApplicationError) and failed.cause.type == _RUN_ENDED:
                return await _signal(handle, services, case_id, message)
            return _rejected_result(case_id, message, failed)
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            return await _signal(handle, services, case_id, message)
        except RPCError as error:
            if error.status is not RPCStatusCode.RESOURCE_EXHAUSTED:
                raise
            # A run takes ten updates at once and two thousand in all; signals it always takes.
            return await _signal(handle, services, case_id, message)
    return CommandResult(kind=CommandStatus.ACCEPTED, case_id=case_id, message_id=message.message_id, says=answer.says)


async def signal_message(services: ServiceContext, case_id: str, message: BaseMessage) -> CommandResult:
    """Send a message that needs no answer. Raises TemporalUnavailable and CaseNotRunning."""
    if broken := limits.message_violations(message):
        return _refused_result(case_id, message, broken)
    with translate_temporal_errors():
        return await _signal(_handle(services.client(), case_id), services, case_id, message)


async def _signal(
    handle: WorkflowHandle[object, object], services: ServiceContext, case_id: str, message: BaseMessage
) -> CommandResult:
    await handle.signal(message.type, message, rpc_timeout=services.patience)
    says = "The case has the message; no worker has answered yet. Its journal will show whether it was accepted."
    return CommandResult(kind=CommandStatus.QUEUED, case_id=case_id, message_id=message.message_id, says=says)


def _handle(client: Client, case_id: str) -> WorkflowHandle[object, object]:
    return client.get_workflow_handle(workflow_id(case_id))


def _rejected_result(case_id: str, message: BaseMessage, failed: WorkflowUpdateFailedError) -> CommandResult:
    cause = failed.cause
    if not isinstance(cause, ApplicationError):
        raise CaseNotRunning from failed
    if cause.type == _NOT_DECODED:
        return _refused_result(case_id, message, (_UNREADABLE,))
    refusals = tuple(RuleViolation.model_validate(detail) for detail in cause.details)
    if not refusals:
        raise CaseNotRunning from failed
    return _refused_result(case_id, message, refusals)


def _refused_result(case_id: str, message: BaseMessage, refusals: tuple[RuleViolation, ...]) -> CommandResult:
    return CommandResult(
        kind=CommandStatus.REFUSED, case_id=case_id, message_id=message.message_id, says="Refused.", refusals=refusals
    )


@contextmanager
def translate_temporal_errors() -> Iterator[None]:
    """Translate RPC errors: CaseNotRunning for a case that has ended, TemporalUnavailable for a server that does not answer."""
    try:
        yield
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and "namespace" not in error.message.lower():
            raise CaseNotRunning from error
        if error.status in _UNAVAILABLE:
            raise TemporalUnavailable("Temporal does not answer.") from error
        if error.status in _ACCESS_DENIED:
            word = error.status.name.lower().replace("_", " ")
            way_out = "Check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, and TEMPORAL_TLS with its certificates or key."
            raise TemporalUnavailable(f"Temporal denies access ({word}). {way_out}") from error
        raise
