"""Checks that every signature has to pass, a clinician's and that of benefit staff: its time, its task, its signer."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import timedelta

from domain.decisions.benefits import BenefitCircumstances, SignedBenefitDecision
from domain.decisions.reviewers import Reviewer
from domain.decisions.signed import Circumstances, SignedDecision
from domain.errors import RuleViolation, violation

STAMP_SKEW = timedelta(seconds=60)
"""The time by which a sender's timestamp may run ahead of the workflow's own clock."""


def stamp_violations(
    signed: SignedDecision | SignedBenefitDecision, at: Circumstances | BenefitCircumstances
) -> Iterator[RuleViolation]:
    """Violation of a time of signing that lies before the task or in the future."""
    if not at.task_opened_at <= signed.signed_at <= at.now + STAMP_SKEW:
        yield violation(
            "decision.stamp",
            "The time of signing lies before the task or in the future.",
            "Correct the clock where it was signed.",
        )


def identity_violations(
    signed: SignedDecision | SignedBenefitDecision, who: Reviewer, at: Circumstances | BenefitCircumstances
) -> Iterator[RuleViolation]:
    """Violations of a decision that is of another task, of somebody else, changed since it was signed, or not attested."""
    if signed.case_id != at.case_id or signed.task_id != at.task_id:
        yield violation(
            "decision.belongs_to_task",
            "The decision was signed for another task.",
            "Sign it in the task it belongs to.",
        )
    if signed.reviewer_id != who.reviewer_id or not who.active:
        yield violation("decision.identity", "The signer is not the active reviewer on record.", "Sign in as yourself.")
    if not hmac.compare_digest(signed.signature.encode(), signed.digest().encode()):
        yield violation(
            "decision.signature", "The signature does not match what was signed.", "Review the decision and sign again."
        )
    if not signed.attestation.strip():
        yield violation(
            "decision.attestation", "The attestation is empty.", "State that you reviewed the record yourself."
        )
