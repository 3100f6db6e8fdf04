"""Workflow input of an authorization case."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.authorization.case import AuthorizationCase


class AuthorizationStart(BaseModel):
    """The case number and the stored version of its request.

    `carried` is the case itself after a continue-as-new. Everything else is only where to look: receipt and version are those
    of the stored request.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    case_id: str
    request_version: int
    received_at: AwareDatetime
    carried: AuthorizationCase | None = None
