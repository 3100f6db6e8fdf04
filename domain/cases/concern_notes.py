"""Messages of task-driven cases (concerns, callbacks), and the note of a quality concern on the case it is about."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.cases import receipt
from domain.cases.case import Case
from domain.cases.messages import BaseMessage, ClaimTask, CompleteTask, MessageResult, ReassignTask, ReleaseTask
from domain.errors import RuleViolation
from domain.journal import EntryKind


def record_concern(case: Case, message: NoteConcern, now: datetime) -> MessageResult:
    """Record that a quality concern was reported about this case; a repeated message changes nothing."""
    return receipt.receive_message(case, message, now, _no_violations, _journal_concern)


def _no_violations(case: Case, message: NoteConcern, now: datetime) -> tuple[RuleViolation, ...]:
    return ()


def _journal_concern(case: Case, message: NoteConcern, now: datetime) -> str:
    says = f"A concern was raised: {message.concern_id}."
    case.note(EntryKind.CONCERN_RAISED, message.at, says, message.actor, concern=message.concern_id)
    return says


TaskCaseMessage = Annotated[ClaimTask | ReleaseTask | ReassignTask | CompleteTask, Field(discriminator="type")]


class NoteConcern(BaseMessage):
    """A quality concern was reported about this case. Only its number is noted here: its content stays with the concern."""

    type: Literal["note_concern"] = "note_concern"
    concern_id: str
