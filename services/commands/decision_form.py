"""The form that a reviewer completes for a task, and the signed decision made from it.

Nothing in the form is answered before the clinician answers it: no attestation, no statement on conflicts, no opened record.
The clinician's identity and licenses come from the directory and never from the form.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import Field, ValidationError
from sqlalchemy.orm import Session
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from domain.authorization.task_worksheet import TaskWorksheet
from domain.cases.tasks import TaskOutcome
from domain.criteria.asked_groups import planned_questions
from domain.decisions.determination import CriterionAnswer, LineDecision, SignedDecision
from domain.decisions.grounds import NO_RECORDS
from domain.decisions.prudent_layperson import DenialGround, EmergencyDenial, PresentingFacts
from domain.decisions.reasons import CriterionFinding, StructuredReason
from domain.decisions.reviewers import License, Reviewer
from domain.errors import NotOnFile, NotReadable, Refused, RuleViolation, ValidationIssue
from domain.letters.context import AskedGroup
from domain.model import Model
from domain.plain_language.value_errors import describe_value_error
from domain.requests.request import DocumentReference
from domain.vocabulary import LineOutcome
from engine import edge_clock
from engine.options import workflow_id
from services.case_startup import ensure_started
from services.commands import case_actions
from services.context import CommandResult, ServiceContext, TemporalUnavailable
from services.request_versions import proposed_changes
from store import cases, criteria_traces, directory, documents

_SHORTEST_PREFIX = 8


class ReasonForm(Model):
    """Reason for not (fully) approving a line; `records_read` are the titles of the opened records unless given
    (where the case holds none, the sentence that says so).
    `emergency` is required for emergency care that was given, and for nothing else."""

    asked: str
    records_read: tuple[str, ...] = ()
    findings: tuple[CriterionFinding, ...] = Field(min_length=1)
    rule: str
    rule_citation: str
    gap: str
    what_would_change: str
    plain_words: str
    plan_provision: str | None = None
    emergency: EmergencyDenial | None = None


class LineDecisionForm(Model):
    """The decision on one line. Quantity and dates only where they differ from the request; `approved_level` only to approve
    the lower level of care that the worksheet names as proposed."""

    line_id: str
    outcome: LineOutcome
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None
    approved_level: str | None = None
    reason: ReasonForm | None = None


class DecisionForm(Model):
    """The clinician's statements at signing. `evidence_opened` are ids of records (or their first eight characters or more);
    `licence` and `specialty` choose among those on record, when there are several."""

    evidence_opened: tuple[str, ...]
    criteria_answered: tuple[CriterionAnswer, ...]
    no_conflict_of_interest: bool
    attestation: str
    licence: str | None = None
    specialty: str | None = None


class CompletionForm(Model):
    """Everything that completing a task may need; the outcome determines which fields apply."""

    outcome: TaskOutcome
    lines: tuple[LineDecisionForm, ...] = ()
    recommendation: str | None = None
    facts_to_ask: tuple[str, ...] = ()
    note: str | None = None
    decision: DecisionForm | None = None


class ReviewWorksheet(Model):
    """The reviewer's worksheet: the task's summary, the records, and the reviewer's own entry in the directory. `questions` are
    those that the criteria of its lines ask the provider next."""

    sheet: TaskWorksheet
    case_id: str
    state: str
    records: tuple[DocumentReference, ...]
    reviewer: Reviewer
    questions: tuple[AskedGroup, ...] = ()

    @property
    def emergency_lines(self) -> tuple[str, ...]:
        """The lines that are emergency care, of which a denial needs its ground."""
        return self.sheet.emergency.line_ids if self.sheet.emergency is not None else ()


def read_form(raw: bytes) -> CompletionForm:
    """Read a form from JSON. Raises NotReadable with the path of every error."""
    try:
        return CompletionForm.model_validate_json(raw)
    except ValidationError as wrong:
        raise NotReadable(tuple(_form_issue(error) for error in wrong.errors(include_url=False))) from None


async def load_worksheet(services: ServiceContext, task_id: str, reviewer_id: str) -> ReviewWorksheet:
    """Load the reviewer's worksheet for the task. Raises NotOnFile, Refused, and TemporalUnavailable when no worker answers."""
    found = await case_actions.find_task(services, task_id)
    sheet = await _query_task_sheet(services, found.case_id, task_id)
    return await services.read(_read_worksheet, found.case_id, sheet, reviewer_id)


