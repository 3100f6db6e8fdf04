"""Carried out of domain/identity.py."""

from __future__ import annotations

import base64
import hashlib
import hmac

from domain.journal import canonical


def _keyed(identity: list[object], key: bytes) -> str:
    digest = hmac.new(key, canonical(identity), hashlib.sha256).digest()
    return base64.b32encode(digest[:8]).decode()[:12]
