"""Health check endpoint of the worker, for a supervisor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from types import TracebackType

from temporalio.worker import Worker

PATIENCE_SECONDS = 2.0
"""Time a client has to send its request line; the response is the same for every request."""


class HealthServer:
    """Answers any HTTP request with 200 while every worker runs, else with 503. Without a port it does nothing."""

    def __init__(self, port: int | None, workers: Sequence[Worker]) -> None:
        self._port, self._workers = port, workers
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> HealthServer:
        if self._port is not None:
            self._server = await asyncio.start_server(self._answer, "127.0.0.1", self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(TimeoutError, ValueError, ConnectionError):
            await asyncio.wait_for(reader.readline(), PATIENCE_SECONDS)
        healthy = all(worker.is_running for worker in self._workers)
        status, body = ("200 OK", "running\n") if healthy else ("503 Service Unavailable", "not running\n")
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write((head + body).encode())
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()
