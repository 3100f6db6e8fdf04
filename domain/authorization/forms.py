"""The worksheet of a task of an authorization, the form that completes it, and which of its fields each outcome takes.

This is the one definition: command line and pages print it, ask by it and check by it. Nothing in it is answered before a
person answers it: no attestation, no statement on conflicts, no opened record. Who signs, and under which license, comes from
the directory and never from the form.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from pydantic import Field

from domain.authorization.approval_checks import criteria_of
from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.task_checks import decider_of_task, decision_circumstances
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskKind, TaskOutcome
from domain.decisions.checks import peer_to_peer_violation
from domain.decisions.determination import ApprovalBasis, CriterionAnswer, DeciderRule
from domain.decisions.prudent_layperson import EmergencyDenial, EmergencyLines
from domain.decisions.reasons import CriterionFinding
from domain.decisions.signed import RecordOpening
from domain.errors import RuleViolation, violation
from domain.model import Model
from domain.plain_language.phrases import count_phrase
from domain.requests.remarks import ReadingRemark
from domain.vocabulary import LineOutcome


class TaskWorksheet(Model):
    """A reviewer's worksheet: `evidence` has to be opened and `open_criteria` answered before an adverse decision is
    signed; denying a line of `emergency` needs its ground and the judgment of the presenting symptoms. `remarks` say what of
    the request was not read; `proposals` what others than the requester said instead of what was asked: it changes nothing
    unless a physician signs it; `openings` which records were opened, and by whom; `criteria_to_name` those that an
    approval may name."""

    task: Task
    outcomes: tuple[TaskOutcome, ...]
    lines: tuple[LineAssessment, ...]
    evidence: tuple[str, ...]
    open_criteria: tuple[str, ...]
    decider: DeciderRule | None
    peer_to_peer_settled: bool
    recommendation: str | None
    emergency: EmergencyLines | None = None
    remarks: tuple[ReadingRemark, ...] = Field(default=(), exclude_if=lambda remarks: not remarks)
    proposed_level: str | None = Field(default=None, exclude_if=lambda level: level is None)
    proposals: tuple[str, ...] = Field(default=(), exclude_if=lambda said: not said)
    openings: tuple[RecordOpening, ...] = Field(default=(), exclude_if=lambda opened: not opened)
    criteria_to_name: tuple[str, ...] = Field(default=(), exclude_if=lambda named: not named)


def build_worksheet(case: AuthorizationCase, task_id: str, now: datetime) -> TaskWorksheet:
    """Build the worksheet of one task. Raises KeyError when the case has no such task."""
    task = case.tasks[task_id]
    at = decision_circumstances(case, task, now)
    return TaskWorksheet(
        task=task,
        outcomes=tuple(sorted(ALLOWED_OUTCOMES[task.kind])),
        lines=tuple(line for line in case.require_context().lines if line.line_id in task.line_ids),
        evidence=at.evidence,
        open_criteria=at.open_criteria,
        decider=decider_of_task(case, task) if task.kind is TaskKind.PHYSICIAN_REVIEW else None,
        peer_to_peer_settled=at.peer_to_peer_settled,
        recommendation=case.determinations.nurse_recommendation,
        emergency=at.emergency,
        remarks=case.require_context().remarks_on(task.line_ids),
        proposed_level=case.stay.proposed_level if case.stay is not None else None,
        proposals=_proposals(case),
        openings=case.openings,
        criteria_to_name=criteria_of(case, task.line_ids),
    )


def signing_obstacles(sheet: TaskWorksheet, reviewer_id: str) -> Iterator[RuleViolation]:
    """Violations that stand before this reviewer signs an adverse decision, whatever they will answer: the call that was
    offered is not settled, or records are not opened."""
    rule = sheet.decider
    if rule is not None and rule.peer_to_peer_first and not sheet.peer_to_peer_settled:
        yield peer_to_peer_violation(rule)
    own = {one.document_id for one in sheet.openings if one.reviewer_id == reviewer_id}
    unread = set(sheet.evidence) - own
    if unread:
        yield violation(
            "decision.evidence",
            f"Not opened by you yet: {count_phrase(len(unread), 'record')} of the case.",
            f"Open each with 'umpire record {sheet.task.task_id.rsplit('-T', 1)[0]} NUMBER'.",
        )


def _proposals(case: AuthorizationCase) -> tuple[str, ...]:
    """The answers that are not to what was asked, in sentences for the reviewer."""
    level = case.stay.proposed_level if case.stay is not None else None
    if level is None:
        return ()
    ordered = ", ".join(sorted({line.description for line in case.require_context().lines}))
    lower = level.replace("_", " ")
    return (
        f"{lower.capitalize()} was proposed; ordered: {ordered}. Only a physician can approve the lower level, in part.",
    )


class ReasonForm(Model):
    """Reason for not (fully) approving a line."""

    asked: str = Field(description="What was asked for, in plain words.")
    records_read: tuple[str, ...] = Field(
        default=(), description="Titles of records that were read; those that you opened unless given."
    )
    findings: tuple[CriterionFinding, ...] = Field(
        description="Each criterion that is not met, with what the record shows of it; at least one."
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
    recommendation: str | None = Field(
        default=None,
        description="What you found and suggest to the physician, or which limit benefit staff should look at.",
    )
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
    TaskOutcome.TO_BENEFITS: OutcomeFields(("recommendation",)),
    TaskOutcome.RETURN: OutcomeFields(("note",), ()),
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