async def complete_with_form(
    services: ServiceContext, task_id: str, reviewer_id: str, form: CompletionForm
) -> CommandResult:
    """Complete the task with the form; a decision is signed now, under the reviewer's license.

    Raises NotOnFile, Refused, and TemporalUnavailable.
    """
    signed = None
    if form.outcome is TaskOutcome.DECIDE and form.decision is not None:
        signed = sign_decision(await load_worksheet(services, task_id, reviewer_id), form, services.clock())
    return await case_actions.complete_task(
        services,
        task_id,
        reviewer_id,
        form.outcome,
        lines=() if signed else tuple(_line_decision(line, ()) for line in form.lines),
        recommendation=form.recommendation,
        facts_to_ask=form.facts_to_ask,
        signed=signed,
        note=form.note,
    )


def sign_decision(before: ReviewWorksheet, form: CompletionForm, at: datetime) -> SignedDecision:
    """Sign the form's decision and seal it at `at` (UTC). Raises Refused when the form cannot be signed at all; the case itself
    validates the decision."""
    if form.decision is None:
        raise _rejection("decision.unsigned", "A decision must be signed.", "Complete the part 'decision' of the form.")
    opened = _resolve_record_ids(form.decision.evidence_opened, before.records)
    titles = tuple(record.title for record in before.records if record.document_id in opened)
    titles = titles if before.records else (NO_RECORDS,)
    return SignedDecision(
        decision_id=f"D-{edge_clock.new_message_id()}",
        case_id=before.case_id,
        task_id=before.sheet.task.task_id,
        reviewer_id=before.reviewer.reviewer_id,
        licence=_choose_license(before, form.decision.licence),
        specialty=_choose_specialty(before, form.decision.specialty),
        no_conflict_of_interest=form.decision.no_conflict_of_interest,
        evidence_opened=opened,
        criteria_answered=form.decision.criteria_answered,
        lines=tuple(_line_decision(line, titles) for line in form.lines),
        attestation=form.decision.attestation,
        signed_at=at,
    ).with_signature()


def blank_decision_form(before: ReviewWorksheet) -> dict[str, Any]:
    """An empty decision form as JSON data; only fields that are not the clinician's own statements are filled in."""
    reason = dict.fromkeys(ReasonForm.model_fields, "") | {
        "records_read": [record.title for record in before.records] or [NO_RECORDS],
        "findings": [dict.fromkeys(CriterionFinding.model_fields, "")],
        "plan_provision": None,
        "emergency": None,
    }
    emergency = {
        "grounds": [" | ".join(DenialGround)],
        "presentation": dict.fromkeys(PresentingFacts.model_fields) | {"symptoms": []},
    }
    lines = [
        {
            "line_id": line.line_id,
            "outcome": " | ".join(LineOutcome),
            "reason": reason | ({"emergency": emergency} if line.line_id in before.emergency_lines else {}),
        }
        for line in before.sheet.lines
    ]
    criteria = [
        {"node_id": node, "answer": "met | not_met | cannot_tell", "note": ""} for node in before.sheet.open_criteria
    ]
    return {
        "outcome": TaskOutcome.DECIDE.value,
        "lines": lines,
        "decision": {
            "evidence_opened": [],
            "criteria_answered": criteria,
            "no_conflict_of_interest": None,
            "attestation": "",
        },
    }


