"""Lookup of a case of any process by its number, also before its workflow has opened it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.case_numbers import CasePrefix, kind_of
from domain.errors import NotOnFile
from services.request_versions import load_current_version
from store import cases, inbox, stays


def normalize_case_number(said: str) -> str:
    """The case number as stored: upper case, with the prefix of an authorization where none was typed."""
    number = said.strip().upper()
    return number if kind_of(number) else f"{CasePrefix.REQUEST}{number}"


def is_on_file(s: Session, case_id: str) -> bool:
    """Whether anything is on file under this number."""
    return member_id_of(s, case_id) is not None


def member_id_of(s: Session, case_id: str) -> str | None:
    """The id of the case's member; empty where the case has no known member, None when there is no such case."""
    view = cases.get(s, case_id)
    if view is not None:
        return view.member_id
    stay = stays.get(s, case_id)
    if stay is not None:
        return stay.member_id
    try:
        return load_current_version(s, case_id).request.member.member_id
    except NotOnFile:
        return "" if inbox.of_case(s, case_id) else None
