"""Requests to expedite a review: receiving, granting and refusing them. The clock runs from when the request was made."""

from __future__ import annotations

from datetime import datetime

from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import RequestExpedite, SpokenMessage
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind
from domain.clocks.engine import DueKind, EventKind
from domain.journal import Actor, EntryKind
from domain.vocabulary import AskedBy, NoticeKind, Urgency


def needs_decision(urgency: Urgency, asked_by: AskedBy, physician_statement: bool | None) -> bool:
    """Whether a clinician has to decide on the request to expedite that came with the submission: on a member's own request.

    A provider's request binds the plan, and so does a physician's statement, whoever submits it.
    """
    asked = asked_by in (AskedBy.MEMBER, AskedBy.REPRESENTATIVE)
    return urgency is Urgency.EXPEDITED and asked and physician_statement is not True


def handle_expedite_request(case: AuthorizationCase, message: RequestExpedite) -> str:
    """Handle a request to expedite. What binds expedites at once; on the rest a clinician decides."""
    case.note(
        EntryKind.EXPEDITE_REQUESTED,
        message.at,
        f"The {message.asked_by.value} asks for an expedited review.{entered_text(message)}",
        message.actor,
        **entry_data(message),
    )
    if not is_binding(case, message):
        case.expediting.ask(message)
        return "A clinician decides at once whether to expedite."
    pending = case.open_tasks(TaskKind.EXPEDITE_DECISION)
    if message.physician_statement is True:
        case.cancel_tasks(message.at, "a physician's statement settles it", *pending)
        _expedite(case, message.at, "A physician's statement makes expediting mandatory (42 CFR 422.570(c)(2)).")
        return "Expedited: a physician's statement makes it mandatory."
    who, cite = message.asked_by.value, _binding_citation(case, message)
    case.cancel_tasks(message.at, f"the word of the {who} settles it", *pending)
    _expedite(case, message.at, f"The word of the {who} makes expediting mandatory ({cite}).")
    return f"Expedited: the word of the {who} makes it mandatory."


def entered_text(message: SpokenMessage) -> str:
    """A sentence for the journal that names who entered what a party said; empty where nobody had to."""
    return f" Entered by {message.entered_by}." if message.entered_by is not None else ""


def entry_data(message: SpokenMessage) -> dict[str, str]:
    """The name of who entered what a party said, as data of the journal."""
    return {"entered_by": message.entered_by} if message.entered_by is not None else {}


def is_binding(case: AuthorizationCase, message: RequestExpedite) -> bool:
    """Whether nobody may refuse this request to expedite: a physician states the jeopardy, or the rule of the line of business
    takes the word of who asks."""
    return message.physician_statement is True or _binding_citation(case, message) is not None


def _binding_citation(case: AuthorizationCase, message: RequestExpedite) -> str | None:
    words = case.assessment.policy.expedite_words if case.assessment is not None else ()
    return next((word.cite for word in words if (word.lob, word.asked_by) == (case.lob, message.asked_by)), None)


def grant(case: AuthorizationCase, message: CompleteTask) -> str:
    _expedite(case, message.at, "The request to expedite was granted; its clock runs from when it was made.")
    return "Expedited."


def refuse(case: AuthorizationCase, message: CompleteTask) -> str:
    """Refuse to expedite. Each refusal is a decision of its own, with a letter that has its own clock."""
    case.expediting.refuse(message.note)
    case.owe_again(DueKind.EXPEDITE_REFUSAL_NOTICE)
    case.owe_again(DueKind.EXPEDITE_REFUSAL_CALL)
    case.happened(EventKind.EXPEDITE_REFUSED, message.at)
    case.queue_notice(NoticeKind.EXPEDITE_NOT_GRANTED)
    case.note(
        EntryKind.EXPEDITE_REFUSED,
        message.at,
        "The request to expedite was refused; the standard clock counts from the first receipt.",
        message.actor,
        reason=message.note,
    )
    return "The refusal gets its letter; the standard clock counts from the first receipt."


def record_request_at_receipt(
    case: AuthorizationCase, asked_by: AskedBy, physician_statement: bool | None, sender: Actor
) -> None:
    """Record the request to expedite that came with the submission; until it is decided the case runs as expedited."""
    case.expediting.ask(
        RequestExpedite(
            message_id=f"{case.case_id}-receipt",
            at=case.received_at,
            actor=sender,
            asked_by=asked_by,
            physician_statement=physician_statement,
        )
    )


def _expedite(case: AuthorizationCase, at: datetime, why: str) -> None:
    asked_at = case.expediting.grant(at)
    case.happened(EventKind.UPGRADE_REQUESTED, asked_at)
    case.note(EntryKind.EXPEDITED, asked_at, why)
