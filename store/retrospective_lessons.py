"""What retrospective reviews learned, read from their sheets."""

from __future__ import annotations

from pydantic import AwareDatetime, ValidationError
from sqlalchemy.orm import Session

from domain.cases.views import ProcessKind
from domain.model import Model
from domain.retrospective.parts import Lesson, Stage
from domain.retrospective.views import RetrospectiveSheet
from store import sheets


class RecordedLesson(Model):
    """A lesson with the review that it comes from."""

    case_id: str
    claim_number: str
    stage: Stage
    what_went_wrong: str
    suggestion: str
    recorded_by: str
    at: AwareDatetime


def every(s: Session, stage: Stage | None = None) -> tuple[RecordedLesson, ...]:
    """The lessons of all reviews (about this stage), the newest first."""
    found = [
        _recorded(case_id, shown.claim_number, lesson)
        for case_id, sheet in sheets.all_of(s, ProcessKind.RETROSPECTIVE_REVIEW).items()
        if (shown := _read(sheet.content)) is not None
        for lesson in shown.lessons
        if stage is None or lesson.stage is stage
    ]
    return tuple(sorted(found, key=lambda lesson: (lesson.at, lesson.case_id), reverse=True))


def _read(content: object) -> RetrospectiveSheet | None:
    try:
        return RetrospectiveSheet.model_validate(content)
    except ValidationError:
        return None  # a sheet of an older shape


def _recorded(case_id: str, claim_number: str, lesson: Lesson) -> RecordedLesson:
    return RecordedLesson(case_id=case_id, claim_number=claim_number, **lesson.model_dump())
