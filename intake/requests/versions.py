"""Stored versions of a request, as an arrival finds them: those before the one that the arrival itself made."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from domain.journal import EntryKind
from domain.requests.request import AuthorizationRequest, RequestAction
from store import inbox, journal, requests
from store.inbox import InboxItem
from store.requests import StoredRequest


def load_earlier_versions(
    s: Session, case_id: str, item: InboxItem
) -> tuple[tuple[StoredRequest, ...], StoredRequest | None]:
    """The versions before the one that this item made (all of them when it made none yet), and that one."""
    newest = requests.load(s, case_id)
    versions = [*(requests.load(s, case_id, number) for number in range(1, newest.version)), newest]
    made = next((version for version in versions if version.inbox_id == item.inbox_id), None)
    return tuple(version for version in versions if made is None or version.version < made.version), made


def latest_request(versions: Sequence[StoredRequest]) -> StoredRequest:
    """The latest of these versions that asks for care and does not only cancel."""
    return next(v for v in reversed(versions) if v.request.action is not RequestAction.CANCEL or v.version == 1)


def is_copy(s: Session, item: InboxItem, earlier: Sequence[StoredRequest]) -> bool:
    """Whether another arrival of the very same bytes made one of these versions. A fax comes twice: what it said was taken over
    when it first came, and takes nothing back that was said since."""
    makers = (inbox.get(s, version.inbox_id) for version in earlier if version.inbox_id not in (None, item.inbox_id))
    return any(maker.sha256 == item.sha256 for maker in makers)


def was_heard(s: Session, case_id: str, item: InboxItem) -> bool:
    """Whether the case took over what the item asks for, before it closed: a message acts when its document arrived."""
    heard = (EntryKind.REQUEST_CORRECTED, EntryKind.INFORMATION_RECEIVED, EntryKind.WITHDRAWN)
    return any(entry.kind in heard and entry.at == item.received_at for entry in journal.entries(s, case_id))


def added_document_ids(before: AuthorizationRequest, after: AuthorizationRequest) -> tuple[str, ...]:
    """Ids of the documents that only the later version has."""
    known = {document.document_id for document in before.documents}
    return tuple(document.document_id for document in after.documents if document.document_id not in known)