async def _query_task_sheet(services: ServiceContext, case_id: str, task_id: str) -> TaskWorksheet:
    await ensure_started(services, case_id)
    handle = services.client().get_workflow_handle(workflow_id(case_id))
    try:
        sheet: TaskWorksheet = await handle.query(
            "task_sheet", task_id, result_type=TaskWorksheet, rpc_timeout=services.patience
        )
    except WorkflowQueryFailedError:
        raise NotOnFile(f"The case has no task {task_id}.", "List the open ones with 'umpire worklist'.") from None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotOnFile(f"Case {case_id} is closed.", f"See it with 'umpire show {case_id}'.") from None
        raise TemporalUnavailable("No worker answers; start one with 'umpire up' or 'python worker.py'.") from None
    return sheet


def _read_worksheet(s: Session, case_id: str, sheet: TaskWorksheet, reviewer_id: str) -> ReviewWorksheet:
    who, view = directory.reviewer(s, reviewer_id), cases.get(s, case_id)
    records = documents.of_case(s, case_id)
    if who is None:
        raise NotOnFile(f"The directory has no reviewer {reviewer_id}.", "Check --as, or the variable UMPIRE_USER.")
    state = view.state if view is not None else ""
    told = (*sheet.proposals, *proposed_changes(s, case_id))
    shown = sheet.model_copy(update={"proposals": told})
    return ReviewWorksheet(
        sheet=shown, case_id=case_id, state=state, records=records, reviewer=who, questions=_next_questions(s, sheet)
    )


def _next_questions(s: Session, sheet: TaskWorksheet) -> tuple[AskedGroup, ...]:
    found = [(line.line_id, line.criteria.verdict_id) for line in sheet.lines if line.criteria is not None]
    traces = [(line_id, criteria_traces.load(s, verdict_id).verdict) for line_id, verdict_id in found]
    return tuple(group for line_id, trace in traces for group in planned_questions(line_id, trace) or ())


def _line_decision(form: LineDecisionForm, titles: tuple[str, ...]) -> LineDecision:
    reason = None
    if form.reason is not None:
        said = form.reason.model_dump()
        said["records_read"] = form.reason.records_read or titles
        reason = StructuredReason.model_validate(said)
    return LineDecision(**form.model_dump(exclude={"reason"}), reason=reason)


def _resolve_record_ids(said: Sequence[str], records: Sequence[DocumentReference]) -> tuple[str, ...]:
    """The full ids of the opened records; an entry that matches no record stays as it is, and does not count."""
    ids = [record.document_id for record in records]
    found = []
    for name in said:
        fitting = [each for each in ids if len(name) >= _SHORTEST_PREFIX and each.startswith(name)]
        found.append(fitting[0] if len(fitting) == 1 else name)
    return tuple(dict.fromkeys(found))


def _choose_license(before: ReviewWorksheet, number: str | None) -> License:
    """The license of that number; else the license that fits best: profession, then state, then expiration."""
    held = before.reviewer.licences
    if number is not None:
        chosen = next((licence for licence in held if licence.number == number), None)
        if chosen is None:
            raise _rejection(
                "decision.licence", f"The directory has no license {number} of this reviewer.", "Use a license on file."
            )
        return chosen
    if not held:
        raise _rejection(
            "decision.licence", "The reviewer holds no license.", "Refer the case: only a licensed clinician signs."
        )
    professions = before.sheet.task.professions
    return max(
        held,
        key=lambda each: (each.profession in professions, each.state == before.state, each.expires),
        default=held[0],
    )


def _choose_specialty(before: ReviewWorksheet, said: str | None) -> str:
    own, fitting = before.reviewer.specialties, before.sheet.task.specialties
    return said or next((each for each in own if each in fitting), own[0] if own else "")


def _form_issue(error: Any) -> ValidationIssue:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).removeprefix(".")
    return ValidationIssue(path=path or "form", rule="form", message=describe_value_error(error))


def _rejection(rule: str, message: str, way_out: str) -> Refused:
    return Refused((RuleViolation(rule=rule, message=message, way_out=way_out),))
