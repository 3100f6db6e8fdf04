"""Rules of appeals by line of business: who may appeal, what shows that they may, when the time to decide begins, and where an
appeal goes that the plan does not grant."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from domain.cited_value import CitedEntry
from domain.model import Model
from domain.vocabulary import AskedBy, Lob, ReviewKind


class StandingNeed(StrEnum):
    """The proof that a party needs to appeal for the member."""

    NOTHING = "nothing"
    REPRESENTATIVE_FORM = "representative_form"
    """An appointment of a representative (CMS-1696 or its equal), or authority under State law."""
    WRITTEN_CONSENT = "written_consent"
    """The member's written consent."""
    WAIVER_OF_LIABILITY = "waiver_of_liability"
    """The provider's promise not to bill the member, whatever the outcome."""


class AppealParty(Model):
    """A party that may appeal, for these kinds of review (none named: all), and the proof that it needs."""

    by: AskedBy
    needs: StandingNeed
    review_kinds: tuple[ReviewKind, ...] = ()
    source: str = Field(min_length=1)

    def may_appeal(self, by: AskedBy, review_kind: ReviewKind) -> bool:
        """Whether this entry is about the party in this kind of review."""
        return by is self.by and (not self.review_kinds or review_kind in self.review_kinds)


class ForwardingNeed(StrEnum):
    """Conditions under which the plan itself sends the case to the outside reviewer."""

    ALWAYS = "always"
    """Whenever the plan does not grant everything, and when it is late."""
    WHEN_LATE = "when_late"
    NEVER = "never"
    """The claimant asks for the review."""


class AppealRule(CitedEntry):
    """Appeals to the plan in a line of business: who may file, until when, and what follows.

    `window_rule` is the clock of the time to file. `clock_needs_proof`: the time to decide begins only when the proof of
    standing is there; elsewhere it begins at the receipt. `next_step` is what the claimant may do after an unfavorable
    decision, in words.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    lobs: tuple[Lob, ...] = Field(min_length=1)
    parties: tuple[AppealParty, ...] = Field(min_length=1)
    window_rule: str = Field(min_length=1)
    clock_needs_proof: bool
    levels: int = Field(ge=1, le=2)
    forwarding: ForwardingNeed
    forwarded_to: str | None = None
    next_step: str = Field(min_length=1)

    def party(self, by: AskedBy, review_kind: ReviewKind) -> AppealParty | None:
        """The entry of this party, None where it may not appeal for the member."""
        return next((one for one in self.parties if one.may_appeal(by, review_kind)), None)
