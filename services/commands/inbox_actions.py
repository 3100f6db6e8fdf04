"""Actions of people on arrivals in the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain.decisions.closing_facts import misdirection_violations
from domain.decisions.closings import Misdirection
from domain.errors import Refused
from services import access
from store import inbox
from store.inbox import InboxItem


def resolve_items(
    s: Session, inbox_ids: Sequence[int], reviewer_id: str, note: str, at: datetime
) -> tuple[InboxItem, ...]:
    """Resolve arrivals that a person has handled: each keeps who, when and the note. All of them, or none.

    Raises NotOnFile, and Refused for other roles and for items not open.
    """
    access.require_role(s, access.RESOLVE_INBOX, reviewer_id)
    return tuple(inbox.resolve(s, inbox_id, reviewer_id, note, at) for inbox_id in dict.fromkeys(inbox_ids))


def select_items(s: Session, rule: str | None, sender: str | None) -> tuple[InboxItem, ...]:
    """Open arrivals that were rejected by this rule and came from this sender (None: any)."""
    return tuple(
        item
        for item in inbox.list_open(s)
        if (rule is None or any(problem.rule == rule for problem in item.problems))
        and (sender is None or item.sender == sender)
    )


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
