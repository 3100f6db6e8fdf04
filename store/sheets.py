"""What stays, discharge plans and other processes show of themselves."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases.views import ProcessKind, Sheet
from store import tables

_S = tables.sheets


def get(s: Session, case_id: str) -> Sheet | None:
    """The sheet of one process, or None."""
    found = s.execute(select(_S.c.sheet).where(_S.c.case_id == case_id)).scalar_one_or_none()
    return None if found is None else Sheet.model_validate(found)


def all_of(s: Session, process: ProcessKind) -> dict[str, Sheet]:
    """Every sheet of a kind of process, by dossier."""
    query = select(_S.c.case_id, _S.c.sheet).where(_S.c.process == process.value).order_by(_S.c.case_id)
    return {row.case_id: Sheet.model_validate(row.sheet) for row in s.execute(query)}
