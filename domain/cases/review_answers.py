"""Checks of a review result before the case that requested the review acts on it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.cases.messages import ReviewAnswered
from domain.cases.views import CaseStatus
from domain.decisions.decision_makers import ByLaw, ByReviewer, DecisionMaker
from domain.errors import RuleViolation, violation
from domain.vocabulary import ADVERSE_OUTCOMES


def _is_signer(by: DecisionMaker | None) -> bool:
    return isinstance(by, ByReviewer) and bool(by.reviewer_id.strip())


def is_approved_by_law(message: ReviewAnswered) -> bool:
    """Whether the law has approved what was asked for, also after a denial that nobody was told of in time."""
    by_law = any(isinstance(line.by, ByLaw) for line in message.lines)
    return by_law and message.status is CaseStatus.APPROVED


def unsigned_violations(message: ReviewAnswered) -> Iterator[RuleViolation]:
    """Every adverse line that names no signer: software may approve, ask or route, never deny."""
    for line in message.lines:
        if line.outcome in ADVERSE_OUTCOMES and not _is_signer(line.by):
            yield violation(
                "answer.unsigned",
                f"Line {line.line_id} is answered adversely, and nobody is named who signed it.",
                "Only the answer of the review itself, with its signer, can be adverse.",
            )
