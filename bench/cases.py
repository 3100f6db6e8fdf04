"""Benchmark of the auto-approved path against the baselines: throughput with several in flight, latency with one."""

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
from bench.baseline_workflows import Bare, Null
from bench.case_opener import CaseOpener
from bench.load import Measured, drive
from bench.processes import Server, WorkerProcess

POLL_SECONDS = 0.002
LOCAL_ACTIVITY = "core_local_activity"
"""Name of the markers of local activities; others mark patches."""


@dataclass(frozen=True)
class BenchSize:
    """Size of a run. Counts are for each round; `seconds` bounds every single load."""

    rounds: int
    null: int
    bare: int
    cases: int
    low: int
    in_flight: int
    seconds: float


@dataclass
class CaseHistorySize:
    """Size of one case's history on the server."""

    events: int
    size: int
    kinds: list[str]


@dataclass
class CaseMeasurements:
    """All measurements of the live part of a run."""

    history: CaseHistorySize
    busy: dict[str, Measured] = field(default_factory=dict)
    alone: dict[str, Measured] = field(default_factory=dict)
    decided: list[float] = field(default_factory=list)
    handed_in: list[float] = field(default_factory=list)
    activities: dict[str, Any] = field(default_factory=dict)
    activities_alone: dict[str, Any] = field(default_factory=dict)


class Bench:
    """One server, a worker for cases, a worker for baselines, and this process as the client."""

    def __init__(
        self,
        client: Client,
        sender: CaseOpener,
        server: Server,
        cases: WorkerProcess,
        bare: WorkerProcess,
        database: Path,
    ) -> None:
        self._client, self._sender, self._server, self._database = client, sender, server, database
        self._workers = {"null": bare, "bare": bare, "case": cases}
        self._numbers = count()
        self._kinds: list[str] = []

    async def run(self, size: BenchSize, tell: Callable[[str], None]) -> CaseMeasurements:
        """Warm up, then each load in turns, so that other work of the machine affects all of them alike."""
        found = CaseMeasurements(await self._history())
        self._kinds = found.history.kinds
        tell("warming up")
        for load in ("null", "bare", "case"):
            await self._drive_load(load, max(8, size.in_flight), size.in_flight, size.seconds)
        self._workers["case"].timings()
        for place in range(size.rounds):
            tell(f"round {place + 1} of {size.rounds}, {size.in_flight} in flight")
            for load, many in (("null", size.null), ("bare", size.bare), ("case", size.cases)):
                measured = await self._drive_load(load, many, size.in_flight, size.seconds)
                found.busy.setdefault(load, Measured()).add(measured)
        found.activities = self._workers["case"].timings()
        tell("one in flight")
        for load in ("null", "bare", "case"):
            found.alone[load] = await self._drive_load(load, size.low, 1, size.seconds)
        self._workers["case"].timings()
        await self._measure_decisions(found, size)
        found.activities_alone = self._workers["case"].timings()
        return found

    async def _drive_load(self, load: str, many: int, in_flight: int, seconds: float) -> Measured:
        operation = {"null": self._null, "bare": self._bare, "case": self._case}[load]
        numbers = range(many)
        return await drive(operation, numbers, in_flight, seconds, self._server.pid, self._workers[load].pid)

    async def _null(self, _number: int) -> None:
        await self._client.execute_workflow(Null.run, [], id=f"null-{uuid4().hex}", task_queue="bare")

    async def _bare(self, _number: int) -> None:
        await self._client.execute_workflow(Bare.run, self._kinds, id=f"bare-{uuid4().hex}", task_queue="bare")

    async def _case(self, _number: int) -> None:
        handle = await self._sender.open(requests.request_bundle(next(self._numbers)))
        result = await handle.result()
        if result.status != "approved":
            raise RuntimeError(f"{result.case_id} was not approved by rule but ended as {result.status}")

    async def _measure_decisions(self, found: CaseMeasurements, size: BenchSize) -> None:
        """Measure one case after the other: time to submitted, to the determination in the journal, and to closed."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as journal:
            stop = time.perf_counter() + size.seconds
            for _ in range(size.low):
                began = time.perf_counter()
                if began > stop:
                    return
                handle = await self._sender.open(requests.request_bundle(next(self._numbers)))
                found.handed_in.append((time.perf_counter() - began) * 1e3)
                await asyncio.wait_for(_wait_until_decided(journal, handle.id), size.seconds)
                found.decided.append((time.perf_counter() - began) * 1e3)
                await handle.result()

    async def _history(self) -> CaseHistorySize:
        handle = await self._sender.open(requests.request_bundle(next(self._numbers)))
        await handle.result()
        about = (await handle.describe()).raw_description.workflow_execution_info
        kinds = [kind async for kind in _activity_kinds(handle)]
        return CaseHistorySize(about.history_length, about.history_size_bytes, kinds)


async def _activity_kinds(handle: WorkflowHandle[Any, Any]) -> AsyncIterator[str]:
    async for event in handle.fetch_history_events():
        marker = event.marker_recorded_event_attributes.marker_name
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED and marker == LOCAL_ACTIVITY:
            yield "local"
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            yield "remote"


async def _wait_until_decided(journal: sqlite3.Connection, case_id: str) -> None:
    """Poll the store from outside until another process has committed the determination."""
    query = "select 1 from journal where case_id = ? and kind = 'determination_made'"
    while journal.execute(query, (case_id,)).fetchone() is None:  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)
