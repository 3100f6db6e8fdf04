"""Carried out of domain/retrospective_file.py."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.retrospective.case import RetrospectiveFile


class RetrospectiveStart(BaseModel):
    """What starts a retrospective review: its number, and when its claim arrived. The claim lies in the store."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    case_id: str
    received_at: AwareDatetime
    carried: RetrospectiveFile | None = None


class RetrospectiveResult(BaseModel):
    """How it ended. `review` is the case that decided what had not been authorized; None when there was nothing to decide."""

    model_config = ConfigDict(frozen=True)

    case_id: str
    review: str | None
    review_status: str | None
