"""A laboratory: a time-skipping Temporal server, a fresh store with the synthetic plan, a worker, and a clock moved by hand.

The demo and the tests run on it. Time stands still but for what `advance` adds: each advance is followed by one more
second, which returns only when no task is in flight, so that everything the new time caused has happened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.delivery import Carrier
from activities.eligibility import DirectoryEligibility, Eligibility
from activities.file_outbox import FileOutbox
from domain.case import CaseStart
from domain.identity import case_id_for
from domain.messages import Answer, CaseMessage
from domain.orders import CaseResult
from domain.request import AuthorizationRequest
from domain.views import CaseStanding
from engine import binaries, options
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from rulebook.book import Rulebook, load_rulebook
from store import requests
from store.seed import load_plan
from store.session import Store, open_store
from store.settings import installation_key
from worker import Dependencies, Limits, build_worker
from workflows.prior_authorization import PriorAuthorization

PLAN = Path(__file__).resolve().parent.parent / "samples" / "plan" / "example_health.yaml"


@cache
def rulebook() -> Rulebook:
    """The shipped rulebook, loaded once for all labs of a process."""
    return load_rulebook({})


@dataclass
class Lab:
    """Time, client, store and worker of one experiment."""

    environment: WorkflowEnvironment
    dependencies: Dependencies
    outbox: Path
    worker: Worker

    def __post_init__(self) -> None:
        self._ids = count(1)

    @property
    def client(self) -> Client:
        return self.environment.client

    @property
    def store(self) -> Store:
        return self.dependencies.store

    async def now(self) -> datetime:
        """The server's time (UTC)."""
        return (await self.environment.get_current_time()).astimezone(UTC)

    async def advance(self, delta: timedelta | None = None, **parts: float) -> None:
        """Skip forward by a timedelta or its parts, then one more second as a barrier."""
        await self.environment.sleep(delta if delta is not None else timedelta(**parts))
        await self.environment.sleep(timedelta(seconds=1))

    async def advance_to(self, instant: datetime) -> None:
        """Skip forward to an instant (one second past it, when everything it caused has happened)."""
        await self.advance(max(instant - await self.now(), timedelta(0)))

    def message_id(self) -> str:
        return f"lab-{next(self._ids)}"

    async def open(self, request: AuthorizationRequest) -> str:
        """Store a request as received now and start its case; the case number."""
        request = request.model_copy(update={"received_at": await self.now()})
        with self.store.begin() as s:
            case_id = case_id_for(request, installation_key(s))
            version = requests.save(s, case_id, request)
        start = CaseStart(case_id=case_id, request_version=version, received_at=request.received_at)
        await self.client.start_workflow(
            PriorAuthorization.run, start, id=options.workflow_id(case_id), task_queue=TASK_QUEUE
        )
        await self.advance(seconds=0)
        return case_id

    def handle(self, case_id: str) -> WorkflowHandle[PriorAuthorization, CaseResult]:
        return self.client.get_workflow_handle_for(PriorAuthorization.run, options.workflow_id(case_id))

    async def act(self, case_id: str, message: CaseMessage) -> Answer:
        """Send a message as an update: the answer, or WorkflowUpdateFailedError with the rules it breaks."""
        return await self.handle(case_id).execute_update(PriorAuthorization.act, message, id=message.message_id)

    async def standing(self, case_id: str) -> CaseStanding:
        return await self.handle(case_id).query(PriorAuthorization.status)

    async def open_criteria(self, case_id: str, task_id: str) -> tuple[str, ...]:
        """The criteria that a clinician has to answer in a task."""
        sheet = await self.handle(case_id).query(PriorAuthorization.task_sheet, task_id)
        return sheet.open_criteria

    async def settle(self) -> None:
        """Let everything happen that can happen now."""
        await self.advance(seconds=0)


@asynccontextmanager
async def laboratory(
    folder: Path,
    *,
    book: Rulebook | None = None,
    eligibility: Eligibility | None = None,
    carrier: Carrier | None = None,
    cached: bool = True,
) -> AsyncIterator[Lab]:
    """A fresh lab in a folder. With `cached` false the worker forgets every case after each task, as a new one would."""
    store = open_store(f"sqlite:///{folder / 'umpire.db'}")
    store.create()
    load_plan(store, PLAN)
    outbox = folder / "outbox"
    dependencies = Dependencies(
        store=store,
        rulebook=book or rulebook(),
        eligibility=eligibility or DirectoryEligibility(store),
        carrier=carrier or FileOutbox(outbox),
    )
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=binaries.find("temporal-test-server"), data_converter=data_converter({})
    )
    try:
        with environment.auto_time_skipping_disabled():
            worker = build_worker(
                environment.client, dependencies, TASK_QUEUE, Limits() if cached else Limits(cached_workflows=0)
            )
            async with worker:
                yield Lab(environment, dependencies, outbox, worker)
    finally:
        await environment.shutdown()
        store.close()
