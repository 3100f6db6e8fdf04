"""The worksheet of a task: its lines, the records to open, the criteria to answer, and who may decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from domain.authorization.approval_checks import criteria_of
from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.task_checks import decision_circumstances
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskKind, TaskOutcome
from domain.decisions.checks import peer_to_peer_violation
from domain.decisions.determination import DeciderRule
from domain.decisions.prudent_layperson import EmergencyLines
from domain.decisions.signed import RecordOpening
from domain.errors import RuleViolation, violation
from domain.model import Model
from domain.plain_language.phrases import count_phrase
from domain.requests.remarks import ReadingRemark


class TaskWorksheet(Model):
    """A reviewer's worksheet: `evidence` has to be opened and `open_criteria` answered before an adverse decision is
    signed; denying a line of `emergency` needs its ground and the judgment of the presenting symptoms. `remarks` say what of
    the request was not read; `proposals` what others than the requester said instead of what was asked: it changes nothing
    unless a physician signs it; `openings` which records were opened, and by whom; `criteria_to_name` those that an
    approval may name."""

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
    openings: tuple[RecordOpening, ...] = Field(default=(), exclude_if=lambda opened: not opened)
    criteria_to_name: tuple[str, ...] = Field(default=(), exclude_if=lambda named: not named)


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
        decider=case.require_context().decider if task.kind is TaskKind.PHYSICIAN_REVIEW else None,
        peer_to_peer_settled=at.peer_to_peer_settled,
        recommendation=case.determinations.nurse_recommendation,
        emergency=at.emergency,
        remarks=case.require_context().remarks_on(task.line_ids),
        proposed_level=case.stay.proposed_level if case.stay is not None else None,
        proposals=_proposals(case),
        openings=case.openings,
        criteria_to_name=criteria_of(case, task.line_ids),
    )


def signing_obstacles(sheet: TaskWorksheet, reviewer_id: str) -> Iterator[RuleViolation]:
    """What is missing before this reviewer may sign an adverse decision, as far as it does not depend on what they answer: the
    call that was offered, and the records that they have not opened."""
    rule = sheet.decider
    if rule is not None and rule.peer_to_peer_first and not sheet.peer_to_peer_settled:
        yield peer_to_peer_violation(rule)
    own = {one.document_id for one in sheet.openings if one.reviewer_id == reviewer_id}
    unread = set(sheet.evidence) - own
    if unread:
        yield violation(
            "decision.evidence",
            f"Not opened by you yet: {count_phrase(len(unread), 'record')} of the case.",
            f"Open each with 'umpire record {sheet.task.task_id.rsplit('-T', 1)[0]} NUMBER'.",
        )


def _proposals(case: AuthorizationCase) -> tuple[str, ...]:
    """What was said instead of what was asked, in sentences for the reviewer."""
    level = case.stay.proposed_level if case.stay is not None else None
    if level is None:
        return ()
    ordered = ", ".join(sorted({line.description for line in case.require_context().lines}))
    lower = level.replace("_", " ")
    return (
        f"{lower.capitalize()} was proposed; ordered: {ordered}. Only a physician can approve the lower level, in part.",
    )
