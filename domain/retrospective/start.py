"""Workflow input and result of a retrospective review."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.retrospective.case import RetrospectiveCase


class RetrospectiveStart(BaseModel):
    """The input of a retrospective review: its number, and when its claim arrived. The claim is in the store."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    case_id: str
    received_at: AwareDatetime
    carried: RetrospectiveCase | None = None


class RetrospectiveResult(BaseModel):
    """The result of the workflow. `review` is the case that decided unauthorized care; None when nothing was left to decide."""

    model_config = ConfigDict(frozen=True)

    case_id: str
    review: str | None
    review_status: str | None
