"""List rows, status summaries and timers of task-driven cases: quality concerns and callbacks."""

from __future__ import annotations

from datetime import datetime

from domain.cases import escalation
from domain.cases.escalation_ladders import TaskHolder
from domain.cases.member_case import MemberCase
from domain.cases.tasks import Task
from domain.cases.views import CaseStatus, CaseStatusSummary, CaseSummary, CaseView, Waiting
from domain.cases.waiting import describe_wait
from domain.plain_language.phrases import role_phrase
from domain.vocabulary import ProcessKind, ReviewKind, ServiceKind, Urgency


def current_wait(case: MemberCase) -> Waiting | None:
    """The current wait of the case: for what, from whom, until when, and what happens then; None without one."""
    task = min(case.open_tasks(), key=lambda task: task.due_at, default=None)
    if not case.is_open or task is None:
        return None
    owner = task.assignee or role_phrase(task.role)
    return Waiting(
        what=task.kind.value.replace("_", " "), owner=owner, until=task.due_at, then=_next_consequence(case, task)
    )


def case_view(case: MemberCase, process: ProcessKind, title: str, status: CaseStatus) -> CaseView:
    """One row of the case list; fields that only requests have are empty. Raises ImpossibleState before the first lookup."""
    return CaseView(
        case_id=case.case_id,
        process=process,
        title=title,
        lob=case.lob,
        state=case.state,
        zone=case.zone,
        review_kind=ReviewKind.CONCURRENT,
        service_kind=ServiceKind.MEDICAL,
        urgency=Urgency.STANDARD,
        member_id=case.member_id,
        requesting_npi="",
        request_version=0,
        received_at=case.received_at,
        status=status,
        waiting=current_wait(case),
        decision_due=None,
        governing_rule=None,
        rulebook_version=case.member_context().rulebook_version,
        closed_at=case.closed_at,
    )


def status_summary(case: MemberCase, status: CaseStatus) -> CaseStatusSummary:
    """The status of the case, with a sentence that names the zone of its times."""
    wait = current_wait(case)
    if wait is not None:
        sentence = describe_wait(wait, case.zone)
    else:
        sentence = "It is being opened." if case.is_open else f"Closed: {status.value.replace('_', ' ')}."
    return CaseStatusSummary(
        case_id=case.case_id,
        sentence=sentence,
        status=status,
        waiting=wait,
        open_tasks=tuple(task.task_id for task in case.open_tasks()),
    )


def next_timer(case: MemberCase) -> datetime | None:
    """The next instant (UTC) at which an escalation step is due, or None."""
    return min(escalation.upcoming_timers(case), default=None)


def attach_summary(case: MemberCase, shown: CaseSummary) -> None:
    """Attach the case summary to the last journal entry that is not stored yet."""
    if case.pending:
        last = case.pending[-1]
        data = last.data | {"sheet": shown.model_dump(mode="json")}
        case.pending[-1] = last.model_copy(update={"data": data})


def _next_consequence(case: MemberCase, task: Task) -> str:
    last = case.ladders.for_task(task.kind.value, task.role).steps[-1].to
    return "a reminder goes out" if last is TaskHolder.OWNER else f"{last.value.replace('_', ' ')} is told"
