"""Activity inputs and results of an appeal."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.model import Model


class AppealInput(Model):
    """Input of the lookup of an appeal and of the determination that it is about."""

    case_id: str
    appealed: str
    inbox_id: int
    now: AwareDatetime


class AppealReviewInput(Model):
    """Input to store the review of an appeal as a request, under its own number. Repeating it makes no second version.

    `received_at` (UTC) is the instant from which the time to decide counts.
    """

    case_id: str
    appealed: str
    inbox_id: int
    level: int
    review_id: str
    line_ids: tuple[str, ...]
    received_at: AwareDatetime


class AppealReviewOpened(Model):
    """The stored request with which the review can be started."""

    review_id: str
    request_version: int
