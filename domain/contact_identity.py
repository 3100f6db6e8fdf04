"""What a message for a callback and a concern are: the same again is the same one.

Their numbers travel in workflow ids. They are keyed hashes that tell nobody who called or what was raised.
"""

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


def raising_id_for(identity: Sequence[str], key: bytes) -> str:
    """The id of the message that raises a concern: dossier, task, kind, who, and what was said. 128 bits, keyed."""
    return hmac.new(key, canonical(["concern", *identity]), hashlib.sha256).hexdigest()[:32]


def seal_for(callback_id: str, key: bytes) -> str:
    """What is kept in a message's document so that nobody can find a telephone number by trying hashes of documents."""
    return hmac.new(key, canonical(["seal", callback_id]), hashlib.sha256).hexdigest()
