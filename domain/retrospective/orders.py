"""What a retrospective review orders from the world, and what comes back."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.model import Model
from domain.retrospective.parts import EmergencyJudgment
from domain.retrospective.questions import Question


class ClaimLookOrder(Model):
    """Look at the stored claim of a review, and at what the plan authorized."""

    case_id: str
    now: AwareDatetime


class OpenPostService(Model):
    """Keep a review of these questions as a request, under its own number. Keeping it again makes no second version.

    `judgments` are what clinicians found of the presenting symptoms: whoever decides has them before them.
    """

    case_id: str
    review_id: str
    questions: tuple[Question, ...]
    judgments: tuple[EmergencyJudgment, ...] = ()


class OpenedPostService(Model):
    """The request that a case can be started with. `received_at` is when the claim arrived (UTC)."""

    review_id: str
    request_version: int
    received_at: AwareDatetime
