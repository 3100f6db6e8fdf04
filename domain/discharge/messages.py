"""Messages to a discharge plan: from the people who work on it, its stay, the QIO, and the reviews it requested."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.cases.messages import BaseMessage, ClaimTask, CompleteTask, ReassignTask, ReleaseTask, ReviewAnswered
from domain.stays.plan_messages import QioUpdate, StayChanged


class MemberReadmitted(BaseMessage):
    """The member was admitted again. The readmission is linked and shown; nothing is decided by it."""

    type: Literal["readmitted"] = "readmitted"
    stay_id: str
    admitted_at: AwareDatetime


DischargeMessage = Annotated[
    ClaimTask | ReleaseTask | ReassignTask | CompleteTask | StayChanged | QioUpdate | ReviewAnswered | MemberReadmitted,
    Field(discriminator="type"),
]
