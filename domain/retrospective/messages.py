"""Messages to a running retrospective review: from staff, and from the review case that it opened."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.cases.messages import (
    BaseMessage,
    ClaimTask,
    CompleteTask,
    NoteDuplicate,
    ReassignTask,
    ReleaseTask,
    ReviewAnswered,
)
from domain.retrospective.parts import ProcessStage, Suspicion
from domain.vocabulary import ConcernKind


class RaiseConcern(BaseMessage):
    """A concern about the quality or safety of the care: it becomes a case of its own."""

    type: Literal["raise_concern"] = "raise_concern"
    kind: ConcernKind
    what: str = Field(min_length=1)


class ReferToCompliance(BaseMessage):
    """A suspicion of fraud or misrepresentation, or a question of coverage, for compliance."""

    type: Literal["refer_to_compliance"] = "refer_to_compliance"
    suspicion: Suspicion
    what: str = Field(min_length=1)


class RecordLesson(BaseMessage):
    """A lesson learned: what fell short, where in the process, and what would help the next time."""

    type: Literal["record_lesson"] = "record_lesson"
    stage: ProcessStage
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
