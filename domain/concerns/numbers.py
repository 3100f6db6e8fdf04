"""Message ids of reported concerns: the same report always has the same id.

The ids travel in workflow ids. They are keyed hashes that do not reveal what was reported, or about whom.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from domain.journal import canonical_json


def concern_message_id_for(identity: Sequence[str], key: bytes) -> str:
    """The id of the message that raises a concern, from its case, task, kind, reporter and text. 128 bits, keyed."""
    return hmac.new(key, canonical_json(["concern", *identity]), hashlib.sha256).hexdigest()[:32]
