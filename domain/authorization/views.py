"""Views of an authorization case: its row and lines, which its journal entries carry for the read models, and its status with
what it waits for."""

from __future__ import annotations

from typing import Any

from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.parts import Route
from domain.cases import waiting
from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseStatusSummary, CaseView, LineView, Waiting
from domain.clocks.engine import DueKind
from domain.decisions.decision_makers import ByReviewer
from domain.vocabulary import LineOutcome


def case_view(case: AuthorizationCase, waits: Waiting | None) -> CaseView:
    """One row of the case list. Raises ImpossibleState before the first assessment."""
    found, due = case.require_context(), case.due()
    return CaseView(
        case_id=case.case_id,
        lob=found.lob,
        state=found.state,
        zone=found.zone,
        review_kind=case.review_kind,
        service_kind=case.service_kind,
        urgency=case.urgency,
        member_id=case.member_id,
        requesting_npi=case.requesting_npi,
        request_version=case.request_version,
        received_at=case.received_at,
        status=case.status,
        waiting=waits,
        decision_due=due[1].at if due else None,
        governing_rule=due[0].rule_id if due else None,
        decided_at=case.decided_at,
        authorization_number=case.authorization_number,
        rulebook_version=found.rulebook_version,
        closed_at=case.closed_at,
    )


def line_rows(case: AuthorizationCase) -> list[dict[str, Any]]:
    """Every line as JSON for a journal entry."""
    return [line.model_dump(mode="json") for line in line_views(case)]


def line_views(case: AuthorizationCase) -> tuple[LineView, ...]:
    """Every line with its determination so far."""
    return tuple(_line_view(case, line) for line in case.require_context().lines)


def _line_view(case: AuthorizationCase, line: LineAssessment) -> LineView:
    shown = LineView(
        line_id=line.line_id,
        code=line.code,
        description=line.description,
        route=case.routes.get(line.line_id, Route.NEW).value,
        guideline_id=line.criteria.guideline_id if line.criteria else None,
        verdict=line.criteria.state if line.criteria else None,
        verdict_id=line.criteria.verdict_id if line.criteria else None,
        limits=line.limits,
        exception=line.exception,
        supply=case.supplies.get(line.line_id),
    )
    return shown.model_copy(update=_line_answer(case, line.line_id))


def _line_answer(case: AuthorizationCase, line_id: str) -> dict[str, Any]:
    """The determination on a line, as far as there is one."""
    approval, signed = case.approvals.get(line_id), case.signed_answer(line_id)
    if signed is not None:
        made, answer = signed
        by, level = ByReviewer(made.signed.reviewer_id), answer.approved_level
        return _approved_extent(answer) | {"outcome": answer.outcome, "decided_by": by, "approved_level": level}
    if approval is not None:
        return _approved_extent(approval) | {
            "outcome": LineOutcome.APPROVED,
            "decided_by": approval.by,
            "basis": approval.basis,
        }
    return {}


def _approved_extent(answer: Any) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in ("approved_quantity", "approved_start", "approved_end")}


def current_wait(case: AuthorizationCase) -> Waiting | None:
    """The current wait of the case; None when it waits for nobody."""
    if not case.is_open or case.assessment is None:
        return None
    if case.information is not None and case.information.is_open:
        return Waiting(
            what="missing facts",
            owner="the requesting provider",
            until=case.information.wait_until,
            then="a nurse reviews what is there",
        )
    return waiting.task_wait(case, lambda task: _missed_clock(case, task)) or waiting.NEXT_STEP


def _missed_clock(case: AuthorizationCase, task: Task) -> str | None:
    """The clock that is missed at the due instant of a task, if it is the decision's or that of the case file."""
    if task.kind is TaskKind.ORAL_NOTICE:
        return "the notice is missed, and compliance is told"
    due = case.due()
    if due is not None and due[1].at == task.due_at:
        clock = due[0]
        effect = clock.missed.effect.value.replace("_", " ") if clock.missed is not None else "recorded"
        return f"the clock {clock.rule_id} is missed ({effect}), and compliance is told"
    file = case.due(DueKind.CASE_FILE) if task.kind is TaskKind.CASE_FORWARDING else None
    return f"the clock {file[0].rule_id} is missed, and compliance is told" if file is not None else None


def status_summary(case: AuthorizationCase) -> CaseStatusSummary:
    """The status of the case, with a sentence that names the zone of its times."""
    return waiting.status_summary(case, case.status, current_wait(case))
