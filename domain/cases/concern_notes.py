"""What a concern and a callback are told: what is done with their tasks. And the note that a concern leaves elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.cases import receipt as reception
from domain.cases.case import Dossier
from domain.cases.messages import Answer, ClaimTask, CompleteTask, Message, ReassignTask, ReleaseTask
from domain.errors import Refusal
from domain.journal import EntryKind


def note(dossier: Dossier, message: NoteConcern, now: datetime) -> Answer:
    """Keep the note, once however often it comes."""
    return reception.receive(dossier, message, now, _nothing_refused, _keep)


def _nothing_refused(dossier: Dossier, message: NoteConcern, now: datetime) -> tuple[Refusal, ...]:
    return ()


def _keep(dossier: Dossier, message: NoteConcern, now: datetime) -> str:
    says = f"A concern was raised: {message.concern_id}."
    dossier.note(EntryKind.CONCERN_RAISED, message.at, says, message.actor, concern=message.concern_id)
    return says


ContactMessage = Annotated[ClaimTask | ReleaseTask | ReassignTask | CompleteTask, Field(discriminator="type")]


class NoteConcern(Message):
    """A concern was raised about this dossier. Nothing but its number is told: what it says is kept with the concern."""

    type: Literal["note_concern"] = "note_concern"
    concern_id: str
