"""Encryption of payloads: keys rotate, tampering is noticed, and failures are as secret as what failed."""

from __future__ import annotations

import base64

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from engine.client import data_converter
from engine.codec import KeyringCodec, is_sealed
from engine.keyring import KeyringError, parse_keyring

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
CLEAR = Payload(metadata={"encoding": b"json/plain"}, data=b'"Alma Whitfield"')


async def sealed(ring: dict[str, bytes]) -> Payload:
    (payload,) = await KeyringCodec(ring).encode([CLEAR])
    return payload


async def test_what_is_sealed_shows_nothing_but_the_key_id_and_opens_again() -> None:
    payload = await sealed({"new": NEW})
    assert b"Whitfield" not in payload.SerializeToString()
    assert payload.metadata["key-id"] == b"new"
    assert await KeyringCodec({"new": NEW}).decode([payload]) == [CLEAR]


async def test_the_same_content_is_never_sealed_alike() -> None:
    assert (await sealed({"new": NEW})).data != (await sealed({"new": NEW})).data


async def test_after_a_rotation_the_old_key_still_opens_and_the_new_one_seals() -> None:
    before = await sealed({"old": OLD})
    ring = {"new": NEW, "old": OLD}
    assert await KeyringCodec(ring).decode([before]) == [CLEAR]
    assert (await sealed(ring)).metadata["key-id"] == b"new"


async def test_a_key_that_was_retired_too_early_is_named() -> None:
    with pytest.raises(KeyringError, match="no key 'old'"):
        await data_converter({"new": NEW}).decode([await sealed({"old": OLD})], [dict])


async def test_what_no_key_opens_stays_sealed_and_keeps_nothing_beside_it_from_being_read() -> None:
    strange = await sealed({"old": OLD})
    assert await KeyringCodec({"new": NEW}).decode([strange, await sealed({"new": NEW})]) == [strange, CLEAR]
    assert is_sealed(strange) and not is_sealed(CLEAR)


@pytest.mark.parametrize("change", ["data", "key-id", "short", "no key-id"])
async def test_a_payload_that_was_changed_does_not_open(change: str) -> None:
    payload = await sealed({"new": NEW})
    match change:
        case "data":
            payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])
        case "key-id":
            payload.metadata["key-id"] = b"old"
        case "short":
            payload.data = b"\x00\x01"
        case "no key-id":
            del payload.metadata["key-id"]
    with pytest.raises(KeyringError):
        await data_converter({"new": NEW, "old": OLD}).decode([payload], [dict])


async def test_histories_from_before_the_keyring_stay_readable() -> None:
    assert await KeyringCodec({"new": NEW}).decode([CLEAR]) == [CLEAR]


async def test_messages_of_failures_are_sealed_too() -> None:
    converter = data_converter({"new": NEW})
    failure = Failure()
    await converter.encode_failure(ApplicationError("Alma Whitfield's record", "details of E11.9"), failure)
    raw = failure.SerializeToString()
    assert b"Whitfield" not in raw and b"E11.9" not in raw
    back = await converter.decode_failure(failure)
    assert isinstance(back, ApplicationError) and back.message == "Alma Whitfield's record"


def keyring(*pairs: tuple[str, bytes]) -> str:
    return ",".join(f"{name}={base64.b64encode(key).decode()}" for name, key in pairs)


def test_a_keyring_keeps_its_order_so_that_the_first_key_is_the_current_one() -> None:
    assert list(parse_keyring(keyring(("new", NEW), ("old", OLD)))) == ["new", "old"]


@pytest.mark.parametrize(
    "text",
    ["", " , ", "new", "=" + base64.b64encode(NEW).decode(), "new=!!!", keyring(("new", b"short"))],
)
def test_a_keyring_that_cannot_be_used_is_refused_without_showing_a_key(text: str) -> None:
    with pytest.raises(KeyringError) as refused:
        parse_keyring(text)
    assert "short" not in str(refused.value) or "32" in str(refused.value)


def test_two_keys_under_one_id_are_refused() -> None:
    with pytest.raises(KeyringError, match="twice"):
        parse_keyring(keyring(("new", NEW), ("new", OLD)))
