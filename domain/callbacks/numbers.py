"""Carried out of domain/contact_identity.py."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from domain.journal import canonical


def callback_id_for(identity: Sequence[str], key: bytes) -> str:
    """The callback's number, for example ``CB-7K3QX2MDVH5A``: sixty bits of HMAC-SHA256 under the installation's key."""
    digest = hmac.new(key, canonical(["callback", *identity]), hashlib.sha256).digest()
    return "CB-" + base64.b32encode(digest[:8]).decode()[:12]


def seal_for(callback_id: str, key: bytes) -> str:
    """What is kept in a message's document so that nobody can find a telephone number by trying hashes of documents."""
    return hmac.new(key, canonical(["seal", callback_id]), hashlib.sha256).hexdigest()
