"""Actions of people on arrivals in the inbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services import access
from store import inbox
from store.inbox import InboxItem


def resolve_item(s: Session, inbox_id: int, reviewer_id: str, note: str, at: datetime) -> InboxItem:
    """Resolve an arrival that a person has handled. Raises NotOnFile, and Refused for other roles and for items not open."""
    access.require_role(s, access.RESOLVE_INBOX, reviewer_id)
    return inbox.resolve(s, inbox_id, reviewer_id, note, at)
