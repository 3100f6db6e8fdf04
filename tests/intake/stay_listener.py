"""A stay's process that only listens, and a desk whose stays it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from arrivals import desk_of
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from demo.time_skipping_lab import Lab
from domain.stays.start import StayStart, TellStay
from services.context import Desk

ADT = Path(__file__).resolve().parents[2] / "samples" / "adt"
QUEUE = "stays-that-only-listen"


@workflow.defn(name="ConcurrentReview")
class ListeningReview:
    def __init__(self) -> None:
        self._start: StayStart | None = None
        self._heard: dict[str, TellStay] = {}
        self._over = False

    @workflow.run
    async def run(self, start: StayStart) -> int:
        self._start = start
        await workflow.wait_condition(lambda: self._over)
        return len(self._heard)

    @workflow.signal
    def tell_stay(self, message: TellStay) -> None:
        self._heard.setdefault(message.message_id, message)

    @workflow.signal
    def end(self) -> None:
        self._over = True

    @workflow.query
    def started_with(self) -> StayStart | None:
        return self._start

    @workflow.query
    def heard(self) -> list[TellStay]:
        return list(self._heard.values())


@asynccontextmanager
async def listening(lab: Lab) -> AsyncIterator[Desk]:
    """A desk on the lab's clock; the stays that it starts run and listen."""
    async with Worker(
        lab.client, task_queue=QUEUE, workflows=[ListeningReview], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        yield await desk_of(lab, task_queue=QUEUE)


async def heard(lab: Lab, stay_id: str) -> list[TellStay]:
    return await lab.client.get_workflow_handle(stay_id).query(ListeningReview.heard)


async def kinds(lab: Lab, stay_id: str) -> list[str]:
    """What the stay heard of, in the order of hearing."""
    return [message.event.kind.value for message in await heard(lab, stay_id)]


def adt(name: str) -> bytes:
    """A sample message by the number and name of its file."""
    return (ADT / f"{name}.hl7").read_bytes()
