"""Embedded Temporal dev server: one process, its state in one file. For demonstrations and trials.

Temporal calls it "not intended for production use"; production sets TEMPORAL_ADDRESS to a server of its own.
"""

from __future__ import annotations

import socket
from pathlib import Path

from engine import binaries
from engine.child_process import ChildProcess

HOST = "127.0.0.1"
UI_PORT_OFFSET = 1000
"""The web interface listens this many ports above the server."""

# Measured on two cores: the poll rates are throttles (an activity costs 50 ms instead of 100), one partition shortens the
# tail, write-ahead logging doubles the throughput of a server with a state file.
_QUEUES = ("transfer", "timer", "visibility")
_TUNING = (
    *(f"history.{queue}ProcessorMaxPoll{scope}RPS=100000" for queue in _QUEUES for scope in ("", "Host")),
    "matching.enableFairness=true",  # a server of one's own has it off, unlike priorities
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
)
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")


class PortInUse(ConnectionError):
    """Another program listens on the server's port. The message names the remedy."""


def dev_server(state: Path, port: int, log: Path, *, ui: bool = True) -> ChildProcess:
    """The dev server, not started yet. Raises PortInUse, and FileNotFoundError when its program is missing."""
    if not is_port_free(port):
        raise PortInUse(
            f"Port {port} on {HOST} is in use. Set UMPIRE_PORT to a free one, or TEMPORAL_ADDRESS to use the server there."
        )
    state.parent.mkdir(parents=True, exist_ok=True)
    return ChildProcess("Temporal server", dev_server_command(state, port, ui=ui), log)


def dev_server_command(state: Path, port: int, *, ui: bool) -> list[str]:
    """The command line of the tuned dev server."""
    command = [binaries.find("temporal"), "server", "start-dev", "--ip", HOST, "--port", str(port)]
    command += ["--db-filename", str(state), "--log-level", "warn", "--log-format", "json"]
    command += ["--ui-port", str(port + UI_PORT_OFFSET)] if ui else ["--headless"]
    for setting in _TUNING:
        command += ["--dynamic-config-value", setting]
    for pragma in _PRAGMAS:
        command += ["--sqlite-pragma", pragma]
    return command


def is_port_free(port: int) -> bool:
    """Whether a server could listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def find_free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
