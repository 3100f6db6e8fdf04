"""Activity inputs and results of a concern."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.model import Model
from domain.vocabulary import ConcernKind


class ConcernInput(Model):
    """Input of the lookup of a concern's context. `raised_at` (UTC) is when its time begins."""

    about_case_id: str
    kind: ConcernKind
    member_id: str
    raised_at: AwareDatetime
    now: AwareDatetime


class InvolvedReviewersInput(Model):
    """Input of the lookup of the reviewers involved in a case."""

    about_case_id: str


class InvolvedReviewers(Model):
    """The reviewers who acted on a case or hold one of its tasks, by id."""

    reviewer_ids: tuple[str, ...]
