"""What a concern and a callback are told: what is done with their tasks. And the note that a concern leaves elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.messages import ClaimTask, CompleteTask, Message, ReassignTask, ReleaseTask

ContactMessage = Annotated[ClaimTask | ReleaseTask | ReassignTask | CompleteTask, Field(discriminator="type")]


class NoteConcern(Message):
    """A concern was raised about this dossier. Nothing but its number is told: what it says is kept with the concern."""

    type: Literal["note_concern"] = "note_concern"
    concern_id: str
