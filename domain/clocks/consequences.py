"""What a missed clock does, as data of its rule: the law's effect, who is told, what it starts, who pays."""

from __future__ import annotations

from enum import StrEnum

from domain.clocks.terms import Effect
from domain.model import Model


class Telling(StrEnum):
    """When the member is told of a miss by a notice of its own.

    `always`: the law asks for the notice, or the member has to know what happens next, whatever is decided meanwhile.
    `unless_approved`: the notice only opens a way against an answer that is missing; an approval of everything that comes
    before the notice is written leaves nothing to go against, and then the approval says that it is late.
    """

    ALWAYS = "always"
    UNLESS_APPROVED = "unless_approved"


class Bearer(StrEnum):
    """Who pays because a clock was missed."""

    PLAN = "plan"


class Liability(Model):
    """Who bears which cost because of a miss, and until when, in words that end up in letters (no full stop)."""

    bearer: Bearer
    pays_for: str
    until: str
    cite: str


class Consequence(Model):
    """What a missed clock does; the note says what has to be done.

    `next_rule` is the clock that the miss starts (by the event `time_expired`, at the due instant); `forward_to` names to whom
    the case file goes by that clock; `told` says when the member gets a notice of the miss.

    A clock that was recorded before a case could do these things lacks `told`: its case goes on as it began, with no new
    duties, because the steps of a running case follow from what stands in its history.
    """

    effect: Effect
    note: str
    told: Telling | None = None
    next_rule: str | None = None
    forward_to: str | None = None
    liability: Liability | None = None
