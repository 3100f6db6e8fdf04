"""Status of an authorization case: its current wait and its status summary."""

from __future__ import annotations

from domain.authorization.case import AuthorizationCase
from domain.cases import waiting
from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseStatusSummary, Waiting
from domain.clocks.engine import DueKind


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
