"""The lab does not wait for ever: timers that are about to fire make way for messages, and silence is told."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.worker import Worker

from demo import lab_patience
from demo.lab_patience import LabStuck, running_timers, while_time_is_skipped
from demo.time_skipping_lab import Lab

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WAITING = "waiting"


@workflow.defn(sandboxed=False)
class WaitsShortly:
    """A process that waits for a message or, the first time, for most of a second, and looks something up for a message."""

    def __init__(self) -> None:
        self.waits_for = timedelta(milliseconds=800)
        self.heard: list[str] = []
        self.said: list[str] = []

    @workflow.run
    async def run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(lambda: bool(self.heard), timeout=self.waits_for)
            self.waits_for = timedelta(days=1)
            while self.heard:
                message = self.heard.pop()
                await workflow.execute_local_activity("look_up", start_to_close_timeout=timedelta(seconds=30))
                self.said.append(message)

    @workflow.update
    async def act(self, message: str) -> str:
        self.heard.append(message)
        await workflow.wait_condition(lambda: message in self.said)
        return message


class SlowLookup:
    """A lookup that takes until it is let go."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    @activity.defn(name="look_up")
    def look_up(self) -> None:
        self.has_begun.set()
        self.may_end.wait(30)


async def test_a_message_that_is_answered_while_a_timer_comes_due_is_answered(lab: Lab) -> None:
    """The time-skipping server never answers when a timer that fired meanwhile is canceled."""
    lookup = SlowLookup()
    with ThreadPoolExecutor(2) as threads:
        async with Worker(
            lab.client,
            task_queue=WAITING,
            workflows=[WaitsShortly],
            activities=[lookup.look_up],
            activity_executor=threads,
        ):
            process = await lab.client.start_workflow(WaitsShortly.run, id=WAITING, task_queue=WAITING)
            sending = asyncio.create_task(process.execute_update(WaitsShortly.act, "hello", id="hello"))
            assert await asyncio.to_thread(lookup.has_begun.wait, 60)
            await lab.environment.sleep(timedelta(seconds=1))
            lookup.may_end.set()
            assert await sending == "hello"
            await process.terminate()


async def test_a_message_that_nobody_answers_ends_with_what_was_pending(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lab.stop_worker()
    process = await lab.client.start_workflow(WaitsShortly.run, id=WAITING, task_queue="nobody")
    monkeypatch.setattr(lab_patience, "PATIENCE_SECONDS", 0.1)
    with pytest.raises(LabStuck) as told:
        await process.execute_update(WaitsShortly.act, "hello", id="hello")
    assert str(told.value).startswith(
        "update act (hello) of waiting: no answer within 0.1 seconds; waiting is RUNNING;"
    )
    assert "2 WORKFLOW_TASK_SCHEDULED" in str(told.value)
    with pytest.raises(LabStuck, match="query said of waiting: no answer"):
        await process.query("said")
    await process.terminate()


async def test_a_pause_of_a_busy_machine_is_no_deadlock(lab: Lab) -> None:
    workflows = lab.worker._workflow_worker
    assert workflows is not None and workflows._deadlock_timeout_seconds == lab_patience.PATIENCE_SECONDS


async def test_time_that_a_task_holds_is_told_and_time_that_moves_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_patience, "PATIENCE_SECONDS", 0.01)
    asked: list[datetime] = []

    async def account() -> str:
        return "WT-1 is RUNNING"

    async def held() -> datetime:
        asked.append(NOON)
        return NOON

    async def moving() -> datetime:
        asked.append(NOON + timedelta(days=len(asked)))
        if len(asked) > 5:
            ended.set()
        return asked[-1]

    ended = asyncio.Event()
    with pytest.raises(LabStuck, match="skips no time within 0.01 seconds; WT-1 is RUNNING"):
        await while_time_is_skipped(asyncio.Event().wait(), held, account)
    assert len(asked) == 2
    await while_time_is_skipped(ended.wait(), moving, account)
    assert len(asked) > 5


def timer_event(kind: str, timer: str, **more: timedelta) -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.Value(f"EVENT_TYPE_TIMER_{kind.upper()}"))
    event.event_time.FromDatetime(NOON)
    attributes = getattr(event, f"timer_{kind}_event_attributes")
    attributes.timer_id = timer
    for name, value in more.items():
        getattr(attributes, name).FromTimedelta(value)
    return event


def test_the_timers_that_run_are_those_started_and_neither_fired_nor_canceled() -> None:
    hour = timedelta(hours=1)
    started = [timer_event("started", name, start_to_fire_timeout=hour) for name in ("1", "2", "3")]
    assert running_timers([*started, timer_event("fired", "1"), timer_event("canceled", "3")]) == {"2": NOON + hour}
