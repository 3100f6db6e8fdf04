"""A real Temporal dev server with its state in a file, a store, and worker processes that can be killed at any moment.

Time is the wall clock here. A rulebook of the story's own shortens clocks that run for days.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle

from demo.story_printer import StoryFailed
from demo.time_skipping_lab import PLAN, quiet_runtime
from demo.timeline import TimelineLine
from domain.journal import EntryKind
from domain.vocabulary import Channel
from engine import binaries, edge_clock
from engine.client import connect
from engine.settings import TASK_QUEUE, Settings
from intake.submission import submit
from rulebook.rulebook import FOLDER_VARIABLE
from rulebook.yamlfile import RULEBOOK_ROOT
from services.context import ServiceContext, SubmissionResult
from store import journal
from store.seed import load_plan
from store.session import Store, open_store

ROOT = Path(__file__).resolve().parent.parent
# The dev server hands out at most 20 tasks a second and syncs each write to the disk; both cost time that nothing here needs.
FLAGS = ("history.transferProcessorMaxPollRPS=10000", "history.timerProcessorMaxPollRPS=10000")
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
LOG = "workers.log"
PATIENCE = timedelta(seconds=40)
# Without cached cases no task waits for a worker that was killed.
ARGUMENTS = ("--cached-workflows", "0", "--grace", "1")


class _ShortTaskTimeout(Interceptor):
    """Starts cases with a task timeout of three seconds instead of ten, so that the next worker soon gets a lost task.

    Not less: a worker that caches no cases restarts a task when it times out, and on a busy machine a timeout
    of one second would never be enough.
    """

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _Start(next)


class _Start(OutboundInterceptor):
    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        return await super().start_workflow(dataclasses.replace(input, task_timeout=timedelta(seconds=3)))


@dataclass
class ServerLab:
    """One server, one store, and at most one worker process at a time. `happenings` lists each start and each kill."""

    client: Client
    store: Store
    outbox: Path
    nursery: Process
    log: Path
    worker_pid: int | None = None
    happenings: list[TimelineLine] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """Number of workers killed so far."""
        return sum("killed" in line.what for line in self.happenings)

    async def services(self) -> ServiceContext:
        return ServiceContext(self.store, self.client, TASK_QUEUE, patience=timedelta(milliseconds=300))

    async def submit(self, raw: bytes, channel: Channel, received_at: datetime) -> SubmissionResult:
        """Submit a document that was received then (UTC)."""
        return await submit(await self.services(), raw, channel, received_at=received_at)

    async def settle(self) -> None:
        """Do nothing: here time passes by itself."""

    async def start_worker(self) -> None:
        """Start a worker process."""
        await self._start()
        self._happened(f"worker process {self.worker_pid} starts")

    async def replace_worker(self) -> None:
        """Kill the worker and start another one at once."""
        killed = self._kill_process()
        await self._start()
        self._happened(f"worker process {killed} is killed; {self.worker_pid} takes its place")

    def kill_worker(self) -> None:
        """Kill the worker and start no other."""
        self._happened(f"worker process {self._kill_process()} is killed; nobody takes its place")

    async def _start(self) -> None:
        assert self.nursery.stdin is not None and self.nursery.stdout is not None
        self.nursery.stdin.write(b"start\n")
        await self.nursery.stdin.drain()
        self.worker_pid = int(await self.nursery.stdout.readline())

    def _kill_process(self) -> int:
        """Send SIGKILL, so that the process cannot finish anything. Returns its process id."""
        if self.worker_pid is None:
            raise LookupError("there is no worker to kill")
        killed, self.worker_pid = self.worker_pid, None
        os.kill(killed, signal.SIGKILL)
        return killed

    def _happened(self, what: str) -> None:
        self.happenings.append(TimelineLine(edge_clock.now(), None, "Operations", what))

    async def wait_for_worker(self) -> None:
        """Wait until a worker polls the server. Raises StoryFailed with the last lines of its log when none does."""
        end = edge_clock.now() + PATIENCE
        queue = TaskQueue(name=TASK_QUEUE)
        kind = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
        asked = DescribeTaskQueueRequest(namespace=self.client.namespace, task_queue=queue, task_queue_type=kind)
        while not (await self.client.workflow_service.describe_task_queue(asked)).pollers:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # the server does not notify; it has to be polled
            if edge_clock.now() > end:
                raise StoryFailed(f"no worker came up; the last one said: {self.log.read_text()[-2000:]}")

    async def until(self, holds: Callable[[], bool], within: timedelta, every: float = 0.02) -> bool:
        """Poll a condition every so many seconds until it holds or the time is up; whether it holds."""
        end = edge_clock.now() + within
        while not holds():
            if edge_clock.now() >= end:
                return False
            await asyncio.sleep(every)
        return True

    def has(self, case_id: str, kind: EntryKind, since: EntryKind | None = None) -> bool:
        """Whether the case's journal has an entry of this kind; after one of the kind `since`, when that is given."""
        with self.store.read() as s:
            kinds = [entry.kind for entry in journal.entries(s, case_id)]
        if since is not None:
            kinds = kinds[kinds.index(since) :] if since in kinds else []
        return kind in kinds

    def posted(self) -> list[str]:
        """The names of all files in the outbox, without temporary ones."""
        return sorted(path.name for path in self.outbox.rglob("[!.]*") if path.is_file())


