"""The worker as a service: it says why it cannot start, answers on its ports, and leaves in order when it is told to."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from engine import binaries
from engine.embedded import find_free_port
from engine.observing.measures import metric_names

pytestmark = pytest.mark.many

ROOT = Path(__file__).resolve().parents[1]


async def started(home: Path, environment: Mapping[str, str], *flags: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "worker.py"),
        *flags,
        cwd=ROOT,
        env=os.environ | {"UMPIRE_HOME": str(home)} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def said(process: asyncio.subprocess.Process) -> str:
    out, _ = await asyncio.wait_for(process.communicate(), 40)
    return out.decode()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("UMPIRE_PORT", "seven", "UMPIRE_PORT: got 'seven'; expected a port number"),
        ("UMPIRE_KEYRING", "broken", "each key is written id=<base64 of 32 bytes>"),
        ("DATABASE_URL", "mysql://h/d", "store.address"),
        ("UMPIRE_MODE", "production", "UMPIRE_DEPLOYMENT: not set"),
        ("UMPIRE_RULEBOOK", "nowhere", "UMPIRE_RULEBOOK names a folder without clock rules"),
    ],
)
async def test_a_worker_that_cannot_start_says_why_and_exits_with_2(
    name: str, value: str, why: str, tmp_path: Path
) -> None:
    process = await started(tmp_path, {name: value})
    text = await said(process)
    assert process.returncode == 2
    assert why in text and "Traceback" not in text


async def test_a_worker_told_to_stop_while_it_looks_for_its_server_stops(tmp_path: Path) -> None:
    process = await started(tmp_path, {"TEMPORAL_ADDRESS": f"127.0.0.1:{find_free_port()}"})
    assert process.stdout is not None
    async for line in process.stdout:
        if b"trying again" in line:
            break
    process.send_signal(signal.SIGTERM)
    assert "Traceback" not in await said(process)
    assert process.returncode == 0


@pytest.mark.devserver
async def test_a_worker_answers_on_its_ports_and_leaves_in_order_on_sigterm(tmp_path: Path) -> None:
    health, metrics = find_free_port(), find_free_port()
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"), dev_server_log_level="error"
    ) as server:
        address = {"TEMPORAL_ADDRESS": server.client.service_client.config.target_host}
        flags = ("--health-port", str(health), "--metrics-port", str(metrics))
        process = await started(tmp_path, address, *flags)
        assert process.stdout is not None
        async for line in process.stdout:
            if b"worker started on umpire" in line:
                break
        while b"200 OK" not in await asked(health, "/healthz"):
            pass
        page = b""
        while b"umpire_measured_at_seconds" not in page or b"umpire_store_turn_wait_seconds_bucket" not in page:
            page = await asked(metrics, "/metrics")
        names = {line.split(b"{")[0].split(b" ")[0].decode() for line in page.splitlines() if not line.startswith(b"#")}
        assert names >= {"temporal_worker_task_slots_available", "temporal_num_pollers"}, "the dashboard reads these"
        assert {name for name in names if name.startswith("umpire_")} <= metric_names()
        second = await started(tmp_path, address, *flags)
        assert second.returncode is None and "Traceback" not in await said(second)
        assert second.returncode == 2, "its ports are taken"
        process.send_signal(signal.SIGTERM)
        assert "worker stopping" in await said(process)
        assert process.returncode == 0


@pytest.mark.devserver
async def test_a_namespace_that_does_not_exist_is_said_plainly(tmp_path: Path) -> None:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"), dev_server_log_level="error"
    ) as server:
        address = {"TEMPORAL_ADDRESS": server.client.service_client.config.target_host, "TEMPORAL_NAMESPACE": "nowhere"}
        process = await started(tmp_path, address)
        text = await said(process)
    assert process.returncode == 2
    assert "nowhere" in text and "Traceback" not in text


async def asked(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer
