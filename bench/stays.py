"""Benchmark `python -m bench.stays`: a thousand open stays on one worker, each with its plan, against as many bare timers.

Each stay is under observation, and at an instant of its own the time comes to ask the hospital about it: the lag is how long
after that instant the stay's workflow acted on it. Memory is the growth of the worker's resident set.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetStickyTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from bench import requests
from bench.load import percentile
from bench.processes import Server, WorkerProcess, rss_kib
from bench.report import table
from bench.worker_process import settings
from domain.case_numbers import CasePrefix
from domain.cases.orders import CaseRun
from domain.journal import Actor
from domain.stays.adt import AdtKind, PatientClass, StayEvent
from domain.stays.start import AdtEventReceived, StayStart
from engine import edge_clock, options
from engine.client import connect
from engine.settings import TASK_QUEUE
from engine.workflow_names import CONCURRENT_REVIEW
from rulebook.rulebook import load_rulebook
from store import journal
from store.session import Store, open_store

HOSPITAL = "1215000062"
IN_FLIGHT = 16
WARM_UP_STAYS = 20
PATIENCE = timedelta(seconds=60)
IDLE_SECONDS = 5.0
"""Seconds without a new journal entry after which the worker counts as idle."""


@dataclass(frozen=True)
class StayLoad:
    """Load of a run: number of stays, seconds to open them all, and seconds over which their timers are spread."""

    stays: int
    opening: float
    spread: float


@dataclass
class StayMeasurements:
    """KiB of one stay (or bare workflow), and milliseconds of lag of each timer."""

    memory: dict[str, float] = field(default_factory=dict)
    lags: dict[str, list[float]] = field(default_factory=dict)
    opened_in: float = 0


def main(argv: list[str] | None = None) -> None:
    """The command. Exit code 1 with a reason when the stays are not open in time or a timer does not fire."""
    parser = argparse.ArgumentParser(prog="python -m bench.stays", description="What many open stays cost a worker.")
    parser.add_argument("--stays", type=int, default=1000)
    parser.add_argument("--opening", type=float, default=0.25, help="seconds that each stay may take to be opened")
    parser.add_argument("--spread", type=float, default=0.08, help="seconds between two timers")
    given = parser.parse_args(argv)
    plan = StayLoad(given.stays, 30 + given.stays * given.opening, given.stays * given.spread)
    home = Path(tempfile.mkdtemp(prefix="umpire-bench-"))
    try:
        found = asyncio.run(_run(home, plan))
    except (TimeoutError, RuntimeError, RPCError) as error:
        sys.exit(f"bench: {str(error) or 'an expected event did not occur'}")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sys.stdout.write(_report(plan, found) + "\n")


async def _run(home: Path, plan: StayLoad) -> StayMeasurements:
    store = open_store(f"sqlite:///{home / 'umpire.db'}")
    store.create()
    requests.fill_store(store, plan.stays + WARM_UP_STAYS)
    server, found = Server(home), StayMeasurements()
    try:
        client = await connect(settings(server.address, home))
        await _measure_cached(client, server, store, home, plan, found)
        await _measure_evicted(client, server, home, plan, found)
        await _measure_bare(client, server, home, plan, found)
    finally:
        server.stop()
        store.close()
    await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends
    return found


# -- the stays -------------------------------------------------------------------------------------------------------------


async def _measure_cached(
    client: Client, server: Server, store: Store, home: Path, plan: StayLoad, found: StayMeasurements
) -> None:
    """Open all stays on a worker that caches them, and measure the lag of their timers."""
    worker = WorkerProcess("cases", server.address, home, 16, 4 * plan.stays + 100)
    try:
        hours = load_rulebook({}).stays.policy.observation_question_hours.value
        _print_progress("warming up")
        far = edge_clock.now() + timedelta(hours=hours)
        await _run_for_each(range(WARM_UP_STAYS), lambda number: open_stay(client, store, number, far, hours))
        await _wait_until_idle(home)
        before, began = rss_kib(worker.pid), time.perf_counter()
        _print_progress(f"opening {plan.stays} stays")
        first = edge_clock.now() + timedelta(seconds=plan.opening)
        due = {n: first + timedelta(seconds=(n - WARM_UP_STAYS) * plan.spread / plan.stays) for n in _numbers(plan)}
        await _run_for_each(_numbers(plan), lambda number: open_stay(client, store, number, due[number], hours))
        await _wait_until_idle(home)
        found.opened_in = time.perf_counter() - began
        if edge_clock.now() > first:
            raise RuntimeError(f"opening took {found.opened_in:.0f} s, longer than its time; give more with --opening")
        found.memory["stay, cached"] = (rss_kib(worker.pid) - before) / plan.stays
        _print_progress(f"opened in {found.opened_in:.0f} s; waiting for their timers")
        asked = await _question_times(home, plan, max(due.values()))
        found.lags["stay"] = [(asked[_stay(n)] - at).total_seconds() * 1e3 for n, at in due.items()]
    finally:
        worker.stop()


async def _measure_evicted(client: Client, server: Server, home: Path, plan: StayLoad, found: StayMeasurements) -> None:
    """Query each stay on another worker, which caches none."""
    worker = WorkerProcess("cases", server.address, home, 16, 0)
    try:
        _print_progress("asking a worker that keeps nothing in memory")

        async def ask(number: int) -> None:
            execution = WorkflowExecution(workflow_id=options.workflow_id(_stay(number)))
            unstuck = ResetStickyTaskQueueRequest(namespace=client.namespace, execution=execution)
            await client.workflow_service.reset_sticky_task_queue(unstuck)  # the previous worker would be asked first
            handle = client.get_workflow_handle(execution.workflow_id)
            await handle.query("status", rpc_timeout=PATIENCE)

        await _run_for_each(range(WARM_UP_STAYS), ask)
        before = rss_kib(worker.pid)
        await _run_for_each(_numbers(plan), ask)
        found.memory["stay, evicted"] = (rss_kib(worker.pid) - before) / plan.stays
    finally:
        worker.stop()


async def open_stay(client: Client, store: Store, number: int, question_at: datetime, hours: int) -> None:
    """Open a stay under observation for so long that its question is due at `question_at`."""
    now, began = edge_clock.now(), question_at - timedelta(hours=hours)
    event = StayEvent(
        event_id=f"{_stay(number)}-E1",
        kind=AdtKind.REGISTER,
        happened_at=began,
        recorded_at=now,
        patient_class=PatientClass.OBSERVATION,
        unit="OBS",
        facility="MERIDIAN",
    )
    told = AdtEventReceived(message_id=event.event_id, at=now, actor=Actor(kind="provider", id=HOSPITAL), event=event)
    start = StayStart(
        stay_id=_stay(number),
        received_at=now,
        member_id=requests.member_id(number),
        facility_npi=HOSPITAL,
        facility="Meridian Heart Hospital",
    )
    with store.begin() as s:
        journal.keep_start(s, start.stay_id, CaseRun(workflow=CONCURRENT_REVIEW, start=start.model_dump_json()))
    await client.start_workflow(
        CONCURRENT_REVIEW,
        start,
        id=options.workflow_id(_stay(number)),
        task_queue=TASK_QUEUE,
        start_signal="tell_stay",
        start_signal_args=[told],
    )


def _stay(number: int) -> str:
    return f"{CasePrefix.STAY}BENCH{number:07d}"


def _numbers(plan: StayLoad) -> range:
    return range(WARM_UP_STAYS, WARM_UP_STAYS + plan.stays)


# -- the baseline ----------------------------------------------------------------------------------------------------------


async def _measure_bare(client: Client, server: Server, home: Path, plan: StayLoad, found: StayMeasurements) -> None:
    """Measure as many workflows that only wait for a timer."""
    worker = WorkerProcess("bare", server.address, home, 16, 4 * plan.stays + 100)
    try:
        _print_progress(f"parking {plan.stays} bare workflows")
        first = edge_clock.now() + timedelta(seconds=20 + plan.stays * 0.05)

        async def park(number: int, at: datetime) -> None:
            name, queue = f"parked-{number}", "bare"
            await client.start_workflow("Parked", at.isoformat(), id=name, task_queue=queue)
            await client.get_workflow_handle(name).query("status")

        await _run_for_each(range(WARM_UP_STAYS), lambda number: park(number, first))
        before = rss_kib(worker.pid)
        due = {n: first + timedelta(seconds=(n - WARM_UP_STAYS) * plan.spread / plan.stays) for n in _numbers(plan)}
        await _run_for_each(_numbers(plan), lambda number: park(number, due[number]))
        found.memory["bare, cached"] = (rss_kib(worker.pid) - before) / plan.stays
        async with asyncio.timeout(120 + plan.spread):
            results = await asyncio.gather(
                *(client.get_workflow_handle(f"parked-{n}", result_type=float).result() for n in due)
            )
        found.lags["bare"] = list(results)
    finally:
        worker.stop()


# -- waiting ---------------------------------------------------------------------------------------------------------------


async def _run_for_each(numbers: range, operation: Callable[[int], Awaitable[None]]) -> None:
    waiting = iter(numbers)

    async def one_after_the_other() -> None:
        for number in waiting:
            await operation(number)

    await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT)))


async def _wait_until_idle(home: Path) -> None:
    """Wait until the journal has had nothing new for a while."""
    with closing(sqlite3.connect(f"file:{home / 'umpire.db'}?mode=ro", uri=True)) as journal:
        seen, since = -1, time.perf_counter()
        while time.perf_counter() - since < IDLE_SECONDS:
            (written,) = journal.execute("select count(*) from journal").fetchone()
            if written != seen:
                seen, since = written, time.perf_counter()
            await asyncio.sleep(0.2)


async def _question_times(home: Path, plan: StayLoad, last: datetime) -> dict[str, datetime]:
    """The time at which each stay acted on its timer: the stamp of the task that it opens then. Raises TimeoutError."""
    query = "select case_id, at from journal where kind = 'task_opened' and summary like '%under observation for long%'"
    with closing(sqlite3.connect(f"file:{home / 'umpire.db'}?mode=ro", uri=True)) as journal:
        patience = (last - edge_clock.now()).total_seconds() + 120
        async with asyncio.timeout(patience):
            while len(rows := journal.execute(query).fetchall()) < plan.stays:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
    return {case_id: _instant(at) for case_id, at in rows}


def _instant(stored: object) -> datetime:
    """An instant from the store's text, in UTC."""
    found = datetime.fromisoformat(str(stored))
    return found if found.tzinfo is not None else found.replace(tzinfo=edge_clock.now().tzinfo)


# -- reporting -------------------------------------------------------------------------------------------------------------


def _report(plan: StayLoad, found: StayMeasurements) -> str:
    bare = found.memory["bare, cached"]
    rows = [(name, f"{kib:.1f}", f"{kib / bare:.1f}") for name, kib in found.memory.items()]
    memory = table(("memory of the worker for each", "KiB", "of bare, cached"), rows)
    slow = percentile(found.lags["bare"], 0.99)
    lags = [
        (name, str(len(took)), *(f"{percentile(took, share):.0f}" for share in (0.5, 0.99)), f"{max(took):.0f}", ratio)
        for name, took in found.lags.items()
        for ratio in (f"{percentile(took, 0.99) / slow:.1f}",)
    ]
    timers = table(
        (f"timers, {plan.stays / plan.spread:.0f} a second", "fired", "p50 ms", "p99 ms", "max ms", "p99 of bare"), lags
    )
    opened = f"{plan.stays} stays with their discharge plans opened in {found.opened_in:.0f} s"
    return "\n\n".join((opened, memory, timers))


def _print_progress(progress: str) -> None:
    sys.stderr.write(f"bench: {progress}\n")


if __name__ == "__main__":
    main()
