"""What a reviewer needs on one sheet to do a task: the lines, what must be opened and answered, and who may decide."""

from __future__ import annotations

from datetime import datetime

from domain.authorization.assessment import LineAssessment
from domain.authorization.case import Case
from domain.authorization.task_checks import circumstances
from domain.cases.tasks import ALLOWED, Task, TaskKind, TaskOutcome
from domain.decisions.determination import DeciderRule
from domain.model import Model


class TaskSheet(Model):
    """`evidence` are the records to open and `open_criteria` the criteria to answer before anything adverse can be signed."""

    task: Task
    outcomes: tuple[TaskOutcome, ...]
    lines: tuple[LineAssessment, ...]
    evidence: tuple[str, ...]
    open_criteria: tuple[str, ...]
    decider: DeciderRule | None
    peer_to_peer_settled: bool
    recommendation: str | None


def sheet(case: Case, task_id: str, now: datetime) -> TaskSheet:
    """The sheet of one task. Raises KeyError when the case has no such task."""
    task = case.tasks[task_id]
    at = circumstances(case, task, now)
    return TaskSheet(
        task=task,
        outcomes=tuple(sorted(ALLOWED[task.kind])),
        lines=tuple(line for line in case.looked_at().lines if line.line_id in task.line_ids),
        evidence=at.evidence,
        open_criteria=at.open_criteria,
        decider=case.looked_at().decider if task.kind is TaskKind.PHYSICIAN_REVIEW else None,
        peer_to_peer_settled=at.peer_to_peer_settled,
        recommendation=case.nurse_recommendation,
    )
