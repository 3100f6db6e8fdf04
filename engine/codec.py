"""Encryption of every payload that passes through Temporal: AES-256-GCM with a keyring.

A payload is encrypted with the current key and can be read with any key of the ring, so keys rotate without losing running
cases; a key may be retired once no history encrypted with it is retained.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, EncodingPayloadConverter, PayloadCodec

from engine.keyring import KeyringError
from engine.payload_converter import LenientPayloadConverter

ENCODING = b"binary/umpire-aes-gcm"
NONCE_BYTES = 12


class KeyringCodec(PayloadCodec):
    """Encrypts with the first key of the ring, decrypts with whichever key the payload names.

    What no key opens stays sealed: the codec sees what everybody sends, and one payload must not keep the others from being
    read. Whoever wants its value gets a KeyringError (`SealedPayloads`).
    """

    def __init__(self, ring: dict[str, bytes]) -> None:
        self._current = next(iter(ring))
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.items()}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._open(payload) for payload in payloads]

    def _seal(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, payload.SerializeToString(), self._current.encode())
        return Payload(metadata={"encoding": ENCODING, "key-id": self._current.encode()}, data=nonce + sealed)

    def _open(self, payload: Payload) -> Payload:
        if not is_sealed(payload):
            return payload
        key_id = payload.metadata["key-id"].decode(errors="replace") if "key-id" in payload.metadata else ""
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            return payload
        try:
            return Payload.FromString(
                cipher.decrypt(payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:], key_id.encode())
            )
        except (InvalidTag, ValueError, DecodeError):
            return payload


class SealedPayloads(EncodingPayloadConverter):
    """The converter of payloads that no key opened: they have no value. Raises KeyringError."""

    @property
    def encoding(self) -> str:
        return ENCODING.decode()

    def to_payload(self, value: Any) -> Payload | None:
        return None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        key_id = payload.metadata["key-id"].decode(errors="replace") if "key-id" in payload.metadata else ""
        raise KeyringError(
            f"no key '{key_id}' in the keyring opens this payload: add it back until its histories are gone; "
            "if it is there, it is another, or the payload was changed"
        )


class KeyringPayloadConverter(LenientPayloadConverter):
    """Pydantic payloads, and a plain error for those that stay sealed."""

    def __init__(self) -> None:
        CompositePayloadConverter.__init__(self, SealedPayloads(), *PydanticPayloadConverter().converters.values())


def is_sealed(payload: Payload) -> bool:
    """Whether a payload is still encrypted after the codec has seen it."""
    return payload.metadata.get("encoding") == ENCODING
