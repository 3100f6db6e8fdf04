"""Rejections of messages: the error that carries the broken rules to whoever sent an update.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio.exceptions import ApplicationError

from domain import limits
from domain.cases.case import Case
from domain.cases.messages import BaseMessage, MessageResult
from domain.errors import RuleViolation


def reject_early(case: Case, message: BaseMessage, find: Callable[[], tuple[RuleViolation, ...]]) -> None:
    """Reject a message in an update validator, without a trace in the history: for a limit that it exceeds, or for what `find`
    finds. A repeat passes, and so does all that comes before the case has begun. Raises ApplicationError."""
    if not case.is_opened or message.message_id in case.answers:
        return
    broken = limits.message_violations(message) or find()
    if broken:
        raise rejection_error(
            MessageResult(message_id=message.message_id, accepted=False, says="Refused.", refusals=broken)
        )


def rejection_error(answer: MessageResult) -> ApplicationError:
    """The error that carries every rule violation to the caller."""
    reasons = "; ".join(str(refusal) for refusal in answer.refusals)
    details: list[Any] = [refusal.model_dump(mode="json") for refusal in answer.refusals]
    return ApplicationError(reasons, *details, type="Refused", non_retryable=True)
