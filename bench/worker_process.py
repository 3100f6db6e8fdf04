"""Worker process of a benchmark run: `python -m bench.worker_process cases|bare ADDRESS HOME THREADS CACHED`.

Writes `ready` to its standard output, answers each line on its standard input with the timings so far, ends on SIGTERM.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import Worker

from bench.baseline_workflows import Bare, Null, Parked, nothing
from bench.processes import OF_RUN, REPLY_PREFIX
from bench.timing import Stopwatch
from engine.client import connect
from engine.settings import Settings
from worker import SANDBOX, Dependencies, WorkerLimits, build_worker, run


def settings(address: str, home: Path) -> Settings:
    """The settings of every process of the run: a server and a store of its own, on a database server if one is named."""
    named = {setting: os.environ[given] for given, setting in OF_RUN.items() if given in os.environ}
    return Settings.from_environment({"TEMPORAL_ADDRESS": address, "UMPIRE_HOME": str(home), **named})


async def serve(role: str, address: str, home: Path, threads: int, cached: int) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    watch, given = Stopwatch(), settings(address, home)
    config = (await connect(given)).config()
    config["interceptors"] = [watch]
    client = Client(**config)
    limits = WorkerLimits(activities=threads, cached_workflows=cached)
    if role == "cases":
        worker = build_worker(client, Dependencies.embedded(given, limits.threads), given.task_queue, limits)
    else:
        worker = _bare_worker(client, limits)
    async with worker:
        _print_reply("ready")
        talking = asyncio.create_task(_answer_requests(watch))
        await stop.wait()
        talking.cancel()
    await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends


def _bare_worker(client: Client, limits: WorkerLimits) -> Worker:
    return Worker(
        client,
        task_queue="bare",
        workflows=[Null, Bare, Parked],
        activities=[nothing],
        activity_executor=ThreadPoolExecutor(limits.activities),
        workflow_runner=SANDBOX,  # the engine as it comes, so that releases are compared with the same yardstick
        max_concurrent_workflow_tasks=limits.workflow_tasks,
        max_concurrent_activities=limits.activities,
        max_concurrent_local_activities=limits.activities,
        max_cached_workflows=limits.cached_workflows,
    )


async def _answer_requests(watch: Stopwatch) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        _print_reply(json.dumps(watch.take()))


def _print_reply(line: str) -> None:
    sys.stdout.write(f"{REPLY_PREFIX}{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    run(serve(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])))
    os._exit(0)
