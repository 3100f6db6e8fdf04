"""The embedded server and the programs that run beside a process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from engine import embedded
from engine.child_process import ChildProcess

SAY_UP = "import signal, sys; open(sys.argv[1], 'w').write('up')"
PATIENT = f"import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); {SAY_UP}; signal.pause()"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SAY_UP}\nwhile True: signal.pause()"


class Program:
    """A Python program as a child; it says through a pipe that it is up."""

    def __init__(self, folder: Path, program: str) -> None:
        self._pipe = folder / "pipe"
        os.mkfifo(self._pipe)
        command = [sys.executable, "-c", program, str(self._pipe)]
        self.child = ChildProcess("child", command, folder / "logs" / "child.log")

    async def start(self) -> int:
        """Start it and wait until it is up; its process id."""
        self.child.start()
        assert await asyncio.to_thread(self._pipe.read_text) == "up"
        assert self.child.pid is not None
        return self.child.pid


def test_the_dev_server_keeps_its_state_in_a_file_with_a_write_ahead_log(tmp_path: Path) -> None:
    command = " ".join(embedded.dev_server_command(tmp_path / "temporal.db", 7300, ui=True))
    assert f"--db-filename {tmp_path / 'temporal.db'}" in command
    assert "--sqlite-pragma journal_mode=WAL --sqlite-pragma synchronous=NORMAL" in command
    assert "--port 7300" in command and "--ui-port 8300" in command
    assert (
        "history.transferProcessorMaxPollRPS=100000" in command and "matching.numTaskqueueReadPartitions=1" in command
    )


def test_without_a_free_port_for_it_the_web_interface_is_left_out(tmp_path: Path) -> None:
    assert "--headless" in embedded.dev_server_command(tmp_path / "temporal.db", 7300, ui=False)


def test_a_port_in_use_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((embedded.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(embedded.PortInUse, match=f"Port {port} .* UMPIRE_PORT"):
            embedded.dev_server(tmp_path / "temporal.db", port, tmp_path / "log")
    assert embedded.is_port_free(embedded.find_free_port())


async def test_a_child_is_asked_to_end_before_it_is_made_to(tmp_path: Path) -> None:
    program = Program(tmp_path, PATIENT)
    pid = await program.start()
    assert program.child.ended is None
    await program.child.stop(grace_seconds=30)
    assert program.child.pid is None and not is_there(pid)


async def test_a_child_that_does_not_listen_is_ended_when_its_grace_is_over(tmp_path: Path) -> None:
    program = Program(tmp_path, STUBBORN)
    pid = await program.start()
    await program.child.stop(grace_seconds=0.1)
    assert not is_there(pid)


async def test_a_dead_child_is_noticed_and_can_be_started_again(tmp_path: Path) -> None:
    program = Program(tmp_path, PATIENT)
    pid = await program.start()
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(os.waitid, os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert program.child.ended == -signal.SIGKILL
    await program.start()
    assert program.child.ended is None
    await program.child.stop(grace_seconds=30)


async def test_a_log_that_has_grown_large_is_put_aside(tmp_path: Path) -> None:
    program = Program(tmp_path, f"print('anew', flush=True); {SAY_UP}")
    log = program.child.log
    log.parent.mkdir()
    with log.open("wb") as large:
        large.truncate(30 * 1024 * 1024)
    await program.start()
    assert program.child.log_tail() == "anew" and log.with_suffix(".log.old").exists()
    await program.child.stop(grace_seconds=30)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
