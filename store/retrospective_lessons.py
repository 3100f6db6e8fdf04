"""Process improvement findings of retrospective reviews, read from their summaries."""

from __future__ import annotations

from pydantic import AwareDatetime, ValidationError
from sqlalchemy.orm import Session

from domain.model import Model
from domain.retrospective.parts import Lesson, ProcessStage
from domain.retrospective.views import RetrospectiveSummary
from domain.vocabulary import ProcessKind
from store import case_summaries


class RecordedLesson(Model):
    """A process improvement finding with the review that recorded it."""

    case_id: str
    claim_number: str
    stage: ProcessStage
    what_went_wrong: str
    suggestion: str
    recorded_by: str
    at: AwareDatetime


def all_lessons(s: Session, stage: ProcessStage | None = None) -> tuple[RecordedLesson, ...]:
    """The findings of all reviews (about this stage), the newest first."""
    found = [
        _recorded(case_id, shown.claim_number, lesson)
        for case_id, sheet in case_summaries.of_process(s, ProcessKind.RETROSPECTIVE_REVIEW).items()
        if (shown := _read(sheet.content)) is not None
        for lesson in shown.lessons
        if stage is None or lesson.stage is stage
    ]
    return tuple(sorted(found, key=lambda lesson: (lesson.at, lesson.case_id), reverse=True))


def _read(content: object) -> RetrospectiveSummary | None:
    try:
        return RetrospectiveSummary.model_validate(content)
    except ValidationError:
        return None  # a summary of an older format


def _recorded(case_id: str, claim_number: str, lesson: Lesson) -> RecordedLesson:
    return RecordedLesson(case_id=case_id, claim_number=claim_number, **lesson.model_dump())
