"""What people tell a running case. Signals and updates carry the same messages, and one check judges both.

`at` is the stamp: the instant (UTC) at which the sender acted, made at the edge where they acted. Timeliness is judged by it,
never by when a worker happened to read the message. `message_id` makes a repeat harmless.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from domain.decisions import LineDecision, SignedDecision
from domain.errors import Refusal
from domain.journal import Actor
from domain.model import Model
from domain.request import StayPurpose
from domain.tasks import TaskOutcome
from domain.views import AnsweredLine, CaseStatus
from domain.vocabulary import AskedBy


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


class AddDocuments(Message):
    """More records arrived; they are in the store already, with whatever facts could be read from them."""

    type: Literal["add_documents"] = "add_documents"
    document_ids: tuple[str, ...]
    request_version: int | None = None


class CorrectRequest(Message):
    """The request was changed (corrected or updated); `request_version` is the stored version that holds from now on."""

    type: Literal["correct_request"] = "correct_request"
    request_version: int
    what: str


class Withdraw(Message):
    type: Literal["withdraw"] = "withdraw"
    by: AskedBy
    why: str | None = None


class RequestExpedite(Message):
    """Someone asks for an expedited review; a physician's statement makes it mandatory (42 CFR 422.570(c)(2))."""

    type: Literal["request_expedite"] = "request_expedite"
    asked_by: AskedBy
    physician_statement: bool | None = None


class TakeExtension(Message):
    """The enrollee asked for more time, or the plan justifies it. The rule of the clock decides whether it may be taken."""

    type: Literal["take_extension"] = "take_extension"
    reviewer_id: str
    reason: Literal["enrollee_asked", "missing_information", "plan_justified"]
    justification: str
    days_given: int | None = None


class SettlePeerToPeer(Message):
    """How the peer-to-peer went. A no-show of the plan leaves the offer open: it is the plan's to make good."""

    type: Literal["settle_peer_to_peer"] = "settle_peer_to_peer"
    result: Literal["held", "declined", "provider_no_show", "plan_no_show"]
    note: str | None = None


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


CaseMessage = Annotated[
    ClaimTask
    | ReleaseTask
    | ReassignTask
    | CompleteTask
    | AddDocuments
    | CorrectRequest
    | Withdraw
    | RequestExpedite
    | TakeExtension
    | SettlePeerToPeer
    | NoteDuplicate,
    Field(discriminator="type"),
]


class Answer(Model):
    """What became of a message: accepted, with a sentence, or refused with every rule it breaks."""

    message_id: str
    accepted: bool
    says: str
    refusals: tuple[Refusal, ...] = ()
