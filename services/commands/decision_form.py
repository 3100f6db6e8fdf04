"""From what a reviewer fills in to what a case takes: the form of a task, and the clinician's signed decision.

Nothing in the form has an answer before the clinician gives it: no attestation, no statement on conflicts, no opened record.
Who they are, and which licences they hold, comes from the directory and never from the form.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import Field, ValidationError
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from domain.authorization.task_sheet import TaskSheet
from domain.cases.tasks import TaskOutcome
from domain.decisions.determination import CriterionAnswer, LineDecision, SignedDecision
from domain.decisions.reasons import CriterionFinding, StructuredReason
from domain.decisions.reviewers import Licence, Reviewer
from domain.errors import NotReadable, Problem, Refusal, Refused
from domain.model import Model
from domain.requests.request import DocumentReference
from domain.vocabulary import LineOutcome
from engine import edge_clock
from engine.options import workflow_id
from services.commands import case_actions as actions
from services.context import Desk, EngineDown, NotFound, Reply
from services.starting import ensure_started
from store import cases, directory, documents

_SHORTEST_PREFIX = 8


class ReasonForm(Model):
    """Why a line is not (fully) approved; `records_read` are the titles of the opened records unless given."""

    asked: str
    records_read: tuple[str, ...] = ()
    findings: tuple[CriterionFinding, ...] = Field(min_length=1)
    rule: str
    rule_citation: str
    gap: str
    what_would_change: str
    plain_words: str
    plan_provision: str | None = None


class LineForm(Model):
    """The answer for one line. Quantity and dates only where they differ from what was asked."""

    line_id: str
    outcome: LineOutcome
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None
    reason: ReasonForm | None = None


class DecisionForm(Model):
    """What the clinician states when signing. `evidence_opened` are ids of records (or their first eight signs or more);
    `licence` and `specialty` choose among those on record, when there are several."""

    evidence_opened: tuple[str, ...]
    criteria_answered: tuple[CriterionAnswer, ...]
    no_conflict_of_interest: bool
    attestation: str
    licence: str | None = None
    specialty: str | None = None


class CompletionForm(Model):
    """Everything that completing a task may need; which of it, follows from the outcome."""

    outcome: TaskOutcome
    lines: tuple[LineForm, ...] = ()
    recommendation: str | None = None
    facts_to_ask: tuple[str, ...] = ()
    note: str | None = None
    decision: DecisionForm | None = None


class Desktop(Model):
    """What lies before the reviewer: the task's sheet, the records, and the reviewer's own entry in the directory."""

    sheet: TaskSheet
    case_id: str
    state: str
    records: tuple[DocumentReference, ...]
    reviewer: Reviewer


def read_form(raw: bytes) -> CompletionForm:
    """A form from JSON. Raises NotReadable with the place of every mistake."""
    try:
        return CompletionForm.model_validate_json(raw)
    except ValidationError as wrong:
        raise NotReadable(tuple(_problem(error) for error in wrong.errors(include_url=False))) from None


async def desktop(desk: Desk, task_id: str, reviewer_id: str) -> Desktop:
    """What the reviewer needs for the task. Raises NotFound, Refused, and EngineDown when no worker answers."""
    found = await actions.find_task(desk, task_id)
    sheet = await _sheet(desk, found.case_id, task_id)
    return await asyncio.to_thread(_desktop, desk, found.case_id, sheet, reviewer_id)


async def complete(desk: Desk, task_id: str, reviewer_id: str, form: CompletionForm) -> Reply:
    """Complete the task as the form says; a decision is signed now, under the reviewer's licence.

    Raises NotFound, Refused, and EngineDown.
    """
    signed = None
    if form.outcome is TaskOutcome.DECIDE and form.decision is not None:
        signed = sign(await desktop(desk, task_id, reviewer_id), form, desk.clock())
    return await actions.complete(
        desk,
        task_id,
        reviewer_id,
        form.outcome,
        lines=() if signed else tuple(_line(line, ()) for line in form.lines),
        recommendation=form.recommendation,
        facts_to_ask=form.facts_to_ask,
        signed=signed,
        note=form.note,
    )


def sign(before: Desktop, form: CompletionForm, at: datetime) -> SignedDecision:
    """The decision that the form states, sealed at `at` (UTC). Raises Refused when the form cannot be signed at all; whether
    the decision may stand is judged by the case."""
    if form.decision is None:
        raise _refused("decision.unsigned", "A decision must be signed.", "Fill in the part 'decision' of the form.")
    opened = _opened(form.decision.evidence_opened, before.records)
    titles = tuple(record.title for record in before.records if record.document_id in opened)
    return SignedDecision(
        decision_id=f"D-{edge_clock.message_id()}",
        case_id=before.case_id,
        task_id=before.sheet.task.task_id,
        reviewer_id=before.reviewer.reviewer_id,
        licence=_licence(before, form.decision.licence),
        specialty=_specialty(before, form.decision.specialty),
        no_conflict_of_interest=form.decision.no_conflict_of_interest,
        evidence_opened=opened,
        criteria_answered=form.decision.criteria_answered,
        lines=tuple(_line(line, titles) for line in form.lines),
        attestation=form.decision.attestation,
        signed_at=at,
    ).sealed()


def blank(before: Desktop) -> dict[str, Any]:
    """The form of a decision with everything filled in that is not the clinician's to say, as JSON data."""
    reason = dict.fromkeys(ReasonForm.model_fields, "") | {
        "records_read": [record.title for record in before.records],
        "findings": [dict.fromkeys(CriterionFinding.model_fields, "")],
        "plan_provision": None,
    }
    lines = [
        {"line_id": line.line_id, "outcome": " | ".join(LineOutcome), "reason": reason} for line in before.sheet.lines
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


async def _sheet(desk: Desk, case_id: str, task_id: str) -> TaskSheet:
    await ensure_started(desk, case_id)
    handle = desk.client().get_workflow_handle(workflow_id(case_id))
    try:
        sheet: TaskSheet = await handle.query("task_sheet", task_id, result_type=TaskSheet, rpc_timeout=desk.patience)
    except WorkflowQueryFailedError:
        raise NotFound(f"The case has no task {task_id}.", "List the open ones with 'umpire worklist'.") from None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotFound(f"Case {case_id} runs no more.", f"Look at it with 'umpire show {case_id}'.") from None
        raise EngineDown("No worker answers; start one with 'umpire up' or 'python worker.py'.") from None
    return sheet


def _desktop(desk: Desk, case_id: str, sheet: TaskSheet, reviewer_id: str) -> Desktop:
    with desk.store.read() as s:
        who, view = directory.reviewer(s, reviewer_id), cases.get(s, case_id)
        records = documents.of_case(s, case_id)
    if who is None:
        raise NotFound(f"The directory has no reviewer {reviewer_id}.", "Check --as, or the variable UMPIRE_USER.")
    state = view.state if view is not None else ""
    return Desktop(sheet=sheet, case_id=case_id, state=state, records=records, reviewer=who)


def _line(form: LineForm, titles: tuple[str, ...]) -> LineDecision:
    reason = None
    if form.reason is not None:
        said = form.reason.model_dump()
        said["records_read"] = form.reason.records_read or titles
        reason = StructuredReason.model_validate(said)
    return LineDecision(**form.model_dump(exclude={"reason"}), reason=reason)


def _opened(said: Sequence[str], records: Sequence[DocumentReference]) -> tuple[str, ...]:
    """The full ids of the records; what names none stays as it is, and does not count."""
    ids = [record.document_id for record in records]
    found = []
    for name in said:
        fitting = [each for each in ids if len(name) >= _SHORTEST_PREFIX and each.startswith(name)]
        found.append(fitting[0] if len(fitting) == 1 else name)
    return tuple(dict.fromkeys(found))


def _licence(before: Desktop, number: str | None) -> Licence:
    """The licence of that number; else the one that fits best: profession, then state, then validity."""
    held = before.reviewer.licences
    if number is not None:
        chosen = next((licence for licence in held if licence.number == number), None)
        if chosen is None:
            raise _refused(
                "decision.licence", f"The directory has no licence {number} of this reviewer.", "Use one on record."
            )
        return chosen
    if not held:
        raise _refused(
            "decision.licence", "The reviewer holds no licence.", "Refer the case: only a licensed clinician signs."
        )
    professions = before.sheet.task.professions
    return max(
        held,
        key=lambda each: (each.profession in professions, each.state == before.state, each.expires),
        default=held[0],
    )


def _specialty(before: Desktop, said: str | None) -> str:
    own, fitting = before.reviewer.specialties, before.sheet.task.specialties
    return said or next((each for each in own if each in fitting), own[0] if own else "")


def _problem(error: Any) -> Problem:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).removeprefix(".")
    return Problem(path=path or "form", rule="form", message=error["msg"])


def _refused(rule: str, message: str, way_out: str) -> Refused:
    return Refused((Refusal(rule=rule, message=message, way_out=way_out),))
