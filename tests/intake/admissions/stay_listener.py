"""A stay workflow that only records events, and a service context whose stays it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from demo.time_skipping_lab import Lab
from domain.stays.start import AdtEventReceived, StayStart
from services.context import ServiceContext
from tests.intake.arrivals import context_of
from tests.paths import SAMPLES

ADT = SAMPLES / "adt"
QUEUE = "stays-that-only-listen"


@workflow.defn(name="ConcurrentReview")
class ListeningReview:
    def __init__(self) -> None:
        self._start: StayStart | None = None
        self._heard: dict[str, AdtEventReceived] = {}
        self._over = False

    @workflow.run
    async def run(self, start: StayStart) -> int:
        self._start = start
        await workflow.wait_condition(lambda: self._over)
        return len(self._heard)

    @workflow.signal
    def tell_stay(self, message: AdtEventReceived) -> None:
        self._heard.setdefault(message.message_id, message)

    @workflow.signal
    def end(self) -> None:
        self._over = True

    @workflow.query
    def started_with(self) -> StayStart | None:
        return self._start

    @workflow.query
    def heard(self) -> list[AdtEventReceived]:
        return list(self._heard.values())


@asynccontextmanager
async def run_listening_stays(lab: Lab) -> AsyncIterator[ServiceContext]:
    """A service context on the lab's clock; the stays that it starts only record events."""
    async with Worker(
        lab.client, task_queue=QUEUE, workflows=[ListeningReview], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        yield await context_of(lab, task_queue=QUEUE)


async def events_received(lab: Lab, stay_id: str) -> list[AdtEventReceived]:
    return await lab.client.get_workflow_handle(stay_id).query(ListeningReview.heard)


async def event_kinds(lab: Lab, stay_id: str) -> list[str]:
    """Kinds of the events that the stay received, in order."""
    return [message.event.kind.value for message in await events_received(lab, stay_id)]


def sample_message(name: str) -> bytes:
    """A sample message by the number and name of its file."""
    return (ADT / f"{name}.hl7").read_bytes()
