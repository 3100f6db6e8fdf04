"""The current wait of a case: for what, from whom, until when, and what happens then; and the status sentence made of it.

Most waits are for a task. What a process waits for otherwise (a facility, a review, a day) stands in its own views.
"""

from __future__ import annotations

from collections.abc import Callable

from domain.cases.case import Case
from domain.cases.escalation_ladders import TaskHolder
from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseStatus, CaseStatusSummary, Waiting
from domain.plain_language.phrases import instant_phrase, role_phrase

# Tasks of compliance that run beside the work on the case itself.
COMPLIANCE_TASKS = frozenset({TaskKind.MISSED_CLOCK, TaskKind.NO_CLOCK, TaskKind.CASE_TROUBLE})

NEXT_STEP = Waiting(what="its next step", owner="Umpire", until=None, then="the case continues automatically")


def next_task(case: Case, is_idle: Callable[[Task], bool] = lambda task: False) -> Task | None:
    """The open task that is due first; those of compliance come after the work on the case. For a task that `is_idle` nobody
    waits."""
    waited = [task for task in case.open_tasks() if not is_idle(task)]
    return min(waited, key=lambda task: (task.kind in COMPLIANCE_TASKS, task.due_at), default=None)


def task_wait(
    case: Case,
    consequence: Callable[[Task], str | None] = lambda task: None,
    is_idle: Callable[[Task], bool] = lambda task: False,
) -> Waiting | None:
    """The wait for the next task, or None without one.

    At its due instant the `consequence` that the process names follows, else the last step of the task's escalation ladder.
    """
    task = next_task(case, is_idle)
    if task is None:
        return None
    return Waiting(
        what=task.kind.value.replace("_", " "),
        owner=task.assignee or role_phrase(task.role),
        until=task.due_at,
        then=consequence(task) or _last_escalation(case, task),
    )


def _last_escalation(case: Case, task: Task) -> str:
    last = case.ladders.for_task(task.kind.value, task.role).steps[-1].to
    return "a reminder goes out" if last is TaskHolder.OWNER else f"{last.value.replace('_', ' ')} is told"


def status_summary(case: Case, status: CaseStatus, wait: Waiting | None) -> CaseStatusSummary:
    """The status of the case, with a sentence that names the zone of its times."""
    if wait is not None:
        sentence = describe_wait(wait, case.zone)
    else:
        sentence = "The case is being opened." if case.is_open else f"Closed: {status.value.replace('_', ' ')}."
    return CaseStatusSummary(
        case_id=case.case_id,
        sentence=sentence,
        status=status,
        waiting=wait,
        open_tasks=tuple(task.task_id for task in case.open_tasks()),
    )


def describe_wait(wait: Waiting, zone: str) -> str:
    """'Waits for X from Y until Z; then W.' with the time in the case's zone."""
    return "".join(text for text, _ in wait_parts(wait, zone))


def wait_parts(wait: Waiting, zone: str) -> tuple[tuple[str, bool], ...]:
    """The sentence in parts, each with whether a reader looks for it first: what, from whom, until when."""
    until = ((" until ", False), (instant_phrase(wait.until, zone), True)) if wait.until is not None else ()
    return (
        ("Waits for ", False),
        (wait.what, True),
        (" from ", False),
        (wait.holder, True),
        *until,
        (f"; then {wait.then}.", False),
    )
