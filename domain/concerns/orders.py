"""What concerns and callbacks ask to be looked up."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.model import Model
from domain.vocabulary import ConcernKind


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
