"""The processes of a chaos run, each started again when it has ended, and the ways to kill them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine import embedded
from engine.child_process import ChildProcess
from tests.chaos.chronicle import Chronicle
from tests.paths import ROOT

AT_ONCE, MID_WRITE, AFTER_WRITE, BACKEND = "at once", "in the middle of a write", "right after a write", "one backend"
_SIGNALS = {MID_WRITE: signal.SIGUSR1, AFTER_WRITE: signal.SIGUSR2}
_WRITE_SECONDS = 5.0
"""Time in which a process that shall die at its next write has one; then it is killed as it is."""
_START_SECONDS = 60.0
_PAUSE_SECONDS = 0.3


class KillableProcess(Protocol):
    """A process that can be started again."""

    name: str

    @property
    def pid(self) -> int | None: ...
    @property
    def ended(self) -> int | None: ...
    def start(self) -> None: ...


@dataclass
class Component:
    """A process with the question that tells whether it works."""

    process: KillableProcess
    is_ready: Callable[[], bool]

    @property
    def runs(self) -> bool:
        return self.process.pid is not None and self.process.ended is None


class Supervisor:
    """Starts every process again that has ended, a moment later, as any supervisor of services does."""

    def __init__(self, components: Mapping[str, Component], chronicle: Chronicle) -> None:
        self.components, self._chronicle = components, chronicle
        self.pause = asyncio.Lock()
        """Held while a process is being killed, so that its death is seen before it is started again."""

    async def run(self) -> None:
        while True:
            async with self.pause:
                for name, component in self.components.items():
                    if component.process.ended is not None:
                        self._chronicle.restarts[name] += 1
                        component.process.start()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def until_ready(self, name: str) -> None:
        """Wait until the component works. Raises TimeoutError with its name after a minute."""
        until = asyncio.get_running_loop().time() + _START_SECONDS
        component = self.components[name]
        while not (component.runs and await asyncio.to_thread(component.is_ready)):
            if asyncio.get_running_loop().time() > until:
                raise TimeoutError(f"the {component.process.name} does not come up again")
            await asyncio.sleep(0.1)


async def kill_process(process: KillableProcess, way: str) -> str | None:
    """Kill the process in this way; the way in which it died, None when it had ended before."""
    pid = process.pid
    if pid is None or process.ended is not None:
        return None
    if way in _SIGNALS:
        os.kill(pid, _SIGNALS[way])
        until = asyncio.get_running_loop().time() + _WRITE_SECONDS
        while process.ended is None and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        if process.ended is not None:
            return way if process.ended == -signal.SIGKILL else AT_ONCE
        way = AT_ONCE
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    while process.ended is None:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return way if process.ended == -signal.SIGKILL else None


def kill_one_of(pids: list[int], dice: random.Random) -> bool:
    """Kill one of the processes; whether one was there."""
    with contextlib.suppress(ProcessLookupError, IndexError):
        os.kill(dice.choice(pids), signal.SIGKILL)
        return True
    return False


def temporal_server(home: Path, port: int) -> Component:
    """The dev server with its state in a file."""
    command = embedded.dev_server_command(home / "temporal.db", port, ui=False)
    quiet = {**os.environ, "TEMPORAL_VERSION_CHECK_DISABLED": "1"}
    process = ChildProcess("Temporal server", command, home / "logs" / "temporal.log", quiet)
    return Component(process, lambda: not embedded.is_port_free(port))


def worker_process(home: Path, environment: Mapping[str, str]) -> Component:
    """A worker, with few cases in memory: after each kill they are replayed from their histories anyway."""
    port = embedded.find_free_port()
    arguments = ["worker", "--activities", "8", "--workflow-tasks", "10", "--grace", "1", "--health-port", str(port)]
    process = ChildProcess("worker", mortal_command(*arguments), home / "logs" / "worker.log", environment)
    return Component(process, lambda: not embedded.is_port_free(port))


def mllp_listener(home: Path, port: int, environment: Mapping[str, str]) -> Component:
    """`umpire listen`."""
    command = mortal_command("umpire", "listen", "--port", str(port))
    process = ChildProcess("MLLP listener", command, home / "logs" / "listener.log", environment)
    return Component(process, lambda: not embedded.is_port_free(port))


def mortal_command(*arguments: str) -> list[str]:
    """The command line of a process of Umpire that can be told to die at its next write."""
    return [sys.executable, "-m", "tests.chaos.mortal_process", *arguments]


def process_environment(home: Path, database_url: str | None, temporal_port: int) -> dict[str, str]:
    """The environment of every process of the run: nothing of the caller's own installation gets in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UMPIRE_", "TEMPORAL_"))}
    kept.pop("DATABASE_URL", None)
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    given = {"UMPIRE_HOME": str(home), "UMPIRE_PORT": str(temporal_port), "PYTHONPATH": str(ROOT)}
    given |= {"TEMPORAL_ADDRESS": f"{embedded.HOST}:{temporal_port}", "PYTHONPYCACHEPREFIX": str(home / "bytecode")}
    return kept | given | ({"DATABASE_URL": database_url} if database_url else {})
