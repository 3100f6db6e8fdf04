"""Record of who has seen which case, and when: written with every view, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from domain.model import Model
from store.accounts import tables
from store.dialect import insert_new

_T = tables.case_views


class CaseSight(Model):
    """One look at a case, by one request of a browser or program. `subject` is the reviewer's id or the provider's NPI, `what`
    the part of the case ('case', 'journal', 'letter', ...); `allowed` is False where it was told that there is no such case.
    `at` is UTC."""

    request_id: str
    case_id: str
    at: AwareDatetime
    account_id: str
    subject: str
    what: str
    allowed: bool = True


def record(s: Session, sight: CaseSight) -> None:
    """Record the view; the same request records it once for each case."""
    insert_new(s, _T, sight.model_dump())


def select_sights(
    s: Session,
    limit: int,
    *,
    case_id: str | None = None,
    subject: str | None = None,
    refused_only: bool = False,
    older_than: tuple[datetime, str, str] | None = None,
    also: Sequence[ColumnElement[bool]] = (),
) -> tuple[CaseSight, ...]:
    """The views that match, the latest first; `older_than` is instant (UTC), request and case of the last one on the page
    before."""
    keys = (_T.c.at, _T.c.request_id, _T.c.case_id)
    query = select(_T).where(*also).order_by(*(key.desc() for key in keys)).limit(limit)
    if case_id is not None:
        query = query.where(_T.c.case_id == case_id)
    if subject is not None:
        query = query.where(_T.c.subject == subject)
    if refused_only:
        query = query.where(_T.c.allowed.is_(False))
    if older_than is not None:
        at, request_id, seen = older_than
        same = and_(_T.c.at == at, or_(_T.c.request_id < request_id, _same_request_before(request_id, seen)))
        query = query.where(or_(_T.c.at < at, same))
    return tuple(CaseSight(**row._mapping) for row in s.execute(query))


def _same_request_before(request_id: str, case_id: str) -> ColumnElement[bool]:
    return and_(_T.c.request_id == request_id, _T.c.case_id < case_id)
