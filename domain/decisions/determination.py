"""Who may decide what, and the only door to an adverse answer.

`AdverseDetermination` cannot exist without a `SignedDecision` that passes `domain.decision_checks.faults`: the checks are part
of the type, so that neither a constructor call nor a deserialized message can hold an adverse answer that no allowed
clinician signed. Approvals may be made by rule (with the criteria verdicts) or by a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pydantic import model_validator

from domain.decisions.checks import STAMP_SKEW, faults, why_not
from domain.decisions.reviewers import Reviewer
from domain.decisions.signed import (
    Circumstances,
    CriterionAnswer,
    DeciderRule,
    DecisionLevel,
    LineDecision,
    SignedDecision,
)
from domain.errors import Refusal, Refused, refusal
from domain.model import Model
from domain.vocabulary import Role

__all__ = [
    "STAMP_SKEW",
    "AdverseDetermination",
    "Approval",
    "Circumstances",
    "CriterionAnswer",
    "DeciderRule",
    "DecisionLevel",
    "LineDecision",
    "SignedDecision",
    "determine",
    "may_work",
    "why_not",
]


class AdverseDetermination(Model):
    """A denial or partial approval, with the proof that it may exist: it validates itself, wherever it comes from."""

    signed: SignedDecision
    reviewer: Reviewer
    rule: DeciderRule
    circumstances: Circumstances

    @model_validator(mode="after")
    def _must_be_signed_by_an_allowed_clinician(self) -> AdverseDetermination:
        refusals = faults(self.signed, self.reviewer, self.rule, self.circumstances)
        if refusals:
            raise ValueError("; ".join(str(refusal) for refusal in refusals))
        if not any(line.is_adverse for line in self.signed.lines):
            raise ValueError("nothing adverse was decided")
        return self

    @property
    def lines(self) -> tuple[LineDecision, ...]:
        return self.signed.lines


def determine(signed: SignedDecision, who: Reviewer, rule: DeciderRule, at: Circumstances) -> AdverseDetermination:
    """The adverse determination that a signed decision makes. Raises Refused with every broken rule."""
    refusals = why_not(signed, who, rule, at)
    if refusals:
        raise Refused(refusals)
    return AdverseDetermination(signed=signed, reviewer=who, rule=rule, circumstances=at)


class Approval(Model):
    """A line approved, by rule (then `verdict_id` names the criteria trace) or by a person. Quantity and dates as approved.

    `beyond_limits`: approved by somebody who may make an exception to a benefit limit, or by law.
    """

    line_id: str
    by: str
    beyond_limits: bool = False
    verdict_id: str | None = None
    guideline_id: str | None = None
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None


def may_work(who: Reviewer, roles: tuple[Role, ...], professions: tuple[str, ...], day: date) -> tuple[Refusal, ...]:
    """Why this reviewer may not be given a task of these roles on `day` (the case's local day): role, training, licence."""
    return tuple(_assignment(who, roles, professions, day))


def _assignment(who: Reviewer, roles: tuple[Role, ...], professions: tuple[str, ...], day: date) -> Iterator[Refusal]:
    if not who.active:
        yield refusal("task.active", "The reviewer is not active.", "Assign someone else.")
    if not set(roles) & set(who.roles):
        named = " or ".join(role.value.replace("_", " ") for role in roles)
        yield refusal(
            "task.role", f"The task is for: {named}.", "Leave it to, or reassign it to, somebody of that role."
        )
    if who.training_valid_through is None or who.training_valid_through < day:
        yield refusal(
            "task.training", "The reviewer's training is not current.", "Complete the training, or reassign the task."
        )
    fitting = [lic for lic in who.licences if lic.profession in professions]
    if professions and not any(lic.expires >= day and lic.unrestricted is True for lic in fitting):
        yield refusal(
            "task.licence", "No current unrestricted licence of a profession that the task needs.", "Reassign the task."
        )
