"""What people tell a running retrospective review, and what the review that it asked for answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.cases.messages import (
    ClaimTask,
    CompleteTask,
    Message,
    NoteDuplicate,
    ReassignTask,
    ReleaseTask,
    ReviewAnswered,
)
from domain.retrospective.parts import Stage, Suspicion
from domain.vocabulary import ConcernKind


class RaiseConcern(Message):
    """Somebody has a concern about the quality or the safety of the care: it goes to a process of its own."""

    type: Literal["raise_concern"] = "raise_concern"
    kind: ConcernKind
    what: str = Field(min_length=1)


class ReferToCompliance(Message):
    """A suspicion of fraud or misrepresentation, or a question of coverage: compliance looks into it."""

    type: Literal["refer_to_compliance"] = "refer_to_compliance"
    suspicion: Suspicion
    what: str = Field(min_length=1)


class RecordLesson(Message):
    """What fell short, where in the process, and what would help the next time."""

    type: Literal["record_lesson"] = "record_lesson"
    stage: Stage
    what_went_wrong: str = Field(min_length=1)
    suggestion: str = Field(min_length=1)


RetrospectiveMessage = Annotated[
    ClaimTask
    | ReleaseTask
    | ReassignTask
    | CompleteTask
    | NoteDuplicate
    | ReviewAnswered
    | RaiseConcern
    | ReferToCompliance
    | RecordLesson,
    Field(discriminator="type"),
]
