"""Carried out of domain/case_parts.py."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel

from domain.clocks.consequences import Liability, Telling
from domain.clocks.engine import DueKind


class MissedClock(BaseModel):
    """A due instant that passed without its duty done. Never removed.

    It keeps what its clock said about a miss: the clock may change or go later, what was missed does not.
    """

    rule_id: str
    kind: DueKind
    due_at: AwareDatetime
    effect: str | None
    words: str | None = None
    citation: str | None = None
    told: Telling | None = None
    next_rule: str | None = None
    forward_to: str | None = None
    liability: Liability | None = None
