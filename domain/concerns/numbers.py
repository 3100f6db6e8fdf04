"""What a message for a callback and a concern are: the same again is the same one.

Their numbers travel in workflow ids. They are keyed hashes that tell nobody who called or what was raised.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from domain.journal import canonical


def raising_id_for(identity: Sequence[str], key: bytes) -> str:
    """The id of the message that raises a concern: dossier, task, kind, who, and what was said. 128 bits, keyed."""
    return hmac.new(key, canonical(["concern", *identity]), hashlib.sha256).hexdigest()[:32]
