"""What concerns and callbacks ask to be looked up."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.concern_policy import ConcernKind
from domain.model import Model


class ConcernOrder(Model):
    """Look up what a concern has to know. `raised_at` (UTC) is when its time begins."""

    about_case_id: str
    kind: ConcernKind
    member_id: str
    raised_at: AwareDatetime
    now: AwareDatetime


class InvolvedOrder(Model):
    """Ask who had a part in a dossier."""

    about_case_id: str


class Involved(Model):
    """The reviewers who acted on a dossier or hold one of its tasks, by id."""

    reviewer_ids: tuple[str, ...]


class CallbackOrder(Model):
    """Look up what a callback has to know. `member_id` is empty for a caller who is no member; `left_at` is UTC."""

    member_id: str
    plan_id: str | None
    left_at: AwareDatetime
    now: AwareDatetime
