"""Benchmark `python -m bench.databases`: an auto-approved case on PostgreSQL against one on SQLite, in turns, in one run.

One Temporal server, and for each database a store, a worker and a task queue of its own. Ratios are medians over the rounds,
which other work of the machine disturbs least. With `--workers` more, PostgreSQL also has so many worker processes at once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench import requests
from bench.case_opener import CaseOpener
from bench.load import drive
from bench.processes import Server, WorkerProcess, cpu_ms, database_cpu_ms
from bench.report import table
from bench.worker_process import settings
from engine.client import connect
from rulebook.rulebook import load_rulebook
from services.context import ServiceContext
from store.session import open_store
from tests.store import throwaway_postgres


@dataclass
class Side:
    """One database with its workers; milliseconds of CPU a case of each round, by process."""

    name: str
    opener: CaseOpener
    workers: list[WorkerProcess]
    cluster: Path | None = None
    rounds: list[dict[str, float]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)


async def _measure(home: Path, url: str, given: argparse.Namespace) -> list[Side]:
    cluster = Path(url.partition("host=")[2].partition("&")[0])
    kinds = [("SQLite", f"sqlite:///{home / 'umpire.db'}", None, 1), ("PostgreSQL", url, cluster, 1)]
    if given.workers > 1:
        kinds.append((f"PostgreSQL, {given.workers} workers", url, cluster, given.workers))
    members = (given.rounds + 1) * given.cases * len(kinds)
    lobs = load_rulebook({}).lobs
    with contextlib.ExitStack() as stack:
        server = Server(home)
        stack.callback(server.stop)
        client = await connect(settings(server.address, home))
        sides: list[Side] = []
        for place, (name, address, folder, workers) in enumerate(kinds):
            store, task_queue = open_store(address), f"bench-{place}"
            stack.callback(store.close)
            store.create()
            requests.fill_store(store, members)
            running = []
            for _ in range(workers):
                running.append(WorkerProcess("cases", server.address, home, 16, 1000, address, task_queue))
                stack.callback(running[-1].stop)
            opener = CaseOpener(ServiceContext(store, client, task_queue, lobs=lobs))
            sides.append(Side(name, opener, running, folder))
        numbers = iter(range(members))
        for turn in range(given.rounds + 1):
            for side in sides:
                await _round(side, [next(numbers) for _ in range(given.cases)], server, given, counts=turn > 0)
            sys.stderr.write(f"bench: round {turn} of {given.rounds}\n")
    return sides


async def _round(side: Side, numbers: list[int], server: Server, given: argparse.Namespace, *, counts: bool) -> None:
    async def one(place: int) -> None:
        result = await (await side.opener.open(requests.request_bundle(numbers[place]))).result()
        if result.status != "approved":
            raise RuntimeError(f"{result.case_id} was not approved by rule but ended as {result.status}")

    def used() -> dict[str, float]:
        found = {"workers": sum(cpu_ms(worker.pid) for worker in side.workers), "client": cpu_ms(os.getpid())}
        return found | ({"database": database_cpu_ms(side.cluster)} if side.cluster is not None else {"database": 0.0})

    before = used()
    measured = await drive(one, range(len(numbers)), given.in_flight, 300, server.pid, side.workers[0].pid)
    if counts:
        side.rounds.append({name: (cpu - before[name]) / len(numbers) for name, cpu in used().items()})
        side.rates.append(measured.rate)


def report(sides: list[Side]) -> str:
    """CPU of a case by process, and the ratios to the first side: of the round beside it, so that both had the same machine."""
    names = ("workers", "client", "database")
    rows = []
    for side in sides:
        each = [median(one[name] for one in side.rounds) for name in names]
        pairs = list(zip(side.rounds, sides[0].rounds, strict=True))
        own = median((a["workers"] + a["client"]) / (b["workers"] + b["client"]) for a, b in pairs)
        whole = median(sum(a.values()) / sum(b.values()) for a, b in pairs)
        rows.append(
            (side.name, *(f"{ms:.1f}" for ms in each), f"{own:.2f}", f"{whole:.2f}", f"{median(side.rates):.1f}")
        )
    head = ("CPU ms a case", "workers", "client", "database server", "ratio", "with the server", "cases/s")
    return table(head, rows)


def main(argv: list[str] | None = None) -> None:
    """The command. Exit code 1 with a reason when a load hangs or a case is not approved."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.databases", description="A case on PostgreSQL and on SQLite."
    )
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--cases", type=int, default=60, help="cases of one round on one database")
    parser.add_argument("--in-flight", type=int, default=8)
    parser.add_argument("--workers", type=int, default=1, help="worker processes of a third side, on PostgreSQL")
    given = parser.parse_args(argv)
    if (why := throwaway_postgres.unavailable_reason()) is not None:
        sys.exit(f"bench: {why}")
    home = Path(tempfile.mkdtemp(prefix="umpire-bench-"))
    try:
        with throwaway_postgres.cluster() as address:
            sides = asyncio.run(_measure(home, address.format(name="postgres"), given))
    except (TimeoutError, RuntimeError) as error:
        sys.exit(f"bench: {str(error) or 'a load hangs: its operations do not end'}")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sys.stdout.write(report(sides) + "\n")


if __name__ == "__main__":
    main()
