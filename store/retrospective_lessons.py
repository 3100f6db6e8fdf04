"""Process improvement findings of retrospective reviews, as folded from the journal."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from domain.errors import Corrupt
from domain.retrospective.parts import ProcessStage, RecordedLesson
from store import tables

_L = tables.retrospective_lessons


def all_lessons(s: Session, stage: ProcessStage | None = None) -> tuple[RecordedLesson, ...]:
    """The findings of all reviews (about this stage), the newest first. Raises Corrupt for one that cannot be read."""
    query = select(_L).order_by(_L.c.at.desc(), _L.c.case_id.desc(), _L.c.position)
    if stage is not None:
        query = query.where(_L.c.stage == stage.value)
    return tuple(_lesson(dict(row)) for row in s.execute(query).mappings())


def write(s: Session, case_id: str, lessons: Sequence[RecordedLesson]) -> None:
    """Replace the findings of one review."""
    s.execute(delete(_L).where(_L.c.case_id == case_id))
    rows = [{"position": place} | lesson.model_dump() for place, lesson in enumerate(lessons)]
    if rows:
        s.execute(insert(_L), rows)


def _lesson(row: dict[str, object]) -> RecordedLesson:
    del row["position"]
    try:
        return RecordedLesson.model_validate(row)
    except ValidationError:
        raise Corrupt(f"{row['case_id']}: a lesson of it cannot be read") from None
