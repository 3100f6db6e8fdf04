"""Health check endpoint of the worker, for a supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType

from temporalio.worker import Worker

log = logging.getLogger("umpire.health")
PATIENCE_SECONDS = 2.0
"""Time a client has to send its request line; the response is the same for every request."""


class Pulse:
    """Proof, taken again and again, that a part of the worker does its work; it is alive while the last one is recent."""

    def __init__(self, name: str, beat: Callable[[], Awaitable[None]], every: float = 10, lasts: float = 60) -> None:
        self.name, self._beat, self._every, self._lasts = name, beat, every, lasts
        self._last: float | None = None

    @property
    def is_alive(self) -> bool:
        return self._last is not None and asyncio.get_running_loop().time() - self._last <= self._lasts

    async def run(self) -> None:
        """Beat until canceled. One that hangs or fails gives no proof, whatever it is that hinders it."""
        while True:
            try:
                async with asyncio.timeout(self._lasts / 2):
                    await self._beat()
                self._last = asyncio.get_running_loop().time()
            except Exception as error:
                log.warning("no proof of work by %s: %s", self.name, type(error).__name__)
            await asyncio.sleep(self._every if self._last is not None else min(self._every, 0.5))


class HealthServer:
    """Answers any HTTP request with 200 while every worker runs and every pulse is alive, else with 503 and what is not.
    Without a port it does nothing."""

    def __init__(self, port: int | None, workers: Sequence[Worker], pulses: Sequence[Pulse] = ()) -> None:
        self._port, self._workers, self._pulses = port, workers, pulses
        self._beating: list[asyncio.Task[None]] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> HealthServer:
        if self._port is not None:
            self._server = await asyncio.start_server(self._answer, "127.0.0.1", self._port)
            self._beating = [asyncio.create_task(pulse.run()) for pulse in self._pulses]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._beating:
            task.cancel()
        await asyncio.gather(*self._beating, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(TimeoutError, ValueError, ConnectionError):
            await asyncio.wait_for(reader.readline(), PATIENCE_SECONDS)
        still = [] if all(worker.is_running for worker in self._workers) else ["worker"]
        still += [pulse.name for pulse in self._pulses if not pulse.is_alive]
        status, body = (
            ("503 Service Unavailable", f"not working: {', '.join(still)}\n") if still else ("200 OK", "running\n")
        )
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write((head + body).encode())
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()
