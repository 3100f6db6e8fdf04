"""Large payloads travel packed, and nothing that somebody else packed can stop a reader."""

from __future__ import annotations

import zlib

import pytest
from temporalio.api.common.v1 import Payload

from engine.client import data_converter
from engine.packing import ENCODING, PACKED_ABOVE, PackingCodec

LARGE = {"words": "one line after the other " * (3 * PACKED_ABOVE // 25)}
KEYS = {"k": bytes(range(32))}


@pytest.mark.parametrize("ring", [{}, KEYS], ids=["in the clear", "encrypted"])
async def test_a_state_that_temporal_would_not_take_travels_packed(ring: dict[str, bytes]) -> None:
    converter = data_converter(ring)
    (payload,) = await converter.encode([LARGE])
    assert len(payload.data) < 2_000_000 < len(LARGE["words"])
    assert await converter.decode([payload], [dict]) == [LARGE]


async def test_what_is_small_stays_readable_in_the_history() -> None:
    (payload,) = await data_converter({}).encode([{"words": "few"}])
    assert payload.data == b'{"words":"few"}'


@pytest.mark.parametrize("data", [b"", b"no zlib", zlib.compress(b"no payload"), zlib.compress(bytes(60_000_000))])
async def test_what_cannot_be_unpacked_stays_as_it_is_and_keeps_nothing_beside_it_from_being_read(data: bytes) -> None:
    strange = Payload(metadata={"encoding": ENCODING}, data=data)
    beside = Payload(metadata={"encoding": b"json/plain"}, data=b"1")
    assert await PackingCodec().decode([strange, beside]) == [strange, beside]
