"""Lookup of a case of any process by its number, also before its workflow has opened it."""

from __future__ import annotations

from sqlalchemy import String, literal, select
from sqlalchemy.orm import Session

from domain.case_numbers import CasePrefix, kind_of
from domain.errors import NotOnFile
from domain.parity.confidentiality import BEHAVIORAL_LEVELS, Confidentiality, is_behavioral_code
from domain.vocabulary import ServiceKind
from services.case_visibility import BEFORE_OPENING, SEEN_BY, visible_to
from services.principals import Principal
from services.request_versions import load_current_version
from store import cases, inbox, stays
from store.retention import purging


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
    if purging.find_purge(s, case_id) is not None:
        return None
    stay = stays.get(s, case_id)
    if stay is not None:
        return stay.member_id
    try:
        return load_current_version(s, case_id).request.member.member_id
    except NotOnFile:
        return "" if inbox.of_case(s, case_id) else None


def sees_case(s: Session, reader: Principal | None, case_id: str) -> bool:
    """Whether there is such a case for this reader (None: the operator at the command line)."""
    if not is_on_file(s, case_id):
        return False
    conditions = visible_to(reader, literal(case_id, String()))
    if not all(s.execute(select(condition)).scalar() for condition in conditions):
        return False
    if reader is None or reader.npi is not None or cases.get(s, case_id) is not None:
        return True
    return not _asks_for_behavioral_care(s, case_id) or bool(
        reader.roles & (SEEN_BY[Confidentiality.BEHAVIORAL] | BEFORE_OPENING)
    )


def _asks_for_behavioral_care(s: Session, case_id: str) -> bool:
    """Whether the request of a case that is not opened yet is about behavioral health."""
    try:
        request = load_current_version(s, case_id).request
    except NotOnFile:
        return False
    return request.service_kind is ServiceKind.BEHAVIORAL or any(
        is_behavioral_code(line.code) or line.level_of_care in BEHAVIORAL_LEVELS for line in request.lines
    )
