"""The reviewer's worksheet of a task, and the completion of the task with its form: a decision is signed from it.

The clinician's identity and licenses come from the directory and never from the form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy.orm import Session
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from domain.authorization.forms import (
    CompletionForm,
    LineDecisionForm,
    TaskWorksheet,
    form_violations,
    signing_obstacles,
)
from domain.cases.tasks import TaskOutcome
from domain.criteria.asked_groups import planned_questions
from domain.criteria.trace_wording import criterion_text, evidence_text, walk_nodes
from domain.decisions.determination import LineDecision, SignedDecision
from domain.decisions.grounds import NO_RECORDS
from domain.decisions.reasons import StructuredReason
from domain.decisions.reviewers import License, Reviewer
from domain.errors import NotOnFile, Refused, RuleViolation, refusal
from domain.letters.context import AskedGroup
from domain.model import Model
from domain.requests.request import DocumentReference
from engine import edge_clock
from engine.options import workflow_id
from services.case_startup import ensure_started
from services.commands import case_actions
from services.context import CommandResult, ServiceContext, TemporalUnavailable
from services.request_versions import proposed_changes
from store import cases, criteria_traces, directory, documents

ATTESTATION = "I reviewed the record of this request myself, and this decision is mine."
"""The statement of whoever signs a clinical decision."""
_SHORTEST_PREFIX = 8


class CriterionInWords(Model):
    """A criterion that a clinician has to answer: its id, the words of the guideline or rule, and what was seen of it."""

    node_id: str
    text: str
    seen: str = ""


class ReviewWorksheet(Model):
    """The reviewer's worksheet: the task's summary, the records, and the reviewer's own entry in the directory. `questions` are
    those that the criteria of its lines ask the provider next; `traces` the criteria of each line as they came out, and
    `criteria` those to be answered, in words."""

    sheet: TaskWorksheet
    case_id: str
    state: str
    records: tuple[DocumentReference, ...]
    reviewer: Reviewer
    questions: tuple[AskedGroup, ...] = ()
    traces: dict[str, JsonValue] = {}
    criteria: tuple[CriterionInWords, ...] = ()

    @property
    def opened(self) -> tuple[DocumentReference, ...]:
        """The records that this reviewer opened."""
        own = {one.document_id for one in self.sheet.openings if one.reviewer_id == self.reviewer.reviewer_id}
        return tuple(record for record in self.records if record.document_id in own)

    @property
    def obstacles(self) -> tuple[RuleViolation, ...]:
        """The violations that are known before this reviewer signs an adverse decision."""
        return tuple(signing_obstacles(self.sheet, self.reviewer.reviewer_id))

    @property
    def emergency_lines(self) -> tuple[str, ...]:
        """The lines that are emergency care, of which a denial needs its ground."""
        return self.sheet.emergency.line_ids if self.sheet.emergency is not None else ()


async def load_worksheet(services: ServiceContext, task_id: str, reviewer_id: str) -> ReviewWorksheet:
    """Load the reviewer's worksheet for the task. Raises NotOnFile, Refused, and TemporalUnavailable when no worker answers."""
    found = await case_actions.find_task(services, task_id)
    sheet = await _query_task_sheet(services, found.case_id, task_id)
    return await services.read(read_worksheet, found.case_id, sheet, reviewer_id)


async def complete_with_form(
    services: ServiceContext,
    task_id: str,
    reviewer_id: str,
    form: CompletionForm,
    message_id: str | None = None,
    *,
    before: ReviewWorksheet | None = None,
) -> CommandResult:
    """Complete the task with the form; a decision is signed now, under the reviewer's license. `before` is the worksheet,
    where the caller has it; the same `message_id` is the same act, however often it is sent.

    Raises NotOnFile, Refused, and TemporalUnavailable.
    """
    if broken := tuple(form_violations(form)):
        raise Refused(broken)
    signed = None
    if form.outcome is TaskOutcome.DECIDE and form.decision is not None:
        before = before or await load_worksheet(services, task_id, reviewer_id)
        signed = sign_decision(before, form, services.clock())
    return await case_actions.complete_task(
        services,
        task_id,
        reviewer_id,
        form.outcome,
        lines=() if signed else unsigned_lines(form),
        recommendation=form.recommendation,
        facts_to_ask=form.facts_to_ask,
        signed=signed,
        note=form.note,
        basis=form.basis,
        message_id=message_id,
    )


def unsigned_lines(form: CompletionForm) -> tuple[LineDecision, ...]:
    """The lines of an outcome that needs no signature."""
    return tuple(_line_decision(line, ()) for line in form.lines)


