"""The way into a Temporal server that wants TLS and a certificate of ours, through a real handshake."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.testing import WorkflowEnvironment

from engine import binaries
from engine.client import connect, connection_options
from engine.settings import Settings
from services.diagnosis.findings import FindingLevel
from services.diagnosis.machine_checks import check_settings
from tests.engine.certificates import write_certificates

pytestmark = [pytest.mark.devserver, pytest.mark.timeout(120)]


@asynccontextmanager
async def tls_before(server: str, certificates: Path) -> AsyncIterator[int]:
    """A port at which the server is reached over TLS by whoever has a certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    host, _, port = server.rpartition(":")
    pumps: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        for task in (pump(reader, there_writer), pump(there_reader, writer)):
            pumps.add(asyncio.create_task(task))

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def test_a_server_behind_mtls_is_reached_with_our_certificate_and_not_without(tmp_path: Path) -> None:
    certificates = write_certificates(tmp_path / "pki")
    stranger = write_certificates(tmp_path / "stranger")
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"), dev_server_log_level="error"
    )
    async with environment, tls_before(environment.client.service_client.config.target_host, certificates) as port:
        trusted = {
            "TEMPORAL_ADDRESS": f"127.0.0.1:{port}",
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(certificates / "ca.pem"),
            "TEMPORAL_TLS_SERVER_NAME": "localhost",
        }
        own = _own(certificates)
        client = await connect(Settings.from_environment(trusted | own), patience_seconds=20)
        info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
        assert info.server_version

        for missing in (trusted, trusted | _own(stranger), trusted | own | {"TEMPORAL_TLS_SERVER_NAME": "elsewhere"}):
            with pytest.raises(ConnectionError, match="TEMPORAL_TLS with its certificates"):
                await connect(Settings.from_environment(missing), patience_seconds=0)


def test_a_certificate_that_ends_soon_or_has_ended_is_found(tmp_path: Path) -> None:
    from engine import edge_clock

    for days, level in ((60, FindingLevel.OK), (9, FindingLevel.WARNING), (0, FindingLevel.FAULT)):
        certificates = write_certificates(tmp_path / str(days), days)
        settings = Settings.from_environment({"TEMPORAL_ADDRESS": "t:1"} | _own(certificates))
        found = [one for one in check_settings(settings, edge_clock.now()) if one.rule == "settings.certificate"]
        assert [one.level for one in found] == [level]


def test_an_api_key_goes_over_tls() -> None:
    settings = Settings.from_environment({"TEMPORAL_ADDRESS": "cloud:7233", "TEMPORAL_API_KEY": "token"})
    assert connection_options(settings.temporal_access) == {"tls": True, "api_key": "token"}
    assert "token" not in repr(settings)


def _own(certificates: Path) -> dict[str, str]:
    return {
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(certificates / "client.pem"),
        "TEMPORAL_TLS_CLIENT_KEY_PATH": str(certificates / "client.key"),
    }
