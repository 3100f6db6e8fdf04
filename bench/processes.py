"""The processes of a run: a dev server and workers, all on the loopback interface, each with its CPU time."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import binaries

# The dev server polls its queues at most 20 times a second and splits each task queue in four; WAL halves the cost of a write.
FLAGS = (
    *(f"history.{q}ProcessorMaxPoll{h}RPS=100000" for q in ("transfer", "timer", "visibility") for h in ("", "Host")),
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
)
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
_TICKS = os.sysconf("SC_CLK_TCK")
_ROOT = Path(__file__).resolve().parent.parent


def cpu_ms(pid: int) -> float:
    """Milliseconds of CPU that a process has used so far, user and system. Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS


def machine_ms() -> float:
    """Milliseconds of CPU that all processes of the machine have used so far."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    idle = fields[3] + fields[4]
    return (sum(fields[:8]) - idle) * 1000 / _TICKS


class Server:
    """A file-backed dev server; its state is thrown away with `home`."""

    def __init__(self, home: Path) -> None:
        self.port = _free_port()
        command = [binaries.find("temporal"), "server", "start-dev", "--headless", "--ip", "127.0.0.1"]
        command += ["--port", str(self.port), "--log-level", "never", "--db-filename", str(home / "temporal.db")]
        for flag in FLAGS:
            command += ["--dynamic-config-value", flag]
        for pragma in PRAGMAS:
            command += ["--sqlite-pragma", pragma]
        quiet = {**os.environ, "TEMPORAL_VERSION_CHECK_DISABLED": "1"}
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=quiet)
        self.pid = self._process.pid

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def stop(self) -> None:
        _end(self._process)


class WorkerProcess:
    """A worker in a process of its own; it tells on request what its activities took."""

    def __init__(self, role: str, address: str, home: Path, threads: int) -> None:
        command = [sys.executable, "-m", "bench.worker_process", role, address, str(home), str(threads)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=_log(home, role),
            text=True,
            cwd=_ROOT,
            env=_with_bytecode(home),
        )
        self.pid = self._process.pid
        self._hear()

    def timings(self) -> dict[str, Any]:
        """What each kind of activity took since the last call: count, and lists of milliseconds."""
        assert self._process.stdin is not None
        self._process.stdin.write("timings\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._hear())
        return found

    def stop(self) -> None:
        _end(self._process)

    def _hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a worker process ended before its time; its log lies in the run's folder (--keep)")
        return line


@contextlib.contextmanager
def running(home: Path, threads: int) -> Iterator[tuple[Server, WorkerProcess, WorkerProcess]]:
    """The server, the worker of the cases and the worker of the yardsticks; all ended when the block is left."""
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


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
