"""Messages to a running appeal: from staff about its tasks, and from the review that it opened."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.cases.messages import BaseMessage, ClaimTask, CompleteTask, ReassignTask, ReleaseTask, ReviewAnswered


class JoinAppeal(BaseMessage):
    """Another filing about the same determination: it is read with the appeal that is under way."""

    type: Literal["join_appeal"] = "join_appeal"
    inbox_id: int


AppealMessage = Annotated[
    ClaimTask | ReleaseTask | ReassignTask | CompleteTask | ReviewAnswered | JoinAppeal,
    Field(discriminator="type"),
]
