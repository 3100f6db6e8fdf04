"""Stored versions of a case's request."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.requests.request import RequestAction
from store import requests
from store.requests import StoredRequest


def load_current_version(s: Session, case_id: str) -> StoredRequest:
    """The newest version of the request that is not a cancellation. Raises NotOnFile when there is no such case."""
    newest = requests.load(s, case_id)
    while newest.request.action is RequestAction.CANCEL and newest.version > 1:
        newest = requests.load(s, case_id, newest.version - 1)
    return newest
