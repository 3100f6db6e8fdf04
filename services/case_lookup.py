"""Finding a dossier of any process by its number, whether its workflow has opened it yet or not."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.request_versions import current
from store import cases, inbox, stays

REQUEST = "PA-"
PREFIXES = (REQUEST, "ST-", "DP-", "RR-", "QC-", "CB-")
"""Requests, stays, discharge plans, retrospective reviews, concerns, callbacks."""


def spelled(said: str) -> str:
    """The number that somebody typed, in any case; without a prefix it is that of a request."""
    number = said.strip().upper()
    return number if number.startswith(PREFIXES) else f"{REQUEST}{number}"


def is_known(s: Session, dossier_id: str) -> bool:
    """Whether anything at all is here under this number."""
    return member_of(s, dossier_id) is not None


def member_of(s: Session, dossier_id: str) -> str | None:
    """The member whom a dossier is about; empty for one about nobody known, None when there is no such dossier."""
    view = cases.get(s, dossier_id)
    if view is not None:
        return view.member_id
    stay = stays.get(s, dossier_id)
    if stay is not None:
        return stay.member_id
    try:
        return current(s, dossier_id).request.member.member_id
    except LookupError:
        return "" if inbox.of_case(s, dossier_id) else None
