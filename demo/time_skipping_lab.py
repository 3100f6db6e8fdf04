"""A lab: a time-skipping Temporal server, a fresh store with the synthetic plan, a worker, and a clock set by hand.

The demo and the tests run on it. Time is skipped only by `advance`: each advance is followed by one more
second, which the server skips only when no task is in flight. While one is, that second takes a real second and no
longer; on a busy machine it ends too early, so each case of the lab is then queried until it is idle. What the server
does not answer ends with an account of what was pending (lab_patience.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel
from temporalio.client import Client, Interceptor, WorkflowExecutionStatus, WorkflowHandle, WorkflowQueryFailedError
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.delivery import Carrier
from activities.integrations.eligibility import DirectoryEligibility, Eligibility
from activities.integrations.file_outbox import FileOutbox
from demo.lab_patience import PatientCalls, bounded, outlook_of, pending_in, tolerate_pauses, while_time_is_skipped
from domain.authorization.forms import TaskWorksheet
from domain.authorization.orders import AuthorizationResult
from domain.authorization.start import AuthorizationStart
from domain.cases.desk_messages import DESK_MESSAGES
from domain.cases.messages import BaseMessage, MessageResult
from domain.cases.orders import CaseRun
from domain.cases.views import CaseStatusSummary
from domain.requests.numbers import case_id_for
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import Channel
from engine import binaries, options
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from intake import claims
from intake.submission import submit
from rulebook.rulebook import Rulebook, load_rulebook
from services.context import ServiceContext, SubmissionResult
from store import journal, requests
from store.installation import installation_key
from store.seed import load_plan
from store.session import Store, open_store
from worker import SANDBOX, Dependencies, WorkerLimits, build_worker
from workflows.prior_authorization import PriorAuthorization

_STOP_SECONDS, _REST_SECONDS = 20.0, 90.0
_NEAR, _ROUNDS = timedelta(seconds=1), 20
PLAN = Path(__file__).resolve().parent.parent / "samples" / "plan" / "example_health.yaml"


@cache
def rulebook() -> Rulebook:
    """The shipped rulebook, loaded once for all labs of a process."""
    return load_rulebook({})


@cache
def quiet_runtime() -> Runtime:
    """One runtime for all labs of a process; the engine reports errors only."""
    words = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return Runtime(telemetry=TelemetryConfig(logging=words))


@cache
def prepared_store() -> bytes:
    """A SQLite store with its tables and the synthetic plan, made once for all that a process opens."""
    with TemporaryDirectory() as folder:
        database = Path(folder) / "umpire.db"
        store = open_store(f"sqlite:///{database}")
        store.create()
        load_plan(store, PLAN)
        store.close()
        return database.read_bytes()


@contextmanager
def _if_started() -> Iterator[None]:
    """Pass over a number under which nothing was started."""
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


@dataclass
class Lab:
    """Time, client, store and worker of one experiment."""

    environment: WorkflowEnvironment
    dependencies: Dependencies
    outbox: Path
    limits: WorkerLimits

    def __post_init__(self) -> None:
        self._ids = count(1)
        self._known: set[str] = set()
        self._running: tuple[Worker, asyncio.Task[None]] | None = None

    @property
    def client(self) -> Client:
        return self.environment.client

    @property
    def store(self) -> Store:
        return self.dependencies.store

    async def now(self) -> datetime:
        """The server's time (UTC)."""
        return (await bounded(self.environment.get_current_time(), "the server's time", self.pending)).astimezone(UTC)

    async def advance(self, delta: timedelta | None = None, **parts: float) -> None:
        """Skip forward by a timedelta or its parts, then one more second as a barrier."""
        await self._skip(delta if delta is not None else timedelta(**parts))
        await self._skip(timedelta(seconds=1))
        await bounded(self._come_to_rest(), "coming to rest", self.pending, lambda: _REST_SECONDS)

    async def _skip(self, delta: timedelta) -> None:
        await while_time_is_skipped(self.environment.sleep(delta), self.now, self.pending)

    async def pending(self, case_id: str | None = None) -> str:
        """An account of what one case, or each of the lab, waits for."""
        numbers = sorted(self._processes()) if case_id is None else [case_id]
        return (
            "; ".join([await pending_in(self.client, options.workflow_id(number)) for number in numbers]) or "no case"
        )

    async def make_way(self, case_id: str) -> None:
        """Let a case end its task and skip past its timers that fire within a second, before a message is sent to it.

        The server would not take the answer to a message that cancels a timer which fired meanwhile (lab_patience.py), and on
        a busy machine the answer takes long enough. On an idle one such a timer has fired by then.
        """
        for _ in range(_ROUNDS):
            if self._running is None:
                return
            outlook = await outlook_of(self._handle(case_id))
            if outlook.next_timer is not None and not outlook.is_at_work:
                left = outlook.next_timer - await self.now()
                if left > _NEAR:
                    return
                await self._skip(max(left, timedelta(0)) + timedelta(milliseconds=50))
            elif not outlook.is_at_work:
                return
            if not await self._has_ended_task(case_id, timedelta(seconds=5)):
                return  # it takes long on purpose

    async def _come_to_rest(self) -> None:
        """Wait until the cases have done everything that they can do now. Does not wait without a worker.

        Cases start and tell each other, so they are at rest once nothing was added to any while the others were looked at.
        """
        while self._running is not None:
            found = {case_id: await self._history_at_rest(case_id) for case_id in tuple(self._processes())}
            if len(found) <= 1 or (found == await self._lengths(found) and found.keys() == self._processes()):
                return

    def _processes(self) -> set[str]:
        """Every process that this lab started or saw start, and those with a journal."""
        with self.store.read() as s:
            self._known.update(journal.case_ids(s))
        return self._known

    async def _lengths(self, case_ids: Iterable[str]) -> dict[str, int]:
        """The length of each case's history now; 0 for a number under which nothing was started."""
        lengths = dict.fromkeys(case_ids, 0)
        for case_id in lengths:
            with _if_started():
                lengths[case_id] = (await self._handle(case_id).describe()).history_length
        return lengths

    async def _history_at_rest(self, case_id: str) -> int:
        """The length of a case's history once it can do nothing more now; 0 for a number under which nothing was started."""
        with _if_started():
            while True:
                length = await self._length_if_at_rest(case_id)
                if length is not None:
                    return length
        return 0

    async def _length_if_at_rest(self, case_id: str) -> int | None:
        """The history's length if a query, which waits for the task in flight, finds nothing new and no first attempt of an
        activity; None while there is more to wait for."""
        handle = self._handle(case_id)
        before = await handle.describe()
        if before.status is not WorkflowExecutionStatus.RUNNING:
            return before.history_length
        if not await self._has_ended_task(case_id, timedelta(seconds=20)):
            return None
        after = await handle.describe()
        pending = after.raw_description
        self._known.update(child.workflow_id for child in pending.pending_children)  # its case number
        under_way = any(activity.attempt <= 1 for activity in pending.pending_activities)
        return None if under_way or before.history_length != after.history_length else after.history_length

    async def _has_ended_task(self, case_id: str, limit: timedelta) -> bool:
        """Whether the task in flight ends within `limit`: a query waits for it."""
        with suppress(WorkflowQueryFailedError):  # a stand-in of a test answers no query
            try:
                await self._handle(case_id).query("status", rpc_timeout=limit)
            except RPCError as error:
                if error.status not in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
                    raise
                return False
        return True

    async def advance_to(self, instant: datetime) -> None:
        """Skip forward to an instant (one second past it, when everything it caused has happened)."""
        await self.advance(max(instant - await self.now(), timedelta(0)))

    def message_id(self) -> str:
        return f"lab-{next(self._ids)}"

    # -- the worker ----------------------------------------------------------------------------------------------------

    async def start_worker(self) -> None:
        """Start the lab's worker. After a stop this works only in a lab that caches no cases."""
        worker = tolerate_pauses(build_worker(self.client, self.dependencies, TASK_QUEUE, self.limits, runner=SANDBOX))
        self._running = (worker, asyncio.create_task(worker.run()))

    @property
    def worker(self) -> Worker:
        """The running worker. Raises LookupError while none runs."""
        if self._running is None:
            raise LookupError("the lab has no worker now")
        return self._running[0]

    async def stop_worker(self) -> None:
        """Let the worker finish its current work, and stop it. Cases, messages and time continue without it."""
        await bounded(self._end_worker(), "the end of the worker", self.pending, lambda: _REST_SECONDS)

    async def _end_worker(self) -> None:
        if self._running is not None:
            worker, run = self._running
            self._running = None
            await worker.shutdown()
            await run

    # -- cases ---------------------------------------------------------------------------------------------------------

    async def services(self) -> ServiceContext:
        """The service context of the lab, whose stamps are the lab's current time."""
        now = await self.now()
        book = self.dependencies.rulebook
        return ServiceContext(
            self.store,
            self.client,
            TASK_QUEUE,
            clock=lambda: now,
            patience=timedelta(seconds=20),
            lobs=book.lobs,
            facts=book.criteria.dictionary,
            deciders=tuple(book.review.deciders.values()),
        )

    async def submit(
        self, raw: bytes, channel: Channel = Channel.FHIR_PAS, sender: str | None = None
    ) -> SubmissionResult:
        """Submit a document at intake, received now, and let everything happen that follows."""
        outcome = await submit(await self.services(), raw, channel, sender)
        if outcome.case_id is not None:
            self._known.add(outcome.case_id)
        await self.settle()
        return outcome

    async def submit_claim(self, raw: bytes, channel: Channel = Channel.API) -> SubmissionResult:
        """Submit a claim at intake, received now, and let everything happen that follows."""
        outcome = await claims.submit_claim(await self.services(), raw, channel)
        if outcome.case_id is not None:
            self._known.add(outcome.case_id)
        await self.settle()
        return outcome

    async def open(self, request: AuthorizationRequest) -> str:
        """Store a request as received now and start its case; the case number."""
        request = request.model_copy(update={"received_at": await self.now()})
        with self.store.begin() as s:
            case_id = case_id_for(request, installation_key(s))
            version = requests.save(s, case_id, request)
        start = AuthorizationStart(case_id=case_id, request_version=version, received_at=request.received_at)
        await self.client.start_workflow(
            PriorAuthorization.run, start, id=options.workflow_id(case_id), task_queue=TASK_QUEUE
        )
        self._known.add(case_id)
        await self.advance(seconds=0)
        return case_id

    async def begin(self, workflow: str, start: BaseModel, case_id: str) -> str:
        """Start a process of any kind by its name and let everything happen that follows; the case number."""
        self.put_on_file(workflow, start, case_id)
        await self.client.start_workflow(workflow, start, id=options.workflow_id(case_id), task_queue=TASK_QUEUE)
        self._known.add(case_id)
        await self.settle()
        return case_id

    def put_on_file(self, workflow: str, start: BaseModel, case_id: str) -> None:
        """Put the start of a case on file, as intake does before it starts one."""
        with self.store.begin() as s:
            journal.keep_start(s, case_id, CaseRun(workflow=workflow, start=start.model_dump_json()))

    def handle(self, case_id: str) -> WorkflowHandle[PriorAuthorization, AuthorizationResult]:
        self._known.add(case_id)
        return self._handle(case_id)

    def _handle(self, case_id: str) -> WorkflowHandle[PriorAuthorization, AuthorizationResult]:
        return self.client.get_workflow_handle_for(PriorAuthorization.run, options.workflow_id(case_id))

    async def act(self, case_id: str, message: BaseMessage) -> MessageResult:
        """Send a message as an update, to the process with this number: the result, or WorkflowUpdateFailedError with the
        rules it breaks."""
        self._known.add(case_id)
        process = self.client.get_workflow_handle(options.workflow_id(case_id))
        answer: MessageResult = await process.execute_update(
            "desk" if isinstance(message, DESK_MESSAGES) else "act",
            message,
            id=message.message_id,
            result_type=MessageResult,
        )
        return answer

    async def standing(self, case_id: str) -> CaseStatusSummary:
        process = self.client.get_workflow_handle(options.workflow_id(case_id))
        found: CaseStatusSummary = await process.query("status", result_type=CaseStatusSummary)
        return found

    async def open_criteria(self, case_id: str, task_id: str) -> tuple[str, ...]:
        """The criteria that a clinician has to answer in a task."""
        return (await self.task_sheet(case_id, task_id)).open_criteria

    async def task_sheet(self, case_id: str, task_id: str) -> TaskWorksheet:
        """Everything that a reviewer needs for a task of a request."""
        return await self.handle(case_id).query(PriorAuthorization.task_sheet, task_id)

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
    keyring: dict[str, bytes] | None = None,
    store: Store | None = None,
    interceptors: Sequence[Interceptor] = (),
) -> AsyncIterator[Lab]:
    """A fresh lab in a folder, on a loaded `store` of the caller's or on a new one; both are closed at the end. `interceptors`
    trace. With `cached` false the worker forgets every case after each task, as a new one would."""
    if store is None:
        (folder / "umpire.db").write_bytes(prepared_store())
        store = open_store(f"sqlite:///{folder / 'umpire.db'}")
    outbox = folder / "outbox"
    dependencies = Dependencies(
        store=store,
        rulebook=book or rulebook(),
        eligibility=eligibility or DirectoryEligibility(store),
        carrier=carrier or FileOutbox(outbox),
    )
    calls = PatientCalls()
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=binaries.find("temporal-test-server"),
        data_converter=data_converter(keyring or {}),
        interceptors=[calls, *interceptors],
        runtime=quiet_runtime(),
    )
    lab = Lab(environment, dependencies, outbox, WorkerLimits() if cached else WorkerLimits(cached_workflows=0))
    calls.attend(lab.make_way, lab.pending)
    stopping: asyncio.Task[None] | None = None
    try:
        with environment.auto_time_skipping_disabled():
            await lab.start_worker()
            try:
                yield lab
            finally:
                stopping = asyncio.create_task(lab.stop_worker())
                await asyncio.wait([stopping], timeout=_STOP_SECONDS)
    finally:
        await environment.shutdown()
        if stopping is not None:
            # Rarely a poll to the time-skipping server outlives its worker; the end of the server ends it.
            done, _ = await asyncio.wait([stopping], timeout=_STOP_SECONDS)
            if done:
                stopping.result()
            else:
                stopping.cancel()
        store.close()
