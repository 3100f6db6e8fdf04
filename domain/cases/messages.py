"""Messages to a running case. Signals and updates carry the same messages and pass the same checks.

`at` is the timestamp: the instant (UTC) at which the sender acted, made where they acted. Timeliness is measured by it, never
by when a worker happened to read the message. `message_id` makes a repeat harmless.
"""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from domain.cases.tasks import TaskOutcome
from domain.cases.views import AnsweredLine, CaseStatus
from domain.decisions.determination import ApprovalBasis, LineDecision, SignedBenefitDecision, SignedDecision
from domain.errors import RuleViolation
from domain.journal import Actor
from domain.model import Model
from domain.requests.request import StayPurpose


class BaseMessage(Model):
    """The fields of every message. Each kind narrows `type` to its own name."""

    type: str
    message_id: str
    at: AwareDatetime
    actor: Actor


class ClaimTask(BaseMessage):
    type: Literal["claim_task"] = "claim_task"
    task_id: str
    reviewer_id: str


class ReleaseTask(BaseMessage):
    type: Literal["release_task"] = "release_task"
    task_id: str
    reviewer_id: str


class ReassignTask(BaseMessage):
    """A supervisor, a medical director or the assignee gives a task to another reviewer."""

    type: Literal["reassign_task"] = "reassign_task"
    task_id: str
    reviewer_id: str


class CompleteTask(BaseMessage):
    """A reviewer finishes a task. Which fields are needed follows from the outcome; `form` is that of the task's kind, `basis`
    the account of what is approved, which only messages of older releases lack."""

    type: Literal["complete_task"] = "complete_task"
    task_id: str
    reviewer_id: str
    outcome: TaskOutcome
    lines: tuple[LineDecision, ...] = ()
    recommendation: str | None = None
    facts_to_ask: tuple[str, ...] = ()
    signed: SignedDecision | SignedBenefitDecision | None = None
    note: str | None = None
    form: dict[str, JsonValue] | None = None
    basis: ApprovalBasis | None = Field(default=None, exclude_if=lambda basis: basis is None)


class NoteDuplicate(BaseMessage):
    type: Literal["note_duplicate"] = "note_duplicate"
    inbox_id: int


class ReviewAnswered(BaseMessage):
    """The result of a review, sent to the case that requested it. The letters stay with the review itself.

    `missed_due_at` (UTC) is the first decision instant that the review let pass; None: it was in time.
    """

    type: Literal["review_answered"] = "review_answered"
    case_id: str
    purpose: StayPurpose
    round: int
    status: CaseStatus
    lines: tuple[AnsweredLine, ...]
    decided_at: AwareDatetime | None
    missed_due_at: AwareDatetime | None = None


class MessageResult(Model):
    """The result of a message: accepted, with a sentence, or rejected with every rule it breaks."""

    message_id: str
    accepted: bool
    says: str
    refusals: tuple[RuleViolation, ...] = ()
