"""The record of a missed clock."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel

from domain.clocks.consequences import Liability, MissNoticeRule
from domain.clocks.engine import DueKind


class MissedClock(BaseModel):
    """A due instant that passed before its duty was done. Never removed.

    It holds the consequences as of the miss: the clock may change or go away later, the missed deadline does not.
    """

    rule_id: str
    kind: DueKind
    due_at: AwareDatetime
    effect: str | None
    words: str | None = None
    citation: str | None = None
    told: MissNoticeRule | None = None
    next_rule: str | None = None
    forward_to: str | None = None
    liability: Liability | None = None
