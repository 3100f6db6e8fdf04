"""Workflow input and result of an appeal."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.appeals.case import AppealCase


class AppealStart(BaseModel):
    """The input of an appeal: its number and level, the case whose determination is appealed, the arrival that holds what was
    said, and when it was received (UTC)."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    case_id: str
    level: int
    appealed: str
    inbox_id: int
    received_at: AwareDatetime
    carried: AppealCase | None = None


class AppealResult(BaseModel):
    """The result of the workflow: the review that decided the appeal (None: it was not reviewed), and how it ended."""

    model_config = ConfigDict(frozen=True)

    case_id: str
    review: str | None
    status: str
