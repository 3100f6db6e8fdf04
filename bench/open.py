"""Benchmark `python -m bench.open N`: N open cases, stays and plans in proportion, and a midnight at which a seventh is due.

Cases wait at the nurse, one stay with its discharge plan for every ten of them. On the way to N it stops at a tenth and at a
third, looks at everything, and prints by what power of the number each figure grows. At the end the worker is killed and
started again; people claim and release while a seventh of all cases come due at one instant. Stopped early (Ctrl-C), it
prints what it has.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.client import Client

from bench import open_load as load
from bench.load import percentile
from bench.processes import Server, WorkerProcess, cpu_ms, database_cpu_ms, rss_kib
from bench.report import table
from bench.worker_process import settings
from domain.errors import UmpireError
from engine import edge_clock
from engine.client import connect
from engine.settings import TASK_QUEUE
from rulebook.rulebook import load_rulebook
from services.context import ServiceContext
from store.session import open_store
from tests.store import throwaway_postgres

IN_FLIGHT = 16
CLIENTS = 16
CLAIMS = 20
"""Claims (each with its return) of one client, on cases in memory and on evicted ones."""
LOOKS = 15
DUE_SHARE = 7
PATIENCE = timedelta(seconds=90)
MISSED = "%The due instant has passed%"


@dataclass
class Stop:
    """Figures at one number of open cases. Times are milliseconds, sizes KiB."""

    cases: int
    figures: dict[str, float] = field(default_factory=dict)


@dataclass
class OpenMeasurements:
    """All that a run has found so far."""

    stops: list[Stop] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)


class OpenRun:
    """One server, one store, and workers that may be killed."""

    def __init__(
        self, server: Server, services: ServiceContext, home: Path, given: argparse.Namespace, url: str
    ) -> None:
        self._server, self._services, self._home, self._given, self._url = server, services, home, given, url
        self._workers: list[WorkerProcess] = []
        self._cluster = Path(url.partition("host=")[2].partition("&")[0]) if "host=" in url else None
        self._opened, self._empty = 0, load.store_bytes(services.store)

    def start_workers(self, cached: int) -> None:
        for _ in range(self._given.workers):
            self._workers.append(self._worker(cached))

    def end_workers(self, *, kill: bool = False) -> None:
        for worker in self._workers:
            worker.kill() if kill else worker.stop()
        self._workers = []

    async def run(self, found: OpenMeasurements) -> None:
        """The whole run; `found` is filled on the way, so that what is there can be printed when it is stopped."""
        total = self._given.cases
        later = total // DUE_SHARE
        self.start_workers(2 * total + 100)
        await self._open(range(min(20, total)))  # imports, prepared statements, compiled queries
        for size in sorted({max(50, total // 10), max(100, total // 3), total - later}):
            await self._open_up_to(size, found)
        await self._measure_stays(found, total // load.STAY_EVERY)
        await self._claims("in memory", found)
        await self._restart(found)
        await self._claims("evicted", found)
        await self._midnight(later, found)

    # -- opening -------------------------------------------------------------------------------------------------------

    async def _open(self, numbers: range, received_at: datetime | None = None) -> None:
        await load.in_flight(IN_FLIGHT, numbers, lambda n: load.open_case(self._services, n, received_at))
        self._opened = numbers.stop

    async def _open_up_to(self, size: int, found: OpenMeasurements) -> None:
        numbers = range(self._opened, size)
        _say(f"opening cases {numbers.start} to {size}")
        stop, used, began = Stop(size), self._used(), time.perf_counter()
        memory = self._memory()
        await self._open(numbers)
        await self._until(lambda: len(load.nurse_tasks(self._services.store, size + 1)) >= size, "all at the nurse")
        seconds = time.perf_counter() - began
        for name, cpu in self._used().items():
            stop.figures[f"{name}, CPU ms a case"] = (cpu - used[name]) / len(numbers)
        stop.figures["cases opened a second"] = len(numbers) / seconds
        stop.figures["worker KiB a cached case"] = (self._memory() - memory) / len(numbers)
        grown = await asyncio.to_thread(load.store_bytes, self._services.store) - self._empty
        stop.figures["store KiB a case"] = grown / 1024 / size
        await asyncio.to_thread(self._look, stop)
        found.stops.append(stop)

    def _look(self, stop: Stop) -> None:
        took: dict[str, list[tuple[float, float]]] = {}
        for _ in range(LOOKS):
            for name, ms, cpu in load.look_at_lists(self._services.store):
                took.setdefault(name, []).append((ms, cpu))
        for name, each in took.items():
            stop.figures[f"{name}, p95 ms"] = percentile([ms for ms, _ in each], 0.95)
        for name, each in took.items():
            stop.figures[f"{name}, median CPU ms"] = percentile([cpu for _, cpu in each], 0.5)

    async def _measure_stays(self, found: OpenMeasurements, stays: int) -> None:
        if stays < 20:
            return
        _say(f"opening {stays} stays with their plans")
        store, memory = self._services.store, self._memory()
        await load.in_flight(IN_FLIGHT, range(stays), lambda n: load.open_stay_of(self._services, n))
        await self._until(lambda: load.count_stays(store) >= 2 * stays, "all stays and plans open")
        grown = (self._memory() - memory) / stays
        found.facts[f"worker KiB a cached stay with its plan ({stays})"] = f"{grown:.0f}"

    # -- people --------------------------------------------------------------------------------------------------------

    async def _claims(self, which: str, found: OpenMeasurements) -> None:
        tasks = load.nurse_tasks(self._services.store, CLIENTS * CLAIMS)
        if which == "evicted":
            tasks = tasks[::-1]
        _say(f"{CLIENTS} clients claim and release {len(tasks)} tasks, cases {which}")
        took, memory = [0.0], self._memory()
        took.clear()
        await load.in_flight(
            CLIENTS, range(len(tasks)), lambda n: load.claim_and_release(self._services, tasks[n], took)
        )
        found.facts[f"claim or release, {CLIENTS} clients, cases {which}"] = _spread(took)
        if which == "evicted":
            grown = (self._memory() - memory) / len(tasks)
            found.facts["worker KiB a case that was replayed"] = f"{grown:.0f}"

    async def _restart(self, found: OpenMeasurements) -> None:
        _say("killing the workers")
        self.end_workers(kill=True)
        began = time.perf_counter()
        self.start_workers(self._given.cached)
        ready = time.perf_counter() - began
        (task,) = load.nurse_tasks(self._services.store, 1)
        await load.claim_and_release(self._services, task, [])
        whole, cpu = time.perf_counter() - began, sum(cpu_ms(worker.pid) for worker in self._workers) / 1000
        found.facts["from the kill to the first answer"] = f"{whole:.1f} s (ready after {ready:.1f}; CPU {cpu:.1f} s)"

    async def _midnight(self, many: int, found: OpenMeasurements) -> None:
        """Open the last seventh of the cases so that all of it is due at one instant, and watch what happens then."""
        stop = found.stops[-1]
        patience = many / stop.figures["cases opened a second"] * 1.6 + 45
        midnight = edge_clock.now() + timedelta(seconds=patience)
        _say(f"opening {many} cases that are due together in {patience:.0f} s")
        await self._open(range(self._opened, self._opened + many), midnight - timedelta(hours=load.EXPEDITED_HOURS))
        store = self._services.store
        await self._until(lambda: len(load.nurse_tasks(store, many + 1, urgent=True)) >= many, "all at the nurse")
        if edge_clock.now() > midnight:
            found.facts["midnight"] = f"not measured: opening {many} cases took longer than {patience:.0f} s"
            return
        if self._given.evict:
            self.end_workers()
            self.start_workers(self._given.cached)
        tasks = load.nurse_tasks(store, 100_000)
        alone: list[float] = []
        await self._people(tasks, alone, lambda: edge_clock.now() >= midnight)
        _say("midnight")
        used, during = self._used(), [0.0]
        during.clear()
        done = asyncio.Event()
        watching = asyncio.create_task(self._watch(many, midnight, found, done))
        await self._people(tasks, during, done.is_set)
        await watching
        spent = ", ".join(f"{name} {(cpu - used[name]) / many:.0f}" for name, cpu in self._used().items())
        found.facts[f"CPU ms a due case, people's acts included ({many} due)"] = spent
        found.facts[f"claim or release, {CLIENTS} clients, before midnight"] = _spread(alone)
        found.facts[f"claim or release, {CLIENTS} clients, while the wave runs"] = _spread(during)

    async def _people(self, tasks: list[str], took: list[float], is_over: Callable[[], bool]) -> None:
        """People who claim and release at the pace of people, each two acts a second at most, until it is over."""

        async def one(place: int) -> None:
            turn = place
            while not is_over():
                began = time.perf_counter()
                await load.claim_and_release(self._services, tasks[turn % len(tasks)], took)
                turn += CLIENTS
                await asyncio.sleep(max(0, self._given.pause - (time.perf_counter() - began)))

        await asyncio.gather(*(one(place) for place in range(min(CLIENTS, len(tasks)))))

    async def _watch(self, many: int, midnight: datetime, found: OpenMeasurements, done: asyncio.Event) -> None:
        """Note when a half and all of the cases have their escalation in the journal."""
        try:
            missed, half = 0, None
            while missed < many and edge_clock.now() - midnight < 20 * PATIENCE:
                missed = await asyncio.to_thread(load.count_entries, self._services.store, "escalated", MISSED)
                if half is None and missed >= many / 2:
                    half = (edge_clock.now() - midnight).total_seconds()
                await asyncio.sleep(0.5)
            seconds = (edge_clock.now() - midnight).total_seconds()
            found.facts[f"escalations of {many} cases due at one instant"] = (
                f"{missed} in the journal after {seconds:.0f} s, half of them after {half or seconds:.0f} s"
            )
        finally:
            done.set()

    # -- measuring -----------------------------------------------------------------------------------------------------

    def _worker(self, cached: int) -> WorkerProcess:
        each = max(100, cached // self._given.workers)
        return WorkerProcess("cases", self._server.address, self._home, 16, each, self._url)

    def _used(self) -> dict[str, float]:
        used = {"workers": sum(cpu_ms(worker.pid) for worker in self._workers), "Temporal": cpu_ms(self._server.pid)}
        used["client"] = cpu_ms(os.getpid())
        if self._cluster is not None:
            used["PostgreSQL"] = database_cpu_ms(self._cluster)
        return used

    def _memory(self) -> int:
        return sum(rss_kib(worker.pid) for worker in self._workers)

    async def _until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until it holds. Raises TimeoutError when nothing changes within the patience of the run."""
        until = time.perf_counter() + PATIENCE.total_seconds() * 4
        while not await asyncio.to_thread(holds):
            if time.perf_counter() > until:
                raise TimeoutError(f"waited in vain for: {what}")
            await asyncio.sleep(0.3)


