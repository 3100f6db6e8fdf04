"""Case numbers of callbacks, and the salts of their message documents."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from domain.case_numbers import CasePrefix, keyed_number
from domain.journal import canonical_json


def callback_id_for(identity: Sequence[str], key: bytes) -> str:
    """The callback's number, for example ``CB-7K3QX2MDVH5A``: sixty bits of HMAC-SHA256 under the installation's key."""
    return keyed_number(CasePrefix.CALLBACK, ["callback", *identity], key)


def message_salt_for(callback_id: str, key: bytes) -> str:
    """The salt in a message's document, so that nobody can find a telephone number by trying hashes of documents."""
    return hmac.new(key, canonical_json(["seal", callback_id]), hashlib.sha256).hexdigest()
