"""Parts of an authorization case: line routes, information request, peer-to-peer, and IRE forwarding."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel


class Route(StrEnum):
    """The route of a line through the review."""

    NEW = "new"
    NOT_REQUIRED = "not_required"
    APPROVED_BY_RULE = "approved_by_rule"
    ASKED = "asked"
    NURSE = "nurse"
    PHYSICIAN = "physician"
    APPROVED = "approved"
    DECIDED = "decided"


ANSWERED_ROUTES = frozenset({Route.NOT_REQUIRED, Route.APPROVED_BY_RULE, Route.APPROVED, Route.DECIDED})
"""Routes of lines that are decided: nothing is left to do for them."""


class InformationRequest(BaseModel):
    """The information request to the provider: the missing facts, and the time to answer that the clock allows.

    `hours_given` is set where the law sets a time of its own; it counts from the mailing of the letter.
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
    """The offer of a peer-to-peer call before an adverse decision. It ends with the call, when declined, or at `until`."""

    offered_at: AwareDatetime
    until: AwareDatetime
    result: str | None = None
    ended: bool = False

    @property
    def is_settled(self) -> bool:
        return self.ended or self.result in ("held", "declined", "provider_no_show")


class IreForwarding(BaseModel):
    """The forwarding of the case file to the IRE after a missed clock: under which rule, and when it was sent."""

    rule_id: str
    to: str
    missed_rule: str
    owed_since: AwareDatetime
    task_id: str | None = None
    forwarded_at: AwareDatetime | None = None
