"""The rest after the storm: nothing is in flight any more, neither in the store nor in Temporal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import func, select
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse
from temporalio.client import Client

from store import adt_messages, inbox, tables
from store.session import Store
from tests.chaos.checks import recalled_letters
from tests.chaos.faults import ChaosFault

_MOST_SECONDS = 240.0
_STILL_ROUNDS = 3
_SAID_AT_MOST = 5


async def wait_for_rest(store: Store, client: Client, say: Callable[[str], None]) -> tuple[ChaosFault, ...]:
    """Wait until three looks, a second apart, have seen nothing in flight and nothing new; the faults are what still is in
    flight after four minutes."""
    until = asyncio.get_running_loop().time() + _MOST_SECONDS
    still, before, flying = 0, (-1, -1), ["not looked yet"]
    while still < _STILL_ROUNDS:
        if asyncio.get_running_loop().time() > until:
            return tuple(ChaosFault("stuck", "rest", what) for what in flying[:_SAID_AT_MOST])
        await asyncio.sleep(1)
        written, flying = await asyncio.to_thread(_in_flight_in_store, store)
        flying = flying or await _in_flight_in_temporal(client)
        still = still + 1 if not flying and written == before else 0
        before = written
    say("at rest")
    return ()


def _in_flight_in_store(store: Store) -> tuple[tuple[int, int], list[str]]:
    """The number of journal entries and arrivals, and what waits for somebody who works by itself."""
    with store.read() as s:
        written = (
            s.execute(select(func.count()).select_from(tables.journal)).scalar_one(),
            s.execute(select(func.count()).select_from(tables.inbox)).scalar_one(),
        )
        flying = [f"INBOX-{item.inbox_id} is unread" for item in inbox.unread(s)]
        flying += [f"{item.case_id} does not have INBOX-{item.inbox_id}" for item in inbox.unstarted(s)]
        flying += [f"{message.stay_id} does not have {message.control_id}" for message in adt_messages.pending(s)]
        unsent = set(s.scalars(select(tables.letters.c.letter_id).where(tables.letters.c.handed_over_at.is_(None))))
        flying += [f"letter {letter_id} is not handed over" for letter_id in sorted(unsent - recalled_letters(s))]
    return written, flying


async def _in_flight_in_temporal(client: Client) -> list[str]:
    flying = []
    async for run in client.list_workflows('ExecutionStatus="Running"'):
        found = await describe_run(client, run.id)
        if found.HasField("pending_workflow_task"):
            flying.append(f"{run.id} has a workflow task, attempt {found.pending_workflow_task.attempt}")
        flying += [
            f"{run.id}: activity {one.activity_type.name} is in attempt {one.attempt}"
            for one in found.pending_activities
        ]
    return flying


async def describe_run(client: Client, workflow_id: str) -> DescribeWorkflowExecutionResponse:
    """Temporal's own description of the last run of a workflow. Raises RPCError when there is none."""
    execution = WorkflowExecution(workflow_id=workflow_id)
    asked = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
    return await client.workflow_service.describe_workflow_execution(asked)
