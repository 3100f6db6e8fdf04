"""Task forms of a concern. No form is a decision about anybody's care."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, StrictBool, model_validator

from domain.cases.task_forms import Forms
from domain.cases.tasks import TaskKind
from domain.concerns.policy import SeverityLevel
from domain.model import Model

TriageRoute = Literal["peer_review", "committee", "care_management", "close"]


class TriageForm(Model):
    """The triage of a concern."""

    severity: SeverityLevel | Literal["none"] = Field(
        description="The severity level from 0 to 4 as the plan's scale has it, or 'none' where it is no matter of severity."
    )
    routes: tuple[TriageRoute, ...] = Field(
        min_length=1, description="Where the concern goes: peer_review, committee, care_management, or close alone."
    )
    found: str = Field(min_length=1, description="What triage found, in a few sentences.")
    danger_now: StrictBool = Field(description="Whether somebody is in danger now.")
    done_at_once: str | None = Field(default=None, description="What was done at once for whoever is in danger.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len(set(self.routes)) != len(self.routes):
            raise ValueError("routes names a way twice")
        if "close" in self.routes and len(self.routes) > 1:
            raise ValueError("routes: close stands alone")
        if self.danger_now and not (self.done_at_once or "").strip():
            raise ValueError("done_at_once: with somebody in danger, say what was done at once")
        return self


class PeerReviewForm(Model):
    """The peer review by a physician who had no part in the care or in the case."""

    no_conflict_of_interest: Literal[True] = Field(
        description="You state that you had no part in this care or case and have no tie to anybody in it (true)."
    )
    records_read: tuple[str, ...] = Field(min_length=1, description="The records that you read, by title.")
    standard: Literal["met", "opportunity_to_improve", "not_met", "cannot_tell"] = Field(
        description="Whether the standard of care was met."
    )
    severity: SeverityLevel = Field(description="The severity level from 0 to 4 after your review.")
    rationale: str = Field(min_length=1, description="Why, in clinical words. It stays with peer review.")
    actions: tuple[str, ...] = Field(default=(), description="What you suggest to do, one sentence each.")
    to_committee: StrictBool = Field(description="Whether it has to go to the quality committee.")


class CommitteeForm(Model):
    """The resolution of the quality committee."""

    met_on: date = Field(description="The day on which the committee met (YYYY-MM-DD).")
    resolved: str = Field(min_length=1, description="What it resolved.")
    actions: tuple[str, ...] = Field(default=(), description="The actions that it asks for, one sentence each.")


class ReferralForm(Model):
    """Care management's acceptance of the member, or its reason for declining."""

    accepted: StrictBool = Field(description="Whether the referral is accepted.")
    by: str | None = Field(default=None, description="Who takes the member on (needed when accepted).")
    programme: str | None = Field(default=None, description="The program, such as complex care management.")
    why_not: str | None = Field(default=None, description="Why it is not accepted (needed then).")

    @model_validator(mode="after")
    def _says_who_or_why_not(self) -> Self:
        if self.accepted and not (self.by or "").strip():
            raise ValueError("by: an accepted referral names who takes the member on")
        if not self.accepted and not (self.why_not or "").strip():
            raise ValueError("why_not: a referral that is not accepted says why")
        return self


class ReferralOutcomeForm(Model):
    """The outcome of a care management referral."""

    member_reached: StrictBool = Field(description="Whether the member was reached.")
    outcome: Literal["enrolled", "helped_without_enrolment", "declined_by_member", "not_reached", "other"] = Field(
        description="The outcome."
    )
    what: str = Field(min_length=1, description="What was done, in a few sentences.")


class ClosureForm(Model):
    """The closure of a concern."""

    finding: Literal["substantiated", "partly_substantiated", "not_substantiated", "cannot_tell"] = Field(
        description="Whether the concern proved true."
    )
    in_words: str = Field(min_length=1, description="The finding in a sentence that holds nothing of a peer review.")
    actions: tuple[str, ...] = Field(
        description="What is done about it, one sentence each; an empty list is an answer."
    )
    raiser_told: StrictBool = Field(description="Whether the person who raised it was informed that it is closed.")


FORMS: Forms = {
    TaskKind.CONCERN_TRIAGE: TriageForm,
    TaskKind.CONCERN_PEER_REVIEW: PeerReviewForm,
    TaskKind.CONCERN_COMMITTEE: CommitteeForm,
    TaskKind.CARE_MANAGEMENT_REFERRAL: ReferralForm,
    TaskKind.CARE_MANAGEMENT_OUTCOME: ReferralOutcomeForm,
    TaskKind.CONCERN_CLOSURE: ClosureForm,
}
