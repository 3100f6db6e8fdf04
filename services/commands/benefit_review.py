"""The form that benefit staff complete for a line, and the signed decision made from it.

The words of the provision and its place come from the plan file, and the signer's credential from the directory, never from the
form. Nothing in the form is answered before somebody answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field, JsonValue, ValidationError

from domain.authorization.assessment import LineAssessment
from domain.cases.tasks import TaskOutcome
from domain.decisions.benefits import PlanProvision, SignedBenefitDecision
from domain.decisions.determination import LineDecision
from domain.decisions.reasons import CriterionFinding, StructuredReason
from domain.errors import NotReadable, ValidationIssue, refusal
from domain.model import Model
from domain.plain_language.value_errors import describe_value_error
from domain.vocabulary import LineOutcome, StaffDuty
from engine import edge_clock
from services.commands import case_actions, decision_form
from services.commands.decision_form import ReviewWorksheet
from services.context import CommandResult, ServiceContext

ATTESTATION = "I looked up the plan's documents myself, and no clinical judgment is in this decision."


class BenefitReviewForm(Model):
    """The result for one line: denied or approved in part by a provision of the plan's documents, or returned to review.

    A reason holds no clinical judgment: only what the provision says and what was counted.
    """

    result: Literal["denied", "approved_in_part", "returned"] = Field(description="What becomes of the line.")
    why_returned: str | None = Field(default=None, description="For a return: why no provision decides the line.")
    provision_id: str | None = Field(default=None, description="The provision of the plan file, by its id.")
    asked: str | None = Field(default=None, description="What was asked for, in plain words.")
    counted: str | None = Field(
        default=None, description="What was counted or looked up: such as visits used and left."
    )
    gap: str | None = Field(default=None, description="What lies outside the provision.")
    what_would_change: str | None = Field(default=None, description="What would change the decision.")
    plain_words: str | None = Field(default=None, description="The explanation for the member, 20 words or more.")
    approved_quantity: Decimal | None = Field(default=None, description="For a part: the quantity within the limit.")
    approved_end: date | None = Field(default=None, description="For a part: its last day (YYYY-MM-DD).")
    no_conflict_of_interest: bool | None = Field(
        default=None, description="Are you free of any conflict of interest with a party of this request?"
    )
    attested: bool | None = Field(default=None, description=f"Do you attest: '{ATTESTATION}'")


def read_benefit_form(filled: Mapping[str, JsonValue]) -> BenefitReviewForm:
    """Check a filled form. Raises NotReadable with the place of every error."""
    try:
        return BenefitReviewForm.model_validate(filled)
    except ValidationError as wrong:
        issues = (
            ValidationIssue(
                path=".".join(map(str, error["loc"])) or "form", rule="task.form", message=describe_value_error(error)
            )
            for error in wrong.errors(include_url=False, include_input=False)
        )
        raise NotReadable(tuple(issues)) from None


async def complete_benefit_review(
    services: ServiceContext,
    task_id: str,
    reviewer_id: str,
    form: BenefitReviewForm,
    message_id: str | None = None,
    *,
    before: ReviewWorksheet | None = None,
) -> CommandResult:
    """Complete the task with the form; a decision is signed now, under the signer's credential. `before` is the worksheet,
    where the caller has it; the same `message_id` is the same act, however often it is sent.

    Raises NotOnFile, Refused, and TemporalUnavailable.
    """
    if form.result == "returned":
        return await case_actions.complete_task(
            services, task_id, reviewer_id, TaskOutcome.RETURN, note=form.why_returned, message_id=message_id
        )
    before = before or await decision_form.load_worksheet(services, task_id, reviewer_id)
    signed = sign_benefit_decision(before, form, services.clock())
    return await case_actions.complete_task(
        services, task_id, reviewer_id, TaskOutcome.DECIDE, signed=signed, message_id=message_id
    )


def sign_benefit_decision(before: ReviewWorksheet, form: BenefitReviewForm, at: datetime) -> SignedBenefitDecision:
    """Sign the form's decision and seal it at `at` (UTC). Raises Refused when it cannot be signed at all; the case itself
    validates it."""
    line = before.sheet.lines[0]
    provision = _choose_provision(line, form.provision_id)
    held = [one for one in before.reviewer.credentials if one.duty is StaffDuty.BENEFIT_DECISIONS]
    credential = max(held, key=lambda one: one.expires, default=None)  # a renewed one beside the one that it renews
    if credential is None:
        raise refusal(
            "decision.credential", "The directory has no credential of yours for this.", "Leave it to benefit staff."
        )
    return SignedBenefitDecision(
        category="benefit",
        decision_id=f"D-{edge_clock.new_message_id()}",
        case_id=before.case_id,
        task_id=before.sheet.task.task_id,
        reviewer_id=before.reviewer.reviewer_id,
        credential=credential,
        no_conflict_of_interest=form.no_conflict_of_interest is True,
        provision_id=provision.provision_id,
        lines=(_line_decision(line, form, provision),),
        attestation=ATTESTATION if form.attested is True else "",
        signed_at=at,
    ).with_signature()


def provision_lines(before: ReviewWorksheet) -> tuple[str, ...]:
    """The provisions about the line, as the reviewer reads them."""
    found = [one for line in before.sheet.lines for one in line.provisions]
    return tuple(f"  {one.provision_id}: {one.citation}: {one.words}{_judgment(one)}" for one in found)


def _judgment(provision: PlanProvision) -> str:
    return " (takes clinical judgment: not yours)" if provision.needs_judgment else ""


def _line_decision(line: LineAssessment, form: BenefitReviewForm, provision: PlanProvision) -> LineDecision:
    finding = CriterionFinding(
        criterion=provision.words, finding=(form.counted or "").strip(), citation=provision.citation
    )
    reason = StructuredReason(
        asked=form.asked or "",
        records_read=(provision.document,),
        findings=(finding,) if finding.finding else (),
        rule=provision.words,
        rule_citation=provision.citation,
        gap=form.gap or "",
        what_would_change=form.what_would_change or "",
        plain_words=form.plain_words or "",
        plan_provision=provision.citation,
    )
    part = form.result == "approved_in_part"
    return LineDecision(
        line_id=line.line_id,
        outcome=LineOutcome.APPROVED_IN_PART if part else LineOutcome.DENIED,
        approved_quantity=form.approved_quantity,
        approved_end=form.approved_end,
        reason=reason,
    )


def _choose_provision(line: LineAssessment, provision_id: str | None) -> PlanProvision:
    found = next((one for one in line.provisions if one.provision_id == provision_id), None)
    if found is None:
        known = ", ".join(one.provision_id for one in line.provisions) or "none"
        raise refusal(
            "benefit.provision",
            "The plan file has no such provision about this service.",
            f"Name one of the plan file's ({known}), or return the line.",
        )
    return found
