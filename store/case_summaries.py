"""Summaries of stays, discharge plans and other cases, as folded from the journal."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases.views import CaseSummary
from domain.vocabulary import ProcessKind
from store import tables

_S = tables.sheets


def get(s: Session, case_id: str) -> CaseSummary | None:
    """The summary of one case, or None."""
    found = s.execute(select(_S.c.sheet).where(_S.c.case_id == case_id)).scalar_one_or_none()
    return None if found is None else CaseSummary.model_validate(found)


def of_process(s: Session, process: ProcessKind) -> dict[str, CaseSummary]:
    """Every summary of one kind of process, by case."""
    query = select(_S.c.case_id, _S.c.sheet).where(_S.c.process == process.value).order_by(_S.c.case_id)
    return {row.case_id: CaseSummary.model_validate(row.sheet) for row in s.execute(query)}
