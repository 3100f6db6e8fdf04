"""Bounded waiting for the time-skipping server: a call that gets no answer ends with an account of what was pending.

Two properties of that server make it necessary. Its time also goes on by itself, as fast as real time. And a workflow task
that cancels a timer which fired while the task ran is refused (a real server takes it): the case gets no further task, and
whoever waits for it waits for ever. So no message is sent to a case while it is at work or one of its timers is about to
fire.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import (
    Client,
    DescribeWorkflowInput,
    Interceptor,
    OutboundInterceptor,
    QueryWorkflowInput,
    SignalWorkflowInput,
    StartWorkflowInput,
    StartWorkflowUpdateInput,
    WorkflowExecutionDescription,
    WorkflowHandle,
    WorkflowUpdateHandle,
)
from temporalio.service import RPCError
from temporalio.worker import Worker

PATIENCE_SECONDS = 100.0
_ACCOUNT_TIMEOUT = timedelta(seconds=5)
_TAIL = 8
_NO_LONGER_RUNNING = {
    EventType.EVENT_TYPE_TIMER_FIRED: "timer_fired_event_attributes",
    EventType.EVENT_TYPE_TIMER_CANCELED: "timer_canceled_event_attributes",
}

_AT_WORK = (EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED)

T = TypeVar("T")


class LabStuck(Exception):
    """The server of a lab gave no answer in time; the text says what was pending."""


async def bounded(
    calling: Awaitable[T],
    what: str,
    account: Callable[[], Awaitable[str]],
    patience: Callable[[], float] = lambda: PATIENCE_SECONDS,
) -> T:
    """The result of a call to the server. Raises LabStuck with the account once the patience (seconds) is over."""
    seconds = patience()
    try:
        async with asyncio.timeout(seconds) as limit:
            return await calling
    except Exception as error:
        if not limit.expired():
            raise
        raise LabStuck(f"{what}: no answer within {seconds:g} seconds; {await account()}") from error


async def while_time_is_skipped(
    sleeping: Awaitable[object], now: Callable[[], Awaitable[datetime]], account: Callable[[], Awaitable[str]]
) -> None:
    """Wait for the end of a sleep on the server. Raises LabStuck with the account when its time moves no faster than real
    time for as long as the patience: a task that never ends holds it."""
    task, seen = asyncio.ensure_future(sleeping), None
    try:
        while not (await asyncio.wait([task], timeout=PATIENCE_SECONDS))[0]:
            before, seen = seen, await now()
            if before is not None and seen - before < timedelta(seconds=2 * PATIENCE_SECONDS):
                raise LabStuck(f"the server skips no time within {PATIENCE_SECONDS:g} seconds; {await account()}")
    finally:
        task.cancel()
    await task


def tolerate_pauses(worker: Worker) -> Worker:
    """The worker, which takes a pause of two seconds on a busy machine for no deadlock: the SDK would leave the case half
    evicted, and its tasks time out one after the other. The SDK has no option for it."""
    workflows = worker._workflow_worker
    if workflows is not None:
        workflows._deadlock_timeout_seconds = round(PATIENCE_SECONDS)
    return worker


def running_timers(events: Iterable[HistoryEvent]) -> dict[str, datetime]:
    """The timers of a history that run, by id, with the server's time (UTC) at which each fires."""
    running: dict[str, datetime] = {}
    for event in events:
        if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED:
            started = event.timer_started_event_attributes
            begun = event.event_time.ToDatetime(tzinfo=UTC)
            running[started.timer_id] = begun + started.start_to_fire_timeout.ToTimedelta()
        elif event.event_type in _NO_LONGER_RUNNING:
            running.pop(getattr(event, _NO_LONGER_RUNNING[event.event_type]).timer_id, None)
    return running


@dataclass(frozen=True)
class Outlook:
    """Whether a case is at work on a task now, and the server's time (UTC) at which its next timer fires, if one runs."""

    is_at_work: bool = False
    next_timer: datetime | None = None


