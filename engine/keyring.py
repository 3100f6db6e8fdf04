"""Keyring of the payload encryption, as it is set in the environment."""

from __future__ import annotations

import base64
import binascii


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
