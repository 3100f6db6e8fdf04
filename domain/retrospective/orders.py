"""Activity inputs and results of a retrospective review."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.model import Model
from domain.retrospective.parts import EmergencyJudgment
from domain.retrospective.questions import ReviewQuestion


class ClaimInput(Model):
    """Input of the lookup of a review's stored claim and of the plan's authorizations."""

    case_id: str
    now: AwareDatetime


class PostServiceReviewInput(Model):
    """Input to store a review of these questions as a request, under its own number. Repeating it makes no second version.

    `judgments` are the clinicians' judgments of the presenting symptoms, for the reviewers of the case.
    """

    case_id: str
    review_id: str
    questions: tuple[ReviewQuestion, ...]
    judgments: tuple[EmergencyJudgment, ...] = ()


class PostServiceReviewOpened(Model):
    """The stored request with which an authorization case can be started. `received_at` is when the claim arrived (UTC)."""

    review_id: str
    request_version: int
    received_at: AwareDatetime
