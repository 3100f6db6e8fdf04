"""Actions of people on arrivals in the inbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.decisions.closing_facts import misdirection_violations
from domain.decisions.closings import Misdirection
from domain.errors import Refused
from services import access
from store import inbox
from store.inbox import InboxItem


def resolve_item(s: Session, inbox_id: int, reviewer_id: str, note: str, at: datetime) -> InboxItem:
    """Resolve an arrival that a person has handled. Raises NotOnFile, and Refused for other roles and for items not open."""
    access.require_role(s, access.RESOLVE_INBOX, reviewer_id)
    return inbox.resolve(s, inbox_id, reviewer_id, note, at)


def forward_item(s: Session, inbox_id: int, reviewer_id: str, sent: Misdirection, at: datetime) -> InboxItem:
    """Resolve an arrival that is another plan's and was forwarded as `sent` says. Raises as `resolve_item` does, and Refused
    without proof. The note keeps the first arrival, which stays the receipt."""
    access.require_role(s, access.RESOLVE_INBOX, reviewer_id)
    first = inbox.get(s, inbox_id).received_at
    if broken := tuple(misdirection_violations(first, sent, at)):
        raise Refused(broken)
    note = (
        f"Forwarded to {sent.to} by {sent.channel.value.replace('_', ' ')} ({sent.address}) at {sent.sent_at.isoformat()}; "
        f"proof: {sent.proof}; first arrived {first.isoformat()}."
    )
    return inbox.resolve(s, inbox_id, reviewer_id, note, at)
