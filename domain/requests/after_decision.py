"""Requests about a decision that stands: which case they follow, what is asked, by whom and on which ground."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, Field

from domain.journal import Actor
from domain.model import Model
from domain.vocabulary import AskedBy


class AfterDecisionKind(StrEnum):
    """The kind of what is asked after a decision."""

    REOPENING = "reopening"
    """A denial, in whole or in part, is looked at again."""
    DATES = "dates"
    """The days of an authorization are extended or shifted; its units stay."""
    PROVIDER = "provider"
    """Another provider gives the authorized service."""
    PLACE = "place"
    """The authorized service is given at another place."""
    MORE_UNITS = "more_units"
    """More is asked for than was authorized: a request like the first."""
    CORRECTION = "correction"
    """A clerical error of an authorization is set right; nothing that was decided changes."""
    VOID = "void"
    """The requester gives an authorization back."""
    END_EARLY = "end_early"
    """The plan proposes to end an authorization before its last day."""

    @property
    def is_recorded(self) -> bool:
        """Whether it is put on record as it is said: it takes nothing away and asks nobody to judge."""
        return self in (AfterDecisionKind.CORRECTION, AfterDecisionKind.VOID)

    @property
    def keeps_units(self) -> bool:
        """Whether the units stay those of the authorization, so that none are taken a second time."""
        return self not in (AfterDecisionKind.REOPENING, AfterDecisionKind.MORE_UNITS)


class ReopeningGround(StrEnum):
    """The ground on which a decision is reopened (42 CFR 405.980(b), 405.986)."""

    NEW_EVIDENCE = "new_evidence"
    """New and material evidence."""
    EVIDENT_ERROR = "evident_error"
    """The evidence at hand shows on its face that the decision was wrong."""
    CLERICAL_ERROR = "clerical_error"
    OTHER = "other"
    """Any other reason: enough only within the first time."""


class AfterDecision(Model):
    """The reference of a request to the decided case that it follows.

    `decided_at` (UTC) is when that case was decided, `authorization_number` what it authorized. `asked_by` is the party that
    asks, `entered_by` the reviewer id of who entered it (None: the party sent it). `effective_on` is the first day that an
    early end would no longer cover. `version` is that of the authorization when the change was asked (None: not recorded).
    """

    case_id: str
    kind: AfterDecisionKind
    asked_by: AskedBy
    decided_at: AwareDatetime | None = None
    ground: ReopeningGround | None = None
    authorization_number: str | None = None
    entered_by: str | None = None
    why: str = ""
    effective_on: date | None = None
    version: int | None = Field(default=None, exclude_if=lambda number: number is None)

    def number_of_approval(self, own: str) -> str:
        """The number of what is approved: that of the authorization it changes, else the case's `own`."""
        return self.authorization_number or own if self.kind.keeps_units else own

    def speaker(self, requesting_npi: str, member_id: str) -> Actor:
        """The party that asks; for the plan, who of its staff entered it."""
        if self.asked_by is AskedBy.PLAN and self.entered_by is not None:
            return Actor(kind="reviewer", id=self.entered_by)
        return Actor(kind=self.asked_by.value, id=requesting_npi if self.asked_by is AskedBy.PROVIDER else member_id)


class AfterDecisionFinding(Model):
    """The rule of the line on what is asked after a decision, applied to this case.

    `permitted` says whether the rule lets it be reviewed; `until` (UTC) is the end of the time for it, None where the rule has
    none. `because` is the reason in words. `accepted_by` is the reviewer who let it go on where the rule alone did not,
    `filed_by` the one who kept it for the appeal.
    """

    asked: AfterDecision
    permitted: bool
    rule_id: str
    citation: str
    because: str
    until: AwareDatetime | None = None
    accepted_by: str | None = Field(default=None, exclude_if=lambda who: who is None)
    filed_by: str | None = Field(default=None, exclude_if=lambda who: who is None)

    def answered_as(self, earlier: AfterDecisionFinding | None) -> AfterDecisionFinding:
        """The same, with what people answered to the earlier finding."""
        if earlier is None:
            return self
        return self.model_copy(update={"accepted_by": earlier.accepted_by, "filed_by": earlier.filed_by})

    @property
    def is_put_on_record(self) -> bool:
        """Whether it ends without a review: put on record as it was said, or kept for the appeal."""
        return self.filed_by is not None or (self.asked.kind.is_recorded and self.permitted)

    @property
    def may_be_reviewed(self) -> bool:
        """Whether its lines go through the review: by its rule, or because a person let it."""
        return not self.is_put_on_record and (self.permitted or self.accepted_by is not None)
