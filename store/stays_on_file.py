"""Stays on file, as folded from the journal: what matching, readmissions and the comparison with claims rely on."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from domain.cases.views import CaseView
from domain.errors import Corrupt
from domain.stays.on_file import StayOnFile
from domain.vocabulary import ProcessKind
from store import cases, tables
from store.dialect import upsert

_C, _D = tables.stay_courses, tables.decided_days


def get(s: Session, stay_id: str) -> StayOnFile | None:
    """The stay on file; None while no context of it was looked up. Raises Corrupt for a row that cannot be read."""
    course = s.execute(select(_C).where(_C.c.case_id == stay_id)).mappings().first()
    if course is None:
        return None
    days = s.execute(select(_D).where(_D.c.case_id == stay_id).order_by(_D.c.position)).mappings()
    try:
        return StayOnFile.model_validate(_values(course) | {"days": [_values(row) for row in days]})
    except ValidationError:
        raise Corrupt(f"{stay_id}: its row of stays on file cannot be read") from None


def of_member(s: Session, member_id: str) -> tuple[tuple[CaseView, StayOnFile], ...]:
    """Every stay on file of the member, with its case."""
    found = ((view, get(s, view.case_id)) for view in cases.find(s, member_id=member_id, process=ProcessKind.STAY))
    return tuple((view, stay) for view, stay in found if stay is not None)


def write(s: Session, stay_id: str, stay: StayOnFile) -> None:
    """Replace the stay on file."""
    content = stay.model_dump()
    days = content.pop("days")
    upsert(s, _C, [{"case_id": stay_id} | content])
    s.execute(delete(_D).where(_D.c.case_id == stay_id))
    if days:
        s.execute(insert(_D), [{"case_id": stay_id, "position": place} | row for place, row in enumerate(days)])


def _values(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("case_id", "position")}
