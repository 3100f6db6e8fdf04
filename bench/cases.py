"""The auto-approved path against the yardsticks: throughput with several in flight, latency with one."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from bench import requests
from bench.bare import Bare, Null
from bench.load import Measured, drive
from bench.opening import Sender
from bench.processes import Server, WorkerProcess

SOON = 0.002


@dataclass(frozen=True)
class Size:
    """How much is measured. Counts are for each round; `seconds` bounds every single load."""

    rounds: int
    null: int
    bare: int
    cases: int
    low: int
    in_flight: int
    seconds: float


@dataclass
class History:
    """What one case leaves with the server."""

    events: int
    size: int
    kinds: list[str]


@dataclass
class Compared:
    """Everything that the live part of a run found."""

    history: History
    busy: dict[str, Measured] = field(default_factory=dict)
    alone: dict[str, Measured] = field(default_factory=dict)
    decided: list[float] = field(default_factory=list)
    handed_in: list[float] = field(default_factory=list)
    activities: dict[str, Any] = field(default_factory=dict)
    activities_alone: dict[str, Any] = field(default_factory=dict)


class Bench:
    """One server, a worker for cases, a worker for yardsticks, and this process as the client."""

    def __init__(
        self, client: Client, sender: Sender, server: Server, cases: WorkerProcess, bare: WorkerProcess, database: Path
    ) -> None:
        self._client, self._sender, self._server, self._database = client, sender, server, database
        self._workers = {"null": bare, "bare": bare, "case": cases}
        self._numbers = count()
        self._kinds: list[str] = []

    async def run(self, size: Size, tell: Callable[[str], None]) -> Compared:
        """Warm up, then each load in turns, so that what else the machine does falls on all of them alike."""
        found = Compared(await self._history())
        self._kinds = found.history.kinds
        tell("warming up")
        for load in ("null", "bare", "case"):
            await self._drive(load, max(8, size.in_flight), size.in_flight, size.seconds)
        self._workers["case"].timings()
        for place in range(size.rounds):
            tell(f"round {place + 1} of {size.rounds}, {size.in_flight} in flight")
            for load, many in (("null", size.null), ("bare", size.bare), ("case", size.cases)):
                measured = await self._drive(load, many, size.in_flight, size.seconds)
                found.busy.setdefault(load, Measured()).add(measured)
        found.activities = self._workers["case"].timings()
        tell("one in flight")
        for load in ("null", "bare", "case"):
            found.alone[load] = await self._drive(load, size.low, 1, size.seconds)
        self._workers["case"].timings()
        await self._decisions(found, size)
        found.activities_alone = self._workers["case"].timings()
        return found

    async def _drive(self, load: str, many: int, in_flight: int, seconds: float) -> Measured:
        operation = {"null": self._null, "bare": self._bare, "case": self._case}[load]
        numbers = range(many)
        return await drive(operation, numbers, in_flight, seconds, self._server.pid, self._workers[load].pid)

    async def _null(self, _number: int) -> None:
        await self._client.execute_workflow(Null.run, [], id=f"null-{uuid4().hex}", task_queue="bare")

    async def _bare(self, _number: int) -> None:
        await self._client.execute_workflow(Bare.run, self._kinds, id=f"bare-{uuid4().hex}", task_queue="bare")

    async def _case(self, _number: int) -> None:
        handle = await self._sender.open(requests.bundle(next(self._numbers)))
        result = await handle.result()
        if result.status != "approved":
            raise RuntimeError(f"{result.case_id} was not approved by rule but ended as {result.status}")

    async def _decisions(self, found: Compared, size: Size) -> None:
        """One case after the other: until it is handed in, until its determination stands in the journal, until closed."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as journal:
            stop = time.perf_counter() + size.seconds
            for _ in range(size.low):
                began = time.perf_counter()
                if began > stop:
                    return
                handle = await self._sender.open(requests.bundle(next(self._numbers)))
                found.handed_in.append((time.perf_counter() - began) * 1e3)
                await asyncio.wait_for(_until_decided(journal, handle.id), size.seconds)
                found.decided.append((time.perf_counter() - began) * 1e3)
                await handle.result()

    async def _history(self) -> History:
        handle = await self._sender.open(requests.bundle(next(self._numbers)))
        await handle.result()
        about = (await handle.describe()).raw_description.workflow_execution_info
        kinds = [kind async for kind in _activity_kinds(handle)]
        return History(about.history_length, about.history_size_bytes, kinds)


async def _activity_kinds(handle: WorkflowHandle[Any, Any]) -> AsyncIterator[str]:
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
            yield "local"
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            yield "remote"


async def _until_decided(journal: sqlite3.Connection, case_id: str) -> None:
    """Look from outside, as anybody would who reads the store: another process commits the determination."""
    query = "select 1 from journal where case_id = ? and kind = 'determination_made'"
    while journal.execute(query, (case_id,)).fetchone() is None:  # noqa: ASYNC110
        await asyncio.sleep(SOON)
