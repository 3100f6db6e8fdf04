"""Packing of large payloads: Temporal takes none of more than two million bytes, and a large case is larger as text."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING = b"binary/umpire-zlib"
PACKED_ABOVE = 1_000_000
"""Bytes above which a payload is packed. Smaller ones stay as they are, readable for whoever looks at a history."""
MOST_BYTES = 50_000_000
"""Bytes that a packed payload may have unpacked: nothing of Umpire comes near, and a sender's trick fills no memory."""


class PackingCodec(PayloadCodec):
    """Packs large payloads, which another codec may then encrypt. What cannot be unpacked stays as it is, for its receiver to
    refuse."""

    def __init__(self, then: PayloadCodec | None = None) -> None:
        self._then = then

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        packed = [_pack(payload) for payload in payloads]
        return packed if self._then is None else await self._then.encode(packed)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        opened = payloads if self._then is None else await self._then.decode(payloads)
        return [_unpack(payload) for payload in opened]


def _pack(payload: Payload) -> Payload:
    if len(payload.data) <= PACKED_ABOVE:
        return payload
    return Payload(metadata={"encoding": ENCODING}, data=zlib.compress(payload.SerializeToString()))


def _unpack(payload: Payload) -> Payload:
    if payload.metadata.get("encoding") != ENCODING:
        return payload
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(payload.data, MOST_BYTES)
        return Payload.FromString(content) if unpacking.eof else payload
    except (zlib.error, DecodeError):
        return payload
