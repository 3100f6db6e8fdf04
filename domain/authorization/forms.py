"""The form that completes a task of an authorization, and which of its fields each outcome takes.

This is the one definition: command line and pages print it, ask by it and check by it. Nothing in it is answered before a
person answers it: no attestation, no statement on conflicts, no opened record. Who signs, and under which license, comes from
the directory and never from the form.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pydantic import Field

from domain.cases.tasks import TaskOutcome
from domain.decisions.determination import ApprovalBasis, CriterionAnswer
from domain.decisions.prudent_layperson import EmergencyDenial
from domain.decisions.reasons import CriterionFinding
from domain.errors import RuleViolation, violation
from domain.model import Model
from domain.vocabulary import LineOutcome


class ReasonForm(Model):
    """Reason for not (fully) approving a line."""

    asked: str = Field(description="What was asked for, in plain words.")
    records_read: tuple[str, ...] = Field(
        default=(), description="Titles of records that were read; those that you opened unless given."
    )
    findings: tuple[CriterionFinding, ...] = Field(
        min_length=1, description="Each criterion that is not met, with what the record shows of it."
    )
    rule: str = Field(description="The rule that decided, in words.")
    rule_citation: str = Field(description="Its citation: of the line's criteria or of the line of business.")
    gap: str = Field(description="What is missing.")
    what_would_change: str = Field(description="What would change the decision.")
    plain_words: str = Field(description="The explanation for the member, in plain words.")
    plan_provision: str | None = Field(default=None, description="The plan's provision that the letter has to quote.")
    emergency: EmergencyDenial | None = Field(
        default=None, description="The ground for denying emergency care that was given; for nothing else."
    )


class LineDecisionForm(Model):
    """The decision on one line."""

    line_id: str = Field(description="The line of the request.")
    outcome: LineOutcome = Field(description="What is decided on the line.")
    approved_quantity: Decimal | None = Field(default=None, description="Units approved, where not as asked.")
    approved_start: date | None = Field(default=None, description="The first day approved, where not as asked.")
    approved_end: date | None = Field(default=None, description="The last day approved, where not as asked.")
    approved_level: str | None = Field(
        default=None,
        description="The lower level of care that the worksheet names as proposed, to approve that instead.",
    )
    reason: ReasonForm | None = Field(default=None, description="Needed unless the line is approved as asked.")


class DecisionForm(Model):
    """The clinician's statements at signing."""

    evidence_opened: tuple[str, ...] = Field(
        description="Ids of the records that you opened, or their first eight characters or more."
    )
    criteria_answered: tuple[CriterionAnswer, ...] = Field(description="Your answer to each open criterion.")
    no_conflict_of_interest: bool = Field(description="Whether you are free of any tie to a party of this request.")
    attestation: str = Field(description="Your statement that you reviewed the record yourself.")
    licence: str | None = Field(default=None, description="The number of your license, where you hold several.")
    specialty: str | None = Field(default=None, description="Your specialty, where you have several.")


class CompletionForm(Model):
    """Everything that completing a task of an authorization may need; the outcome determines which fields apply."""

    outcome: TaskOutcome = Field(description="How the task ends.")
    lines: tuple[LineDecisionForm, ...] = Field(
        default=(), description="Each line with its decision; left out, an approval is of every line as asked."
    )
    recommendation: str | None = Field(default=None, description="What you found and suggest to the physician.")
    facts_to_ask: tuple[str, ...] = Field(
        default=(), description="Ids of facts to ask the provider for, or questions in sentences."
    )
    note: str | None = Field(
        default=None, description="A note; to refuse expediting, the reason in words for the member."
    )
    basis: ApprovalBasis | None = Field(default=None, description="The account of what is approved.")
    decision: DecisionForm | None = Field(default=None, description="Your statements at signing.")


class OutcomeFields(NamedTuple):
    """The fields of the form that an outcome needs, and those that it takes besides."""

    needed: tuple[str, ...] = ()
    taken: tuple[str, ...] = ("note",)


OUTCOME_FIELDS: dict[TaskOutcome, OutcomeFields] = {
    TaskOutcome.APPROVE: OutcomeFields(("basis",), ("lines", "note")),
    TaskOutcome.ASK: OutcomeFields(("facts_to_ask",)),
    TaskOutcome.REFER: OutcomeFields(("recommendation",), ("lines", "basis", "note")),
    TaskOutcome.DECIDE: OutcomeFields(("lines", "decision"), ("basis", "note")),
    TaskOutcome.REFUSE: OutcomeFields(("note",), ()),
}
"""Outcomes that are not here need nothing and take a note."""


def fields_of(outcome: TaskOutcome) -> OutcomeFields:
    """The fields that this outcome needs and takes."""
    return OUTCOME_FIELDS.get(outcome, OutcomeFields())


def missing_fields(form: CompletionForm) -> tuple[str, ...]:
    """The fields that the outcome needs and the form lacks."""
    return tuple(name for name in fields_of(form.outcome).needed if not getattr(form, name))


def form_violations(form: CompletionForm) -> Iterator[RuleViolation]:
    """Violation of fields filled in that the outcome does not take: nobody would read them."""
    needed, taken = fields_of(form.outcome)
    filled = [name for name in type(form).model_fields if name != "outcome" and getattr(form, name)]
    surplus = [name for name in filled if name not in (*needed, *taken)]
    if surplus:
        words = form.outcome.value.replace("_", " ")
        yield violation(
            "task.form",
            f"'{words}' does not take: {', '.join(surplus)}.",
            "Leave it out, or choose the outcome that it belongs to; 'umpire complete TASK --form' prints them.",
        )
