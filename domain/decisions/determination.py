"""Determinations: approvals, and the only two ways to an adverse determination.

`AdverseDetermination` cannot exist without a `SignedDecision` that passes `domain.decisions.checks.signing_violations`: the
checks are part of the type, so that neither a constructor call nor a deserialized message can hold an adverse decision that no
qualified clinician signed. `BenefitDetermination` is the same for an exclusion or limit of the plan's documents, and takes the
signature of benefit staff alone; neither holds what belongs into the other. Approvals may be made by rule (with the criteria
results) or by a reviewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from domain.decisions.benefit_checks import benefit_signing_violations, benefit_violations
from domain.decisions.benefits import BenefitCircumstances, BenefitSignerRule, SignedBenefitDecision
from domain.decisions.checks import decision_violations, signing_violations
from domain.decisions.decision_makers import DecisionMaker
from domain.decisions.reviewers import Reviewer
from domain.decisions.signature_checks import STAMP_SKEW
from domain.decisions.signed import (
    Circumstances,
    CriterionAnswer,
    DeciderRule,
    DecisionLevel,
    LineDecision,
    RecordOnFile,
    SignedDecision,
)
from domain.errors import Refused, RuleViolation, violation
from domain.model import Model
from domain.vocabulary import Role

__all__ = [
    "STAMP_SKEW",
    "AdverseDetermination",
    "AnySignedDecision",
    "BenefitDetermination",
    "SignedBenefitDecision",
    "SignedDetermination",
    "benefit_violations",
    "make_benefit_determination",
    "Approval",
    "ApprovalBasis",
    "RecordOnFile",
    "Circumstances",
    "CriterionAnswer",
    "DeciderRule",
    "DecisionLevel",
    "LineDecision",
    "SignedDecision",
    "make_adverse_determination",
    "read_adverse_determination",
    "reviewer_violations",
    "decision_violations",
]


class AdverseDetermination(Model):
    """A denial or partial approval with its signed decision; it validates itself, wherever it comes from."""

    signed: SignedDecision
    reviewer: Reviewer
    rule: DeciderRule
    circumstances: Circumstances

    @model_validator(mode="after")
    def _must_be_signed_by_an_allowed_clinician(self) -> AdverseDetermination:
        refusals = signing_violations(self.signed, self.reviewer, self.rule, self.circumstances)
        if refusals:
            raise ValueError("; ".join(str(refusal) for refusal in refusals))
        if not any(line.is_adverse for line in self.signed.lines):
            raise ValueError("nothing adverse was decided")
        return self

    @property
    def lines(self) -> tuple[LineDecision, ...]:
        return self.signed.lines


class BenefitDetermination(Model):
    """A denial or partial approval by a provision of the plan, signed by benefit staff; it validates itself, wherever it comes
    from."""

    category: Literal["benefit"] = "benefit"
    signed: SignedBenefitDecision
    reviewer: Reviewer
    rule: BenefitSignerRule
    circumstances: BenefitCircumstances

    @model_validator(mode="after")
    def _must_be_signed_by_benefit_staff(self) -> BenefitDetermination:
        refusals = benefit_signing_violations(self.signed, self.reviewer, self.rule, self.circumstances)
        if refusals:
            raise ValueError("; ".join(str(refusal) for refusal in refusals))
        return self

    @property
    def lines(self) -> tuple[LineDecision, ...]:
        return self.signed.lines


AnySignedDecision = SignedDecision | SignedBenefitDecision
"""A decision with its signature, of either category."""

SignedDetermination = AdverseDetermination | BenefitDetermination
"""An adverse answer that stands: every one is signed, by whom its category allows."""


def make_benefit_determination(
    signed: SignedBenefitDecision, who: Reviewer, rule: BenefitSignerRule, at: BenefitCircumstances
) -> BenefitDetermination:
    """Make the determination of a signed benefit decision. Raises Refused with every broken rule."""
    refusals = benefit_violations(signed, who, rule, at)
    if refusals:
        raise Refused(refusals)
    return BenefitDetermination(signed=signed, reviewer=who, rule=rule, circumstances=at)


def make_adverse_determination(
    signed: SignedDecision, who: Reviewer, rule: DeciderRule, at: Circumstances
) -> AdverseDetermination:
    """Make the adverse determination of a signed decision. Raises Refused with every broken rule."""
    refusals = decision_violations(signed, who, rule, at)
    if refusals:
        raise Refused(refusals)
    return AdverseDetermination(signed=signed, reviewer=who, rule=rule, circumstances=at)


def read_adverse_determination(stored: object) -> SignedDetermination | None:
    """The determination that is stored, such as in a journal. What does not prove itself is none."""
    with suppress(ValidationError):
        return AdverseDetermination.model_validate(stored)
    with suppress(ValidationError):
        return BenefitDetermination.model_validate(stored)
    return None


class ApprovalBasis(Model):
    """A reviewer's account of an approval: why the care is necessary, and the criteria used, by citation; or why none were."""

    rationale: str = Field(description="Why the care is necessary, in a sentence.")
    criteria: tuple[str, ...] = Field(default=(), description="Criteria that you used, by citation or guideline.")
    why_none: str | None = Field(default=None, description="Why no criteria were used, where none were.")


class Approval(Model):
    """A line approved, by rule (then `verdict_id` names the criteria trace), by law or by a reviewer, with quantity and dates.

    `beyond_limits`: approved by a reviewer who may make an exception to a benefit limit, or by law. `basis` is the reviewer's
    account of it; None by rule or law, and as reviewers of older releases approved.
    """

    line_id: str
    by: DecisionMaker
    beyond_limits: bool = False
    verdict_id: str | None = None
    guideline_id: str | None = None
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None
    basis: ApprovalBasis | None = Field(default=None, exclude_if=lambda basis: basis is None)


def reviewer_violations(
    who: Reviewer, roles: tuple[Role, ...], professions: tuple[str, ...], day: date
) -> tuple[RuleViolation, ...]:
    """Every rule that assigning a task of these roles to this reviewer on `day` (local) breaks: role, training, license."""
    return tuple(_find_reviewer_violations(who, roles, professions, day))


def _find_reviewer_violations(
    who: Reviewer, roles: tuple[Role, ...], professions: tuple[str, ...], day: date
) -> Iterator[RuleViolation]:
    if not who.active:
        yield violation("task.active", "The reviewer is not active.", "Assign someone else.")
    if not set(roles) & set(who.roles):
        named = " or ".join(role.value.replace("_", " ") for role in roles)
        yield violation(
            "task.role", f"The task is for: {named}.", "Leave it to, or reassign it to, somebody of that role."
        )
    if who.training_valid_through is None or who.training_valid_through < day:
        yield violation(
            "task.training", "The reviewer's training is not current.", "Complete the training, or reassign the task."
        )
    fitting = [lic for lic in who.licences if lic.profession in professions]
    if professions and not any(lic.expires >= day and lic.unrestricted is True for lic in fitting):
        yield violation(
            "task.licence", "No current unrestricted license of a profession that the task needs.", "Reassign the task."
        )
