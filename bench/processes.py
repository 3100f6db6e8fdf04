"""Processes of a benchmark run: a dev server and workers, all on the loopback interface, each with its CPU time."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import embedded
from worker import WorkerLimits

REPLY_PREFIX = "answer: "
"""Prefix of each line that a worker process writes to the run."""
OF_RUN = {"BENCH_DATABASE_URL": "DATABASE_URL", "BENCH_TASK_QUEUE": "UMPIRE_TASK_QUEUE"}
"""Variables by which a run names the store and the queue of a worker process, and the settings that they become."""
_TICKS = os.sysconf("SC_CLK_TCK")
_ROOT = Path(__file__).resolve().parent.parent


def cpu_ms(pid: int) -> float:
    """Milliseconds of CPU that a process has used so far, user and system. Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS


def database_cpu_ms(folder: Path) -> float:
    """The same for a PostgreSQL server over the cluster in `folder`, with all that serve or served its connections."""
    postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    fields = Path(f"/proc/{postmaster}/stat").read_text().rsplit(")", 1)[1].split()
    used = sum(int(field) for field in fields[11:15]) * 1000 / _TICKS
    for child in children:
        with contextlib.suppress(OSError):  # it has ended meanwhile
            used += cpu_ms(int(child))
    return used


def machine_ms() -> float:
    """Milliseconds of CPU that all processes of the machine have used so far."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    idle = fields[3] + fields[4]
    return (sum(fields[:8]) - idle) * 1000 / _TICKS


def rss_kib(pid: int) -> int:
    """KiB of memory that a process holds now (its resident set). Linux only."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


class Server:
    """The embedded dev server as `umpire up` starts it, with its state in `home`."""

    def __init__(self, home: Path) -> None:
        self.port = embedded.find_free_port()
        command = embedded.dev_server_command(home / "temporal.db", self.port, ui=False)
        quiet = {**os.environ, "TEMPORAL_VERSION_CHECK_DISABLED": "1"}
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=quiet)
        self.pid = self._process.pid

    @property
    def address(self) -> str:
        return f"{embedded.HOST}:{self.port}"

    def stop(self) -> None:
        _stop_process(self._process)


class WorkerProcess:
    """A worker in a process of its own; it reports on request the time its activities took."""

    def __init__(
        self,
        role: str,
        address: str,
        home: Path,
        threads: int,
        cached: int = WorkerLimits.cached_workflows,
        database: str | None = None,
        task_queue: str | None = None,
    ) -> None:
        own = dict(zip(OF_RUN, (database, task_queue), strict=True))
        command = [sys.executable, "-m", "bench.worker_process", role, address, str(home), str(threads), str(cached)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=_log(home, role),
            text=True,
            cwd=_ROOT,
            env=_with_bytecode(home) | {name: value for name, value in own.items() if value is not None},
        )
        self.pid = self._process.pid
        self._replies: queue.Queue[str | None] = queue.Queue()
        # The SDK logs on the same pipe: nobody reading it would stop the worker as soon as the pipe is full.
        threading.Thread(target=self._drain, args=(home / f"sdk-{self.pid}.log",), daemon=True).start()
        self._read_reply()

    def timings(self) -> dict[str, Any]:
        """Time of each kind of activity since the last call: count, and lists of milliseconds."""
        assert self._process.stdin is not None
        self._process.stdin.write("timings\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._read_reply())
        return found

    def stop(self) -> None:
        _stop_process(self._process)

    def kill(self) -> None:
        """End it as a loss of power would."""
        self._process.kill()
        self._process.wait()

    def _read_reply(self) -> str:
        """The worker's next reply."""
        reply = self._replies.get()
        if reply is None:
            raise RuntimeError("a worker process ended before its time; its log lies in the run's folder (--keep)")
        return reply

    def _drain(self, log: Path) -> None:
        """Read all that the worker writes: replies are kept for who asks, log lines go to a file."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(REPLY_PREFIX):
                self._replies.put(line.removeprefix(REPLY_PREFIX))
            else:
                with contextlib.suppress(OSError), log.open("a") as kept:
                    kept.write(line)
        self._replies.put(None)


@contextlib.contextmanager
def run_processes(home: Path, threads: int) -> Iterator[tuple[Server, WorkerProcess, WorkerProcess]]:
    """The server, the worker of the cases and the worker of the baselines; all are stopped when the block ends."""
    with contextlib.ExitStack() as stack:
        server = Server(home)
        stack.callback(server.stop)
        workers = []
        for role in ("cases", "bare"):
            worker = WorkerProcess(role, server.address, home, threads)
            stack.callback(worker.stop)
            workers.append(worker)
        yield server, workers[0], workers[1]


def _with_bytecode(home: Path) -> dict[str, str]:
    """The sandbox imports the workflow's file for every case: without compiled files it would compile it every time."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(home / "bytecode")}


def _log(home: Path, role: str) -> Any:
    return (home / f"worker-{role}.log").open("w")


def _stop_process(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
