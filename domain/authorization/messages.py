"""Carried out of domain/messages.py."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.cases.messages import ClaimTask, CompleteTask, Message, NoteDuplicate, ReassignTask, ReleaseTask
from domain.vocabulary import AskedBy


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
