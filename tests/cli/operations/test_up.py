"""`umpire up`, for real: started, hit, stopped, started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine import embedded
from tests.paths import ROOT

START = 60.0
SAMPLES = 18
OUTCOMES = {"open", "approved"}


@dataclass
class Up:
    """A running `umpire up` and what it has said."""

    process: asyncio.subprocess.Process
    environment: dict[str, str]
    said: str = ""

    async def until(self, words: str) -> None:
        """Read on until it says these words. Raises TimeoutError, and AssertionError when it ends before."""
        assert self.process.stdout is not None
        async with asyncio.timeout(START):
            while words not in self.said:
                line = await self.process.stdout.readline()
                assert line, self.said
                self.said += line.decode()

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        await self.until("Stopped.")
        return await self.process.wait()

    def children(self, words: str) -> list[int]:
        found = subprocess.run(["pgrep", "-P", str(self.process.pid), "-f", words], capture_output=True, check=False)
        return [int(pid) for pid in found.stdout.split()]

    def umpire(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cli.main", *words]
        return subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)

    async def cases_once_looked_at(self) -> dict[str, Any]:
        """The cases, once the worker has seen all samples. Raises TimeoutError."""
        async with asyncio.timeout(START):
            while True:
                found = await self.cases()
                if len(found) == SAMPLES and {case["status"] for case in found.values()} == OUTCOMES:
                    return found

    async def cases(self) -> dict[str, Any]:
        listed = await asyncio.to_thread(self.umpire, "cases", "--json")
        return {case["case_id"]: case for case in json.loads(listed.stdout)}


@asynccontextmanager
async def up(home: Path, port: int, web_port: int | None = None, outbox: Path | None = None) -> AsyncIterator[Up]:
    kept = {name: value for name, value in os.environ.items() if name not in ("TEMPORAL_ADDRESS", "DATABASE_URL")}
    environment = kept | {"UMPIRE_HOME": str(home), "UMPIRE_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    environment["UMPIRE_WEB_PORT"] = str(web_port or embedded.find_free_port())
    if outbox is not None:
        environment["UMPIRE_OUTBOX"] = str(outbox)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cli.main",
        "up",
        env=environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        running = Up(process, environment)
        await running.until("Ctrl-C stops everything.")
        yield running
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.devserver
@pytest.mark.timeout(240)
async def test_up_starts_everything_survives_a_kill_stops_cleanly_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    home, port = tmp_path / "home", embedded.find_free_port()
    async with up(home, port) as first:
        assert f"{SAMPLES} cases" in first.said
        assert "http://127.0.0.1:" + first.environment["UMPIRE_WEB_PORT"] in first.said
        before = await first.cases_once_looked_at()
        second = first.umpire("up")
        assert second.returncode == 3 and "is up already" in second.stderr
        (worker,) = first.children("worker.py")
        os.kill(worker, signal.SIGKILL)
        await first.until("The worker ended (code -9) and is started again")
        joined = first.umpire("submit", "samples/requests/home-oxygen-update.json")
        assert joined.returncode in (0, 7), joined.stderr
        assert await first.stop() == 0
        assert first.children("") == []
    assert embedded.is_port_free(port)
    async with up(home, port) as again:
        assert "Submitted" not in again.said and "Loaded" not in again.said
        assert (await again.cases()).keys() == before.keys()
        case_id = next(key for key, case in before.items() if case["status"] == "open")
        said = ("--by", "member", "--person", "The member", "--channel", "phone", "--note", "She called.")
        taken = again.umpire("withdraw", case_id, "--as", "intake.kim", *said)
        assert taken.returncode == 0, taken.stderr
        assert again.umpire("journal", "verify").returncode == 0
        assert await again.stop() == 0


@pytest.mark.devserver
@pytest.mark.timeout(120)
async def test_a_port_in_use_ends_up_at_once_with_the_way_out(tmp_path: Path) -> None:
    port = embedded.find_free_port()
    server = await asyncio.start_server(lambda *_: None, embedded.HOST, port)
    async with server:
        with pytest.raises(AssertionError, match="UMPIRE_PORT"):
            async with up(tmp_path / "home", port):
                pass


@pytest.mark.devserver
@pytest.mark.timeout(120)
async def test_a_port_of_the_pages_in_use_ends_up_with_the_way_out(tmp_path: Path) -> None:
    taken = embedded.find_free_port()
    server = await asyncio.start_server(lambda *_: None, embedded.HOST, taken)
    async with server:
        with pytest.raises(AssertionError, match="UMPIRE_WEB_PORT"):
            async with up(tmp_path / "home", embedded.find_free_port(), taken):
                pass
