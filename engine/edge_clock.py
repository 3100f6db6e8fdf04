"""The wall clock, for edges only: where a person or a system acts, their stamp is made here."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


def now() -> datetime:
    """The instant, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def message_id() -> str:
    """A fresh id for a message; a caller who may have to send again keeps it and sends the same one."""
    return secrets.token_hex(8)
