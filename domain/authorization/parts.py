"""What a case is made of besides its lines and tasks: where a line stands, what is asked, what was missed."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel


class Route(StrEnum):
    """Where a line stands."""

    NEW = "new"
    NOT_REQUIRED = "not_required"
    APPROVED_BY_RULE = "approved_by_rule"
    ASKED = "asked"
    NURSE = "nurse"
    PHYSICIAN = "physician"
    APPROVED = "approved"
    DECIDED = "decided"


ANSWERED = frozenset({Route.NOT_REQUIRED, Route.APPROVED_BY_RULE, Route.APPROVED, Route.DECIDED})
"""Nothing is left to do for a line that stands here."""


class InformationRequest(BaseModel):
    """The one question to the provider: what is missing, and how long the clock lets us wait for it.

    `hours_given` is set where the law gives a time of its own; it counts from the instant at which the letter left.
    """

    asked_at: AwareDatetime
    wait_until: AwareDatetime
    line_ids: tuple[str, ...]
    facts: tuple[str, ...] = ()
    hours_given: int | None = None
    answered_at: AwareDatetime | None = None
    wait_ended: bool = False

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and not self.wait_ended


class PeerToPeer(BaseModel):
    """The offer of a call before an adverse decision. It ends with the call, with a no, or by itself at `until`."""

    offered_at: AwareDatetime
    until: AwareDatetime
    result: str | None = None
    ended: bool = False

    @property
    def is_settled(self) -> bool:
        return self.ended or self.result in ("held", "declined", "provider_no_show")


class Forwarding(BaseModel):
    """The case file that a missed clock sends to somebody outside, without anybody asking: by which clock, and when it went."""

    rule_id: str
    to: str
    missed_rule: str
    owed_since: AwareDatetime
    task_id: str | None = None
    forwarded_at: AwareDatetime | None = None
