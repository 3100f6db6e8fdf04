"""The worksheet of a task: its lines, the records to open, the criteria to answer, and who may decide."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.task_checks import decider_of_task, decision_circumstances
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskKind, TaskOutcome
from domain.decisions.determination import DeciderRule
from domain.decisions.prudent_layperson import EmergencyLines
from domain.model import Model
from domain.requests.remarks import ReadingRemark


class TaskWorksheet(Model):
    """A reviewer's worksheet: `evidence` has to be opened and `open_criteria` answered before an adverse decision is
    signed; denying a line of `emergency` needs its ground and the judgment of the presenting symptoms. `remarks` say what of
    the request was not read; `proposals` what others than the requester said instead of what was asked: it changes nothing
    unless a physician signs it."""

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
