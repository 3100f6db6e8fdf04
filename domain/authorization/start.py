"""Workflow input of an authorization case."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from domain.authorization.case import AuthorizationCase

UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)


class AuthorizationStart(BaseModel):
    """The case number and the stored version of its request.

    `carried` is the case itself after a continue-as-new. Everything else is only where to look: receipt and version are those
    of the stored request. `is_unreadable`: what was given as the start is none; the case is still the one of its number.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    case_id: str
    request_version: int
    received_at: AwareDatetime
    carried: AuthorizationCase | None = None
    is_unreadable: bool = Field(default=False, exclude=True)

    @model_validator(mode="wrap")
    @classmethod
    def _read_whatever_was_sent(
        cls, given: Any, read: ModelWrapValidatorHandler[AuthorizationStart], info: ValidationInfo
    ) -> AuthorizationStart:
        """Off the wire an unreadable start is marked as such: one that cannot be read at all would stop its case forever."""
        try:
            return read(given)
        except ValidationError:
            if info.mode != "json":
                raise
            return UNREADABLE_START


UNREADABLE_START = AuthorizationStart(case_id="", request_version=1, received_at=UNKNOWN, is_unreadable=True)
