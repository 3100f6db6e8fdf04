"""Stored versions of a case's request, and what was said of it that changed nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.requests.request import RequestAction
from store import inbox, requests
from store.requests import StoredRequest


def load_current_version(s: Session, case_id: str) -> StoredRequest:
    """The newest version of the request that is not a cancellation. Raises NotOnFile when there is no such case."""
    newest = requests.load(s, case_id)
    while newest.request.action is RequestAction.CANCEL and newest.version > 1:
        newest = requests.load(s, case_id, newest.version - 1)
    return newest


def proposed_changes(s: Session, case_id: str, until: datetime | None = None) -> tuple[str, ...]:
    """The changes that others than the requester, or an older document, proposed, in sentences: they changed nothing. Those
    received up to `until` (UTC); None: all."""
    return tuple(
        f"Inbox item {item.inbox_id}, from {item.sender or 'an unnamed sender'}: {problem.message}. It changed nothing."
        + (f" Intake: {item.note}" if item.note else "")
        for item in inbox.proposals(s, case_id)
        for problem in item.problems
        if problem.about_case == case_id and (until is None or item.received_at <= until)
    )
