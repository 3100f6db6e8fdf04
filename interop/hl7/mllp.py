"""MLLP server for HL7 v2: the server of the `hl7` package, with blocks read as bytes.

The package decodes before anything is stored, in ASCII by default, and drops bytes that do not fit. Here a block
is passed on exactly as received, framing included, even a truncated one, and one bad block never ends a connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hl7.mllp import start_hl7_server

log = logging.getLogger("umpire.mllp")
START, END = b"\x0b", b"\x1c"
"""Start and end block. Senders that leave out the carriage return after the end block are answered all the same."""
_CHUNK = 1024 * 1024
_PADDING = b"\x0b\x1c\r\n\x00 \t"
_PATIENCE_SECONDS = 0.2
MAX_BLOCK_BYTES = 32 * 1024 * 1024
"""Largest block that is stored whole; of a larger one the beginning is stored and the connection ends."""

MessageHandler = Callable[[bytes, str], Awaitable[Sequence[bytes]]]
"""Handler of a block as received and its sender; gives the acknowledgments without framing. Must not raise."""


class MllpListener:
    """A running server. `stop` waits for the acknowledgments in progress and accepts no new block."""

    def __init__(self, answer: MessageHandler) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._answering: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen there; the port, which the system chooses for port 0. Raises OSError when it is taken."""
        self._server = await start_hl7_server(self._connected, host, port, limit=_CHUNK, encoding="utf-8")
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self, grace_seconds: float = 10.0) -> None:
        if self._server is not None:
            self._server.close()
        waiting = self._connections - self._answering
        for task in waiting:
            task.cancel()
        if self._answering:
            await asyncio.wait(tuple(self._answering), timeout=grace_seconds)
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        peer = writer.get_extra_info("peername")
        sender = f"mllp {peer[0]}" if peer else "mllp"
        try:
            ahead = b""
            while True:
                block, more = await _block(reader, ahead)
                ahead = await _carriage_return(reader) if more else b""
                if ahead == b"\r":
                    block, ahead = block + ahead, b""
                if block.strip(_PADDING):
                    self._answering.add(task)
                    await self._reply(writer, block, sender)
                    self._answering.discard(task)
                if not more or (self._server is not None and not self._server.is_serving()):
                    return
        except ConnectionError:
            log.info("a connection from %s was lost", sender)
        finally:
            self._answering.discard(task)
            self._connections.discard(task)
            writer.close()

    async def _reply(self, writer: Any, block: bytes, sender: str) -> None:
        for answer in await self._answer(block, sender):
            writer.writeblock(answer)
        await writer.drain()


async def _carriage_return(reader: asyncio.StreamReader) -> bytes:
    """The byte after an end block; none when the sender leaves it out and waits for its answer."""
    try:
        return await asyncio.wait_for(reader.read(1), _PATIENCE_SECONDS)
    except TimeoutError:
        return b""


async def _block(reader: asyncio.StreamReader, ahead: bytes) -> tuple[bytes, bool]:
    """The next block with its framing, and whether more may come. A truncated block is given as received, with a start
    block at least: then its bytes say that the end is missing."""
    parts: list[bytes] = [ahead]
    size = 0
    while True:
        try:
            parts.append(await reader.readuntil(END))
            return b"".join(parts), True
        except asyncio.LimitOverrunError as over:
            parts.append(await reader.readexactly(max(over.consumed, 1)))
            size += len(parts[-1])
            if size > MAX_BLOCK_BYTES:
                return _without_end(parts), False
        except asyncio.IncompleteReadError as cut:
            return _without_end([*parts, cut.partial]), False


def _without_end(parts: list[bytes]) -> bytes:
    block = b"".join(parts)
    return block if START in block or not block.strip(_PADDING) else START + block
