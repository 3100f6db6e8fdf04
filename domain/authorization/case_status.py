"""Status of an authorization case: its current wait and its status summary."""

from __future__ import annotations

from domain.authorization.case import AuthorizationCase
from domain.cases.escalation_ladders import TaskHolder
from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseStatusSummary, Waiting
from domain.cases.waiting import COMPLIANCE_TASKS, describe_wait
from domain.clocks.engine import DueKind
from domain.plain_language.phrases import role_phrase


def current_wait(case: AuthorizationCase) -> Waiting | None:
    """The current wait of the case: for what, from whom, until when, and what happens then; None without one."""
    if not case.is_open or case.assessment is None:
        return None
    if case.information is not None and case.information.is_open:
        return Waiting(
            what="missing facts",
            owner="the requesting provider",
            until=case.information.wait_until,
            then="a nurse reviews what is there",
        )
    task = min(case.open_tasks(), key=lambda task: (task.kind in COMPLIANCE_TASKS, task.due_at), default=None)
    if task is None:
        return Waiting(what="its next step", owner="Umpire", until=None, then="the case continues automatically")
    owner = task.assignee or role_phrase(task.role)
    return Waiting(
        what=task.kind.value.replace("_", " "), owner=owner, until=task.due_at, then=_next_consequence(case, task)
    )


def _next_consequence(case: AuthorizationCase, task: Task) -> str:
    """The event at the due instant of a task: the missed clock where it is the decision's, else the last escalation."""
    due = case.due()
    if due is not None and due[1].at == task.due_at:
        clock = due[0]
        effect = clock.missed.effect.value.replace("_", " ") if clock.missed is not None else "recorded"
        return f"the clock {clock.rule_id} is missed ({effect}), and compliance is told"
    file = case.due(DueKind.CASE_FILE) if task.kind is TaskKind.CASE_FORWARDING else None
    if file is not None:
        return f"the clock {file[0].rule_id} is missed, and compliance is told"
    ladder = case.require_context().ladders.for_task(task.kind.value, task.role)
    last = ladder.steps[-1].to
    return "a reminder goes out" if last is TaskHolder.OWNER else f"{last.value.replace('_', ' ')} is told"


def status_summary(case: AuthorizationCase) -> CaseStatusSummary:
    """The status of the case, with a sentence that names the zone of its times."""
    wait = current_wait(case)
    if wait is not None:
        sentence = describe_wait(wait, case.zone)
    elif case.is_open:
        sentence = "The case is being opened."
    else:
        sentence = f"Closed: {case.status.value.replace('_', ' ')}."
    return CaseStatusSummary(
        case_id=case.case_id,
        sentence=sentence,
        status=case.status,
        waiting=wait,
        open_tasks=tuple(task.task_id for task in case.open_tasks()),
    )
