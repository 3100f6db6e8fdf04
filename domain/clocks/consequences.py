"""Consequences of a missed clock, as data of its rule: legal effect, notice, next clock, and liability."""

from __future__ import annotations

from enum import StrEnum

from domain.clocks.terms import MissedClockEffect
from domain.model import Model


class MissNoticeRule(StrEnum):
    """Rule for the notice to the member about a missed deadline.

    `always`: the law asks for the notice, or the member has to know what happens next, whatever is decided meanwhile.
    `unless_approved`: the notice only opens an appeal against a missing answer; a full approval before the notice is written
    leaves nothing to appeal, and then the approval says that it is late.
    """

    ALWAYS = "always"
    UNLESS_APPROVED = "unless_approved"


class LiableParty(StrEnum):
    """The party that pays because a clock was missed."""

    PLAN = "plan"


class Liability(Model):
    """The party that bears a cost because of a miss, and until when, in wording for letters (no final period)."""

    bearer: LiableParty
    pays_for: str
    until: str
    cite: str


class Consequence(Model):
    """The consequence of a missed clock; the note says what has to be done.

    `next_rule` is the clock that the miss starts (by the event `time_expired`, at the due instant); `forward_to` names the
    recipient of the case file by that clock; `told` says when the member gets a notice of the miss.

    A clock recorded by an earlier version lacks `told`: its case continues as it began, without new duties, because the
    steps of a running case follow from its history.
    """

    effect: MissedClockEffect
    note: str
    told: MissNoticeRule | None = None
    next_rule: str | None = None
    forward_to: str | None = None
    liability: Liability | None = None
