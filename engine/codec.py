"""Encryption of every payload that passes through Temporal: AES-256-GCM with a keyring.

A payload is encrypted with the current key and can be read with any key of the ring, so keys rotate without losing running
cases; a key may be retired once no history encrypted with it is retained.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING = b"binary/umpire-aes-gcm"
NONCE_BYTES = 12


class KeyringError(ValueError):
    """The keyring cannot be used. The message never holds key material."""


def parse_keyring(text: str) -> dict[str, bytes]:
    """``"2026b=<base64>,2026a=<base64>"``: key ids with 32-byte keys, the current one first. Raises KeyringError."""
    ring: dict[str, bytes] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key_id, equals, encoded = part.partition("=")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not equals or not key_id or len(key) != 32:
            raise KeyringError(
                "each key is written id=<base64 of 32 bytes>; make one with: head -c 32 /dev/urandom | base64"
            )
        if key_id in ring:
            raise KeyringError(f"the key id '{key_id}' is there twice; give every key an id of its own")
        ring[key_id] = key
    if not ring:
        raise KeyringError("the keyring is empty")
    return ring


class KeyringCodec(PayloadCodec):
    """Encrypts with the first key of the ring, decrypts with whichever key the payload names."""

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
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key_id = payload.metadata["key-id"].decode(errors="replace") if "key-id" in payload.metadata else ""
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise KeyringError(f"no key '{key_id}' in the keyring: add it back until its histories are gone")
        try:
            clear = cipher.decrypt(payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:], key_id.encode())
        except (InvalidTag, ValueError):
            raise KeyringError(
                f"key '{key_id}' does not open this payload: it was changed, or the key is another"
            ) from None
        return Payload.FromString(clear)