def main(argv: list[str] | None = None) -> None:
    """The command. Exit code 1 with a reason when a load does not end; what was found until then is printed all the same."""
    parser = argparse.ArgumentParser(prog="python -m bench.open", description="Many open cases, and a common midnight.")
    parser.add_argument("cases", type=int, nargs="?", default=10_000)
    parser.add_argument("--store", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--workers", type=int, default=1, help="worker processes")
    parser.add_argument(
        "--cached", type=int, default=5000, help="cases that all workers keep in memory after the restart"
    )
    parser.add_argument("--evict", action="store_true", help="no case is in memory at midnight")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds from one claim of a person to the next")
    given = parser.parse_args(argv)
    if given.cases < 100:
        parser.error("fewer than 100 cases say nothing")
    found, why = OpenMeasurements(), ""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    home = Path(tempfile.mkdtemp(prefix="umpire-bench-"))
    try:
        with _store_url(given.store, home) as url:
            asyncio.run(_run(home, url, given, found))
    except (
        TimeoutError,
        RuntimeError,
        UmpireError,
    ) as error:  # the last also of an act that outlives its server at Ctrl-C
        why = f"stopped: {str(error) or 'a load hangs'}"
    except KeyboardInterrupt:
        why = "stopped by hand"
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sys.stdout.write(report(given, found) + "\n")
    if why:
        sys.exit(f"bench: {why}; these are the figures until then")


async def _run(home: Path, url: str, given: argparse.Namespace, found: OpenMeasurements) -> None:
    store = open_store(url)
    store.create()
    _say(f"loading {given.cases} members")
    await asyncio.to_thread(load.fill_plan, store, given.cases)
    server = Server(home)
    run: OpenRun | None = None
    try:
        client: Client = await connect(settings(server.address, home))
        services = ServiceContext(
            store, client, TASK_QUEUE, lobs=load_rulebook({}).lobs, patience=timedelta(seconds=120)
        )
        run = OpenRun(server, services, home, given, url)
        await run.run(found)
    finally:
        if run is not None:
            run.end_workers()
        server.stop()
        store.close()
    await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends


@contextmanager
def _store_url(kind: str, home: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{home / 'umpire.db'}"
        return
    if (why := throwaway_postgres.unavailable_reason()) is not None:
        sys.exit(f"bench: {why}")
    with throwaway_postgres.cluster() as address:
        yield address.format(name="postgres")


def report(given: argparse.Namespace, found: OpenMeasurements) -> str:
    """The figures, with the power of the number of cases by which each figure grows: 0 is a constant, 1 proportional."""
    names = list(dict.fromkeys(name for stop in found.stops for name in stop.figures))
    rows = []
    for name in names:
        points = [(stop.cases, stop.figures[name]) for stop in found.stops if name in stop.figures]
        power = growth(points)
        rows.append((name, *(f"{value:.1f}" for _, value in points), "" if power is None else f"{power:+.2f}"))
    head = (f"{given.store}, open cases", *(f"{stop.cases:,}" for stop in found.stops), "grows by N to the")
    blocks = [table(head, rows)] if rows else ["nothing was measured"]
    if found.facts:
        blocks.append(table(("at the end", ""), list(found.facts.items())))
    return "\n\n".join(blocks)


def growth(points: list[tuple[int, float]]) -> float | None:
    """The slope of the least-squares line through the logarithms; None for fewer than two positive points."""
    logs = [(math.log(size), math.log(value)) for size, value in points if value > 0]
    if len(logs) < 2:
        return None
    mean_x, mean_y = (sum(each) / len(logs) for each in zip(*logs, strict=True))
    across = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / across if across else None


def _spread(took: list[float]) -> str:
    if not took:
        return "none"
    return f"p50 {percentile(took, 0.5):.0f} ms, p99 {percentile(took, 0.99):.0f} ms ({len(took)} acts)"


def _say(progress: str) -> None:
    sys.stderr.write(f"bench: {progress}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
