"""What people tell a running case. Signals and updates carry the same messages, and one check judges both.

`at` is the stamp: the instant (UTC) at which the sender acted, made at the edge where they acted. Timeliness is judged by it,
never by when a worker happened to read the message. `message_id` makes a repeat harmless.
"""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, JsonValue

from domain.cases.tasks import TaskOutcome
from domain.cases.views import AnsweredLine, CaseStatus
from domain.decisions.determination import LineDecision, SignedDecision
from domain.errors import Refusal
from domain.journal import Actor
from domain.model import Model
from domain.requests.request import StayPurpose


class Message(Model):
    """What every message carries. Each kind narrows `type` to its own name."""

    type: str
    message_id: str
    at: AwareDatetime
    actor: Actor


class ClaimTask(Message):
    type: Literal["claim_task"] = "claim_task"
    task_id: str
    reviewer_id: str


class ReleaseTask(Message):
    type: Literal["release_task"] = "release_task"
    task_id: str
    reviewer_id: str


class ReassignTask(Message):
    """A supervisor (or the assignee) gives a task to somebody else."""

    type: Literal["reassign_task"] = "reassign_task"
    task_id: str
    reviewer_id: str


class CompleteTask(Message):
    """A reviewer finishes a task. Which fields are needed follows from the outcome; `form` is that of the task's kind."""

    type: Literal["complete_task"] = "complete_task"
    task_id: str
    reviewer_id: str
    outcome: TaskOutcome
    lines: tuple[LineDecision, ...] = ()
    recommendation: str | None = None
    facts_to_ask: tuple[str, ...] = ()
    signed: SignedDecision | None = None
    note: str | None = None
    form: dict[str, JsonValue] | None = None


class NoteDuplicate(Message):
    type: Literal["note_duplicate"] = "note_duplicate"
    inbox_id: int


class ReviewAnswered(Message):
    """What a review came to, told to the process that asked for it. Not about letters: those are the review's own business.

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


class Answer(Model):
    """What became of a message: accepted, with a sentence, or refused with every rule it breaks."""

    message_id: str
    accepted: bool
    says: str
    refusals: tuple[Refusal, ...] = ()
