"""Carried out of domain/case.py."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.authorization.case import Case


class CaseStart(BaseModel):
    """What starts a case: its number and where its request lies in the store.

    `carried` is the case itself when a long history goes on in a new run.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    case_id: str
    request_version: int
    received_at: AwareDatetime
    carried: Case | None = None
