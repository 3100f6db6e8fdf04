"""Encryption of every payload that passes through Temporal: AES-256-GCM with a keyring.

A payload is encrypted with the current key and can be read with any key of the ring, so keys rotate without losing running
cases; a key may be retired once no history encrypted with it is retained.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from engine.keyring import KeyringError

ENCODING = b"binary/umpire-aes-gcm"
NONCE_BYTES = 12


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
