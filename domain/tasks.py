"""Work for people: what a task needs, who may take it, and what may come of it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from domain.model import Model
from domain.vocabulary import Role


class TaskKind(StrEnum):
    COVERAGE_QUESTION = "coverage_question"
    NURSE_REVIEW = "nurse_review"
    PHYSICIAN_REVIEW = "physician_review"
    EXPEDITE_DECISION = "expedite_decision"
    LETTER_REPAIR = "letter_repair"
    MISSED_CLOCK = "missed_clock"
    NO_CLOCK = "no_clock"
    CLAIM_COMPARISON = "claim_comparison"
    EMERGENCY_JUDGMENT = "emergency_judgment"
    DRG_REVIEW = "drg_review"
    COMPLIANCE_REFERRAL = "compliance_referral"
    CLAIM_LESSONS = "claim_lessons"


class TaskStatus(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    CANCELLED = "cancelled"


class TaskOutcome(StrEnum):
    """What a person can answer. No kind of task has an adverse outcome but the physician's, and that one is signed."""

    APPROVE = "approve"
    ASK = "ask"
    REFER = "refer"
    DECIDE = "decide"
    COVERAGE_CONFIRMED = "coverage_confirmed"
    GRANT = "grant"
    REFUSE = "refuse"
    RETRY = "retry"
    ACKNOWLEDGE = "acknowledge"
    DONE = "done"
    """Done as the form of the task says."""


ALLOWED: dict[TaskKind, frozenset[TaskOutcome]] = {
    TaskKind.COVERAGE_QUESTION: frozenset({TaskOutcome.COVERAGE_CONFIRMED, TaskOutcome.REFER}),
    TaskKind.NURSE_REVIEW: frozenset({TaskOutcome.APPROVE, TaskOutcome.ASK, TaskOutcome.REFER}),
    TaskKind.PHYSICIAN_REVIEW: frozenset({TaskOutcome.APPROVE, TaskOutcome.ASK, TaskOutcome.DECIDE}),
    TaskKind.EXPEDITE_DECISION: frozenset({TaskOutcome.GRANT, TaskOutcome.REFUSE}),
    TaskKind.LETTER_REPAIR: frozenset({TaskOutcome.RETRY}),
    TaskKind.MISSED_CLOCK: frozenset({TaskOutcome.ACKNOWLEDGE}),
    TaskKind.NO_CLOCK: frozenset({TaskOutcome.ACKNOWLEDGE}),
    TaskKind.CLAIM_COMPARISON: frozenset({TaskOutcome.DONE}),
    TaskKind.EMERGENCY_JUDGMENT: frozenset({TaskOutcome.DONE}),
    TaskKind.DRG_REVIEW: frozenset({TaskOutcome.DONE}),
    TaskKind.COMPLIANCE_REFERRAL: frozenset({TaskOutcome.DONE}),
    TaskKind.CLAIM_LESSONS: frozenset({TaskOutcome.DONE}),
}
DECIDING_TASKS = (
    TaskKind.COVERAGE_QUESTION,
    TaskKind.NURSE_REVIEW,
    TaskKind.PHYSICIAN_REVIEW,
    TaskKind.EXPEDITE_DECISION,
    TaskKind.NO_CLOCK,
)
"""What leads to a decision, and has no purpose any more once there is one."""


class Task(Model):
    """A piece of work owed by a role until `due_at` (UTC).

    `line_ids` are the service lines it is about; `specialties` the ones that fit (empty: none demanded);
    `also_for` are roles that may take over since an escalation; `escalated` counts the steps of the ladder taken so far.
    `about` tells tasks of one kind apart (a notice, an appointment, a day); `needs` is what the person served needs of whoever
    does it (a language, TTY).
    """

    task_id: str
    kind: TaskKind
    role: Role
    also_for: tuple[Role, ...] = ()
    why: str
    about: str | None = None
    needs: dict[str, str] = {}
    line_ids: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    professions: tuple[str, ...] = ()
    opened_at: AwareDatetime
    due_at: AwareDatetime
    status: TaskStatus = TaskStatus.OPEN
    assignee: str | None = None
    escalated: int = 0
    outcome: TaskOutcome | None = None
    completed_at: AwareDatetime | None = None

    @property
    def is_open(self) -> bool:
        return self.status in (TaskStatus.OPEN, TaskStatus.CLAIMED)