def shortened_rulebook(folder: Path, rule_id: str, length: str, minutes: int) -> Path:
    """The shipped rulebook in a folder of its own, with one clock running minutes instead of the legal time."""
    target = folder / "rulebook"
    shutil.copytree(RULEBOOK_ROOT, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for path in (target / "clocks").glob("*.yaml"):
        head, found, rest = path.read_text().partition(f"- rule_id: {rule_id}\n")
        if found and length in rest:
            short = f"length: {{value: {minutes}, unit: minutes}}"
            path.write_text(head + found + rest.replace(length, short, 1))
            return target
    raise LookupError(f"no clock {rule_id} with {length} in the rulebook")


@asynccontextmanager
async def server_laboratory(folder: Path, rulebook: Path) -> AsyncIterator[ServerLab]:
    """A fresh server with store and plan in a folder, and no worker yet."""
    outbox = folder / "outbox"
    outbox.mkdir()
    address = f"127.0.0.1:{_free_port()}"
    async with _worker_forker(folder, address, rulebook) as nursery, _server(folder, address):
        store = await asyncio.to_thread(_store, folder)
        try:
            connected = await connect(Settings.from_environment({"TEMPORAL_ADDRESS": address}), quiet_runtime())
            client = Client(**connected.config() | {"interceptors": [_ShortTaskTimeout()]})
            yield ServerLab(client, store, outbox, nursery, folder / LOG)
        finally:
            store.close()


def _store(folder: Path) -> Store:
    store = open_store(f"sqlite:///{folder / 'umpire.db'}")
    store.create()
    load_plan(store, PLAN)
    return store


@asynccontextmanager
async def _server(folder: Path, address: str) -> AsyncIterator[None]:
    command = [binaries.find("temporal"), "server", "start-dev", "--headless", "--log-level", "never"]
    command += ["--ip", "127.0.0.1", "--port", address.rpartition(":")[2], "--db-filename", str(folder / "temporal.db")]
    command += [part for flag in FLAGS for part in ("--dynamic-config-value", flag)]
    command += [part for pragma in PRAGMAS for part in ("--sqlite-pragma", pragma)]
    process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def _worker_forker(folder: Path, address: str, rulebook: Path) -> AsyncIterator[Process]:
    environ = os.environ | {
        "TEMPORAL_ADDRESS": address,
        "UMPIRE_HOME": str(folder),
        FOLDER_VARIABLE: str(rulebook),
    }
    command = (sys.executable, "-m", "demo.worker_forker", str(folder / LOG), *ARGUMENTS)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=ROOT, env=environ)
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
