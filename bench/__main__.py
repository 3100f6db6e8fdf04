"""Benchmark command `python -m bench`: cases against the bare engine, in one run, in a temporary folder."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from bench import report, requests, speed
from bench.case_opener import CaseOpener
from bench.cases import Bench, BenchSize, CaseMeasurements
from bench.processes import run_processes
from bench.worker_process import settings
from engine.client import connect
from engine.settings import TASK_QUEUE
from rulebook.rulebook import load_rulebook
from services.context import ServiceContext
from store.session import open_store

QUICK = BenchSize(rounds=3, null=100, bare=60, cases=60, low=40, in_flight=16, seconds=12)
FULL = BenchSize(rounds=8, null=250, bare=150, cases=150, low=300, in_flight=32, seconds=60)


def main(argv: list[str] | None = None) -> None:
    """The command. Exit code 1 with a reason when a load hangs or a case is not approved."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="What a case costs against the bare engine.")
    parser.add_argument("--full", action="store_true", help="more rounds, more in flight; takes about ten minutes")
    parser.add_argument("--speed-only", action="store_true", help="clocks, criteria and letters only, without a server")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the store, the letters and the logs")
    given = parser.parse_args(argv)
    size = FULL if given.full else QUICK
    timed = speed.measure(load_rulebook({}), 4 if given.full else 1)
    if given.speed_only:
        _print_blocks(report.speed(timed))
        return
    home = Path(tempfile.mkdtemp(prefix="umpire-bench-"))
    try:
        found = asyncio.run(_measure_cases(home, size))
    except (TimeoutError, RuntimeError) as error:
        sys.exit(f"bench: {str(error) or 'a load hangs: its operations do not end'}")
    finally:
        if given.keep:
            _print_progress(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
    _print_blocks(
        report.throughput(found, size.in_flight),
        report.cost(found),
        report.history(found),
        report.latency(found),
        report.activities(found),
        report.speed(timed),
        report.targets(found, timed),
    )


async def _measure_cases(home: Path, size: BenchSize) -> CaseMeasurements:
    _print_progress(f"setting up: a plan with {_members(size)} members, a dev server, two workers")
    store = open_store(f"sqlite:///{home / 'umpire.db'}")
    store.create()
    requests.fill_store(store, _members(size))
    with run_processes(home, threads=16) as (server, cases, bare):
        client = await connect(settings(server.address, home))
        bench = Bench(
            client, CaseOpener(ServiceContext(store, client, TASK_QUEUE)), server, cases, bare, home / "umpire.db"
        )
        found = await bench.run(size, _print_progress)
    store.close()
    await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends
    return found


def _members(size: BenchSize) -> int:
    return 1 + size.rounds * size.cases + 2 * size.low + 2 * size.in_flight + 8


def _print_blocks(*blocks: str) -> None:
    sys.stdout.write("\n\n".join(blocks) + "\n")


def _print_progress(progress: str) -> None:
    sys.stderr.write(f"bench: {progress}\n")


if __name__ == "__main__":
    main()