async def outlook_of(handle: WorkflowHandle[Any, Any]) -> Outlook:
    """The outlook of a case; nothing for a number under which nothing was started."""
    try:
        events = (await handle.fetch_history(rpc_timeout=_ACCOUNT_TIMEOUT)).events
    except RPCError:
        return Outlook()
    is_at_work = bool(events) and events[-1].event_type in _AT_WORK
    return Outlook(is_at_work, min(running_timers(events).values(), default=None))


async def pending_in(client: Client, workflow_id: str) -> str:
    """An account of what a case waits for, without contents: its activities under way, its timers, its latest events."""
    handle = client.get_workflow_handle(workflow_id)
    try:
        described = await handle.describe(rpc_timeout=_ACCOUNT_TIMEOUT)
        events = (await handle.fetch_history(rpc_timeout=_ACCOUNT_TIMEOUT)).events
    except RPCError as error:
        return f"{workflow_id}: cannot be described ({error.status.name})"
    status = "unknown" if described.status is None else described.status.name
    activities = [
        f"{one.activity_type.name} (attempt {one.attempt}, {_bare(PendingActivityState.Name(one.state))})"
        for one in described.raw_description.pending_activities
    ]
    timers = [f"{timer} fires at {due.isoformat()}" for timer, due in running_timers(events).items()]
    tail = [f"{event.event_id} {_bare(EventType.Name(event.event_type))}" for event in events[-_TAIL:]]
    return (
        f"{workflow_id} is {status}; activities under way: {', '.join(activities) or 'none'}; "
        f"timers: {', '.join(timers) or 'none'}; latest events: {', '.join(tail)}"
    )


def _bare(name: str) -> str:
    """The name of an enumeration's value without the enumeration's own."""
    return name.removeprefix("EVENT_TYPE_").removeprefix("PENDING_ACTIVITY_STATE_")


class PatientCalls(Interceptor):
    """Bounds every call of a client that has no timeout of its own; before a message, `make_way` is called with the number of
    the case for which it is."""

    def __init__(self) -> None:
        self.make_way: Callable[[str], Awaitable[None]] | None = None
        self.account: Callable[[str], Awaitable[str]] | None = None

    def attend(self, make_way: Callable[[str], Awaitable[None]], account: Callable[[str], Awaitable[str]]) -> None:
        self.make_way, self.account = make_way, account

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _BoundedCalls(next, self)

    async def bound(self, calling: Awaitable[T], what: str, case_id: str, own_limit: timedelta | None) -> T:
        if own_limit is not None or self.account is None:
            return await calling
        account = self.account
        return await bounded(calling, what, lambda: account(case_id))


class _BoundedCalls(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, calls: PatientCalls) -> None:
        super().__init__(next)
        self._calls = calls

    async def _make_way(self, case_id: str) -> None:
        if self._calls.make_way is not None:
            await self._calls.make_way(case_id)

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        calling = super().start_workflow(input)
        return await self._calls.bound(calling, f"the start of {input.id}", input.id, input.rpc_timeout)

    async def describe_workflow(self, input: DescribeWorkflowInput) -> WorkflowExecutionDescription:
        calling = super().describe_workflow(input)
        return await self._calls.bound(calling, f"the state of {input.id}", input.id, input.rpc_timeout)

    async def query_workflow(self, input: QueryWorkflowInput) -> Any:
        calling = super().query_workflow(input)
        return await self._calls.bound(calling, f"query {input.query} of {input.id}", input.id, input.rpc_timeout)

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:
        await self._make_way(input.id)
        calling = super().signal_workflow(input)
        await self._calls.bound(calling, f"signal {input.signal} to {input.id}", input.id, input.rpc_timeout)

    async def start_workflow_update(self, input: StartWorkflowUpdateInput) -> WorkflowUpdateHandle[Any]:
        await self._make_way(input.id)
        what = f"update {input.update} ({input.update_id}) of {input.id}"
        return await self._calls.bound(super().start_workflow_update(input), what, input.id, input.rpc_timeout)
