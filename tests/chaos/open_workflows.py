"""The workflows of open cases after a chaos run: none may hang."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError

from engine.options import workflow_id
from tests.chaos.faults import STUCK, ChaosFault
from tests.chaos.rest import describe_run

_TIMER_ENDS = (EventType.EVENT_TYPE_TIMER_FIRED, EventType.EVENT_TYPE_TIMER_CANCELED)


async def stuck_workflows(client: Client, opened: Iterable[str], moved_on: Collection[str]) -> list[ChaosFault]:
    """Open cases whose workflow does not run, fails, does not answer, or waits for nobody; and runs that ended badly.

    `moved_on` are the cases that somebody moves on: those with an open task, and claims whose review is open."""
    faults = []
    for case_id in opened:
        faults += [ChaosFault(STUCK, case_id, what) async for what in _problems(client, case_id, case_id in moved_on)]
    async for run in client.list_workflows('ExecutionStatus IN ("Failed", "Terminated", "TimedOut", "Canceled")'):
        faults.append(ChaosFault(STUCK, run.id, f"a run is {run.status.name.lower() if run.status else 'unknown'}"))
    return faults


async def _problems(client: Client, case_id: str, is_moved_on: bool):  # type: ignore[no-untyped-def]
    handle = client.get_workflow_handle(workflow_id(case_id))
    try:
        found = await describe_run(client, case_id)
        status = (await handle.describe()).status
    except RPCError as error:
        yield f"Temporal does not describe its workflow: {error.status.name.lower()}"
        return
    if status is not WorkflowExecutionStatus.RUNNING:
        yield f"is open, and its workflow is {status.name.lower() if status else 'unknown'}"
        return
    if found.pending_workflow_task.attempt > 1:
        yield f"its workflow task is in attempt {found.pending_workflow_task.attempt}"
    try:
        await handle.query("status")
    except (RPCError, TemporalError, WorkflowFailureError) as error:
        yield f"its workflow does not answer a query: {type(error).__name__}"
    if not is_moved_on and not await _has_timer(client, case_id):
        yield "it has neither an open task nor a timer"


async def _has_timer(client: Client, case_id: str) -> bool:
    running = set()
    async for event in client.get_workflow_handle(workflow_id(case_id)).fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED:
            running.add(event.timer_started_event_attributes.timer_id)
        elif event.event_type in _TIMER_ENDS:
            fired, canceled = event.timer_fired_event_attributes, event.timer_canceled_event_attributes
            running.discard(fired.timer_id or canceled.timer_id)
    return bool(running)
