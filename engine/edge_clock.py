"""Wall clock and message ids for the edges of the system, where a person or another system acts."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


def now() -> datetime:
    """The instant, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def new_message_id() -> str:
    """A new id for a message. A caller that may have to resend keeps the id and sends the same one."""
    return secrets.token_hex(8)
