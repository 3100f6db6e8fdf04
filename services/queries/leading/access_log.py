"""Record of who looked at which case, for compliance: by case, by person, the latest first, in pages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.model import Model
from services.case_lookup import normalize_case_number
from services.case_visibility import visible_to
from services.principals import Principal
from store import directory
from store.accounts import case_views, tables
from store.accounts.case_views import CaseSight

PAGE = 50
_JOINT = "_"


class SightRow(CaseSight):
    """A view of a case, with the name of who looked as the directory has it now."""

    name: str


class SightPage(Model):
    """A page of views, the latest first; `after` asks for the next page, None where there is none."""

    rows: tuple[SightRow, ...]
    after: str | None


def list_sights(
    s: Session,
    reader: Principal,
    *,
    case_id: str | None = None,
    subject: str | None = None,
    refused_only: bool = False,
    after: str | None = None,
    limit: int = PAGE,
) -> SightPage:
    """Views of one case, or by one person (a reviewer's id or a provider's NPI), or all. `after` is the one of the page before.

    Cases that the reader may not see are left out here as well: the number alone would tell of a concern.
    """
    found = case_views.select_sights(
        s,
        limit + 1,
        case_id=normalize_case_number(case_id) if case_id else None,
        subject=subject.strip() if subject else None,
        refused_only=refused_only,
        older_than=_read_mark(after),
        also=visible_to(reader, tables.case_views.c.case_id),
    )
    shown = found[:limit]
    names = {one: _name(s, one) for one in {row.subject for row in shown}}
    rows = tuple(SightRow(**dict(row), name=names[row.subject]) for row in shown)
    last = shown[-1] if len(found) > limit else None
    mark = _JOINT.join((last.at.isoformat(), last.request_id, last.case_id)) if last is not None else None
    return SightPage(rows=rows, after=mark)


def _name(s: Session, subject: str) -> str:
    who = directory.provider(s, subject) if subject.isdecimal() else directory.reviewer(s, subject)
    return who.name if who is not None else subject


def _read_mark(after: str | None) -> tuple[datetime, str, str] | None:
    """The place where a page goes on; a mark that is none begins at the top."""
    parts = (after or "").split(_JOINT)
    if len(parts) != 3:
        return None
    try:
        at = datetime.fromisoformat(parts[0])
    except ValueError:
        return None
    return (at, parts[1], parts[2]) if at.tzinfo is not None else None
