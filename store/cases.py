"""Read models of cases, for lists and screens."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases.views import CaseLetter, CaseStatus, CaseView, LineView
from domain.vocabulary import ProcessKind
from store import tables
from store.selections import CaseSelection, falls_before

_C = tables.cases


def get(s: Session, case_id: str) -> CaseView | None:
    view = s.execute(select(_C.c.view).where(_C.c.case_id == case_id)).scalar_one_or_none()
    return None if view is None else CaseView.model_validate(view)


def find(
    s: Session,
    *,
    status: CaseStatus | None = None,
    member_id: str | None = None,
    process: ProcessKind | None = None,
    limit: int | None = None,
) -> tuple[CaseView, ...]:
    """The cases of this status, member and kind (None: all), the earliest decision due first and those without one last."""
    return select_cases(s, CaseSelection(status=status, member=member_id, process=process), limit=limit)


def select_cases(s: Session, wanted: CaseSelection, limit: int | None = None) -> tuple[CaseView, ...]:
    """The cases that match the selection, the earliest decision due first and those without one last."""
    query = select(_C.c.view).where(*wanted.conditions(), *falls_before(_C.c.decision_due, wanted.due_before))
    ordered = query.order_by(_C.c.decision_due.asc().nulls_last(), _C.c.case_id).limit(limit)
    return tuple(CaseView.model_validate(view) for view in s.scalars(ordered))


def get_many(s: Session, case_ids: Collection[str]) -> dict[str, CaseView]:
    """The cases among these that are on file, by number."""
    query = select(_C.c.case_id, _C.c.view).where(_C.c.case_id.in_(case_ids))
    return {row.case_id: CaseView.model_validate(row.view) for row in s.execute(query)}


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
