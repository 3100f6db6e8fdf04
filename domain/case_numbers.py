"""Codes for case numbers: keyed hashes that reveal nothing about the case."""

from __future__ import annotations

import base64
import hashlib
import hmac

from domain.journal import canonical_json


def keyed_code(identity: list[object], key: bytes) -> str:
    digest = hmac.new(key, canonical_json(identity), hashlib.sha256).digest()
    return base64.b32encode(digest[:8]).decode()[:12]