def sign_decision(before: ReviewWorksheet, form: CompletionForm, at: datetime) -> SignedDecision:
    """Sign the form's decision and seal it at `at` (UTC). Raises Refused when the form cannot be signed at all; the case itself
    validates the decision."""
    if form.decision is None:
        raise refusal("decision.unsigned", "A decision must be signed.", "Complete the part 'decision' of the form.")
    opened = _resolve_record_ids(form.decision.evidence_opened, before.records)
    titles = tuple(record.title for record in before.records if record.document_id in opened)
    titles = titles if before.records else (NO_RECORDS,)
    return SignedDecision(
        decision_id=f"D-{edge_clock.new_message_id()}",
        case_id=before.case_id,
        task_id=before.sheet.task.task_id,
        reviewer_id=before.reviewer.reviewer_id,
        licence=choose_license(before, form.decision.licence),
        specialty=choose_specialty(before, form.decision.specialty),
        no_conflict_of_interest=form.decision.no_conflict_of_interest,
        evidence_opened=opened,
        criteria_answered=form.decision.criteria_answered,
        lines=tuple(_line_decision(line, titles) for line in form.lines),
        attestation=form.decision.attestation,
        signed_at=at,
    ).with_signature()


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


def read_worksheet(s: Session, case_id: str, sheet: TaskWorksheet, reviewer_id: str) -> ReviewWorksheet:
    """The worksheet of this reviewer, from the task's summary and the store. Raises NotOnFile for who is not on file."""
    who, view = directory.reviewer(s, reviewer_id), cases.get(s, case_id)
    records = documents.of_case(s, case_id)
    if who is None:
        raise NotOnFile(f"The directory has no reviewer {reviewer_id}.", "Check --as, or the variable UMPIRE_USER.")
    state = view.state if view is not None else ""
    told = (*sheet.proposals, *proposed_changes(s, case_id))
    shown = sheet.model_copy(update={"proposals": told})
    found = [(line.line_id, line.criteria.verdict_id) for line in sheet.lines if line.criteria is not None]
    traces = {line_id: criteria_traces.load(s, verdict_id).verdict for line_id, verdict_id in found}
    return ReviewWorksheet(
        sheet=shown,
        case_id=case_id,
        state=state,
        records=records,
        reviewer=who,
        questions=tuple(group for name, trace in traces.items() for group in planned_questions(name, trace) or ()),
        traces=traces,
        criteria=_in_words(sheet, traces, {record.document_id: record.title for record in records}),
    )


def _in_words(
    sheet: TaskWorksheet, traces: Mapping[str, JsonValue], titles: Mapping[str, str]
) -> tuple[CriterionInWords, ...]:
    """The criteria that the sheet leaves open, each as the guideline, the limit or the law puts it."""
    known: dict[str, CriterionInWords] = {}
    for trace in traces.values():
        for node in walk_nodes(trace):
            name = str(node["criterion"]["id"])
            known[name] = CriterionInWords(
                node_id=name, text=criterion_text(node), seen=evidence_text(node, titles).removeprefix("= ")
            )
    for line in sheet.lines:
        for limit in line.limits:
            words = f"{limit.rule_id}: {limit.title}"
            known[limit.rule_id] = CriterionInWords(node_id=limit.rule_id, text=words, seen=limit.because)
        law = line.continuity
        if law is not None:
            known[law.rule_id] = CriterionInWords(node_id=law.rule_id, text=f"{law.question} ({law.citation})")
    return tuple(known.get(node, CriterionInWords(node_id=node, text=node)) for node in sheet.open_criteria)


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


def choose_license(before: ReviewWorksheet, number: str | None) -> License:
    """The license of that number; else the license that fits best: profession, then state, then expiration."""
    held = before.reviewer.licences
    if number is not None:
        chosen = next((one for one in held if one.number == number), None)
        if chosen is None:
            raise refusal(
                "decision.licence", f"The directory has no license {number} of this reviewer.", "Use a license on file."
            )
        return chosen
    if not held:
        raise refusal(
            "decision.licence", "The reviewer holds no license.", "Refer the case: only a licensed clinician signs."
        )
    professions = before.sheet.task.professions
    return max(
        held,
        key=lambda each: (each.profession in professions, each.state == before.state, each.expires),
        default=held[0],
    )


def choose_specialty(before: ReviewWorksheet, said: str | None) -> str:
    """The specialty as said; else the first that fits the task, or their first one."""
    own, fitting = before.reviewer.specialties, before.sheet.task.specialties
    return said or next((each for each in own if each in fitting), own[0] if own else "")
