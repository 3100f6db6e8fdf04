"""Messages that only an authorization case handles, and the union of all messages it accepts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.cases.messages import BaseMessage, ClaimTask, CompleteTask, NoteDuplicate, ReassignTask, ReleaseTask
from domain.vocabulary import AskedBy


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


class WithdrawRequest(BaseMessage):
    type: Literal["withdraw"] = "withdraw"
    by: AskedBy
    why: str | None = None


class RequestExpedite(BaseMessage):
    """Someone asks for an expedited review; a physician's statement makes it mandatory (42 CFR 422.570(c)(2))."""

    type: Literal["request_expedite"] = "request_expedite"
    asked_by: AskedBy
    physician_statement: bool | None = None


class TakeExtension(BaseMessage):
    """The enrollee asked for more time, or the plan justifies it. The rule of the clock decides whether it may be taken."""

    type: Literal["take_extension"] = "take_extension"
    reviewer_id: str
    reason: Literal["enrollee_asked", "missing_information", "plan_justified"]
    justification: str
    days_given: int | None = None


class SettlePeerToPeer(BaseMessage):
    """The result of the peer-to-peer. If the plan did not show, the offer stays open."""

    type: Literal["settle_peer_to_peer"] = "settle_peer_to_peer"
    result: Literal["held", "declined", "provider_no_show", "plan_no_show"]
    note: str | None = None


AuthorizationMessage = Annotated[
    ClaimTask
    | ReleaseTask
    | ReassignTask
    | CompleteTask
    | AddDocuments
    | CorrectRequest
    | WithdrawRequest
    | RequestExpedite
    | TakeExtension
    | SettlePeerToPeer
    | NoteDuplicate,
    Field(discriminator="type"),
]
