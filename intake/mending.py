"""Arrivals that could not be read, mended by a person and sent again under their first receipt."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.errors import refusal
from domain.vocabulary import ArrivalKind
from intake.submission import submit
from services import access
from services.context import ServiceContext, SubmissionResult, SubmissionStatus
from store import inbox
from store.inbox import InboxItem, InboxStatus


async def resubmit_mended(services: ServiceContext, inbox_id: int, mended: bytes, reviewer_id: str) -> SubmissionResult:
    """Submit the document as this reviewer mended it, received when its first copy was: the clock runs from there.

    The first arrival keeps its bytes; it is resolved once the mended one is understood. Raises NotOnFile, and Refused for other
    roles, for an arrival that is not open, and for one of another kind than a request.
    """
    first = await services.read(_openable, inbox_id, reviewer_id)
    found = await submit(services, mended, first.channel, first.sender, first.received_at)
    if found.kind not in (SubmissionStatus.REFUSED, SubmissionStatus.STORED):
        note = f"Mended, and submitted again as INBOX-{found.inbox_id}: {found.says}"
        await services.write(inbox.resolve, inbox_id, reviewer_id, note, services.clock())
    return found


def _openable(s: Session, inbox_id: int, reviewer_id: str) -> InboxItem:
    access.require_role(s, access.RESOLVE_INBOX, reviewer_id)
    item = inbox.get(s, inbox_id)
    if item.status is not InboxStatus.REFUSED:
        raise refusal("inbox.open", "The arrival is not open any more.", "Look at what became of it.")
    if item.kind not in (None, ArrivalKind.REQUEST):
        raise refusal(
            "inbox.kind", "Only requests are mended here.", "Ask the sender to send it again, or enter it by hand."
        )
    return item
