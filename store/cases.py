"""Read models of cases, for lists and screens."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.cases.views import CaseLetter, CaseStatus, CaseView, LineView
from domain.vocabulary import Lob, ProcessKind
from store import tables

_C = tables.cases


def get(s: Session, case_id: str) -> CaseView | None:
    view = s.execute(select(_C.c.view).where(_C.c.case_id == case_id)).scalar_one_or_none()
    return None if view is None else CaseView.model_validate(view)


def find(
    s: Session,
    *,
    status: CaseStatus | None = None,
    lob: Lob | None = None,
    member_id: str | None = None,
    process: ProcessKind | None = None,
    due_before: datetime | None = None,
    limit: int | None = None,
) -> tuple[CaseView, ...]:
    """The cases that match every given filter, the earliest decision due first and those without one last.

    `process` None means all kinds: requests, stays, and every other kind of case.
    """
    query = select(_C.c.view).order_by(_C.c.decision_due.asc().nulls_last(), _C.c.case_id)
    if status is not None:
        query = query.where(_C.c.status == status.value)
    if lob is not None:
        query = query.where(_C.c.lob == lob.value)
    if member_id is not None:
        query = query.where(_C.c.member_id == member_id)
    if process is not None:
        # Views written before there were other processes name none.
        query = query.where(func.coalesce(_C.c.view["process"].as_string(), ProcessKind.REQUEST.value) == process.value)
    if due_before is not None:
        query = query.where(_C.c.decision_due < due_before)
    return tuple(CaseView.model_validate(view) for view in s.scalars(query.limit(limit)))


def clocks(s: Session, case_id: str) -> tuple[JsonValue, ...]:
    """All clocks of the case as last journaled, as JSON."""
    table = tables.case_clocks
    query = select(table.c.clock).where(table.c.case_id == case_id).order_by(table.c.position)
    return tuple(s.scalars(query))


def lines(s: Session, case_id: str) -> tuple[LineView, ...]:
    """The service lines of the case, by line id."""
    table = tables.case_lines
    query = select(table.c.line).where(table.c.case_id == case_id).order_by(table.c.line_id)
    return tuple(LineView.model_validate(line) for line in s.scalars(query))


def letters(s: Session, case_id: str) -> tuple[CaseLetter, ...]:
    """The letters of the case in order of writing."""
    table = tables.case_letters
    query = select(table.c.letter).where(table.c.case_id == case_id).order_by(table.c.written_at, table.c.letter_id)
    return tuple(CaseLetter.model_validate(letter) for letter in s.scalars(query))
