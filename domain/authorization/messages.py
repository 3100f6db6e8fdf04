"""Messages that only an authorization case handles, and the union of all messages it accepts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.cases.messages import BaseMessage, ClaimTask, CompleteTask, NoteDuplicate, ReassignTask, ReleaseTask
from domain.decisions.closings import Closing
from domain.model import Model
from domain.vocabulary import AskedBy, Channel


class PartyStatement(Model):
    """The way in which a party said what a message says: which person, through which channel, when, and what shows it: the
    arrival itself (`inbox_id`), a document of the case or a note."""

    person: str
    channel: Channel
    at: AwareDatetime
    inbox_id: int | None = None
    document_id: str | None = None
    note: str | None = None

    @property
    def is_shown(self) -> bool:
        """Whether it names the person, and something that shows what was said."""
        shown = self.inbox_id is not None or bool(self.document_id) or bool((self.note or "").strip())
        return bool(self.person.strip()) and shown


class ContactLog(Model):
    """One call to the requesting provider: who was called, under which number, when, and by which member of staff."""

    called: str
    number: str
    at: AwareDatetime
    by: str


class ExtensionGround(Model):
    """The ground for more time with its facts: who asked for it (`party`), whose evidence is awaited (`provider_npi`), and in
    `fact` what was asked, awaited or extraordinary."""

    code: Literal["enrollee_asked", "noncontract_evidence", "extraordinary"]
    fact: str
    party: PartyStatement | None = None
    provider_npi: str | None = None


class SpokenMessage(BaseMessage):
    """A message of a party. `actor` is the party that speaks; `entered_by` the member of staff who entered it, and None where
    the party sent it."""

    entered_by: str | None = Field(default=None, exclude_if=lambda who: who is None)


class AddDocuments(BaseMessage):
    """More records arrived; they are stored already, with the facts that could be read from them."""

    type: Literal["add_documents"] = "add_documents"
    document_ids: tuple[str, ...]
    request_version: int | None = None


class CorrectRequest(BaseMessage):
    """The request was corrected or updated; `request_version` is the stored version that is now current."""

    type: Literal["correct_request"] = "correct_request"
    request_version: int
    what: str


class WithdrawRequest(SpokenMessage):
    """A party takes its request back. `asked` is how it said so; only messages of older releases lack it."""

    type: Literal["withdraw"] = "withdraw"
    by: AskedBy
    why: str | None = None
    asked: PartyStatement | None = Field(default=None, exclude_if=lambda said: said is None)


class ReinstateRequest(SpokenMessage):
    """The party that withdrew the request takes that back, in `asked`; what `by` says stands for the member or the provider."""

    type: Literal["reinstate"] = "reinstate"
    by: AskedBy
    why: str | None = None
    asked: PartyStatement


class RequestExpedite(SpokenMessage):
    """Someone asks for an expedited review; a physician's statement makes it mandatory (42 CFR 422.570(c)(2))."""

    type: Literal["request_expedite"] = "request_expedite"
    asked_by: AskedBy
    physician_statement: bool | None = None


class TakeExtension(BaseMessage):
    """The enrollee asked for more time, or the plan justifies it. The rule of the clock decides whether it may be taken.

    `ground` and `second_person` (a reviewer who agrees) are there where the rulebook asks for them.
    """

    type: Literal["take_extension"] = "take_extension"
    reviewer_id: str
    reason: Literal["enrollee_asked", "missing_information", "plan_justified"]
    justification: str
    days_given: int | None = None
    ground: ExtensionGround | None = Field(default=None, exclude_if=lambda ground: ground is None)
    second_person: str | None = Field(default=None, exclude_if=lambda who: who is None)


class SettlePeerToPeer(BaseMessage):
    """The result of the peer-to-peer. If the plan did not show, the offer stays open. Only messages of older releases lack
    the log of the call."""

    type: Literal["settle_peer_to_peer"] = "settle_peer_to_peer"
    result: Literal["held", "declined", "provider_no_show", "plan_no_show"]
    note: str | None = None
    contact: ContactLog | None = Field(default=None, exclude_if=lambda call: call is None)


class PlanCall(BaseMessage):
    """A time for the offered peer-to-peer is wished, booked, moved or cancelled, by the provider or by the plan: `starts_at`
    (UTC) with `physician` (a reviewer id), who calls `person` under `number`; `wishes` are times (UTC) that would suit."""

    type: Literal["plan_call"] = "plan_call"
    step: Literal["wished", "booked", "moved", "cancelled"]
    starts_at: AwareDatetime | None = None
    physician: str | None = None
    person: str = ""
    number: str = ""
    wishes: tuple[AwareDatetime, ...] = ()


class NoteFollowUp(BaseMessage):
    """A request came after the decision of this case, or was decided: what it says is read from the record of `case_id`."""

    type: Literal["note_follow_up"] = "note_follow_up"
    case_id: str


class CloseUndecided(BaseMessage):
    """Staff with the credential for it end the request without a determination: dismissed, not covered, another plan's, or not
    properly filed. Whoever is not covered through all of it keeps a decision on the covered days."""

    type: Literal["close_undecided"] = "close_undecided"
    reviewer_id: str
    closing: Closing


class FileGrievance(BaseMessage):
    """A party does not agree that the plan takes more time, or that it does not expedite; staff enter what was `said`."""

    type: Literal["file_grievance"] = "file_grievance"
    reviewer_id: str
    about: Literal["extension", "expedite_refusal"]
    asked: PartyStatement
    said: str


class VacateDismissal(BaseMessage):
    """The plan vacates its dismissal for good cause, as a party `asked`: the review goes on with its receipt and its clocks."""

    type: Literal["vacate_dismissal"] = "vacate_dismissal"
    reviewer_id: str
    by: AskedBy
    asked: PartyStatement
    good_cause: str


STAFF_ACTS = (TakeExtension, CloseUndecided, VacateDismissal, FileGrievance)
"""Acts of a reviewer or member of staff that are no message about a task."""

AuthorizationMessage = Annotated[
    ClaimTask
    | ReleaseTask
    | ReassignTask
    | CompleteTask
    | AddDocuments
    | CorrectRequest
    | WithdrawRequest
    | ReinstateRequest
    | RequestExpedite
    | TakeExtension
    | SettlePeerToPeer
    | PlanCall
    | CloseUndecided
    | VacateDismissal
    | FileGrievance
    | NoteDuplicate
    | NoteFollowUp,
    Field(discriminator="type"),
]
