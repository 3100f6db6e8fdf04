"""What a discharge plan is told: by the people who work on it, by its stay, by the QIO, and by the reviews it asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.cases.messages import ClaimTask, CompleteTask, Message, ReassignTask, ReleaseTask, ReviewAnswered
from domain.stays.plan_messages import QioNews, TellPlan


class Readmitted(Message):
    """The member is in a hospital again. It is linked and shown; nothing is decided by it."""

    type: Literal["readmitted"] = "readmitted"
    stay_id: str
    admitted_at: AwareDatetime


PlanMessage = Annotated[
    ClaimTask | ReleaseTask | ReassignTask | CompleteTask | TellPlan | QioNews | ReviewAnswered | Readmitted,
    Field(discriminator="type"),
]
