"""Requests to expedite a review: receiving, granting and refusing them. The clock runs from when the request was made."""

from __future__ import annotations

from datetime import datetime

from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import RequestExpedite
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
    """Handle a request to expedite. A physician's statement makes it mandatory; otherwise a clinician decides."""
    case.note(
        EntryKind.EXPEDITE_REQUESTED,
        message.at,
        f"The {message.asked_by.value} asks for an expedited review.",
        message.actor,
    )
    if message.physician_statement is not True:
        case.expediting.ask(message)
        return "A clinician decides at once whether to expedite."
    case.cancel_tasks(message.at, "a physician's statement settles it", *case.open_tasks(TaskKind.EXPEDITE_DECISION))
    _expedite(case, message.at, "A physician's statement makes expediting mandatory (42 CFR 422.570(c)(2)).")
    return "Expedited: a physician's statement makes it mandatory."


def grant(case: AuthorizationCase, message: CompleteTask) -> str:
    _expedite(case, message.at, "The request to expedite was granted; its clock runs from when it was made.")
    return "Expedited."


def refuse(case: AuthorizationCase, message: CompleteTask) -> str:
    """Refuse to expedite. Each refusal is a decision of its own, with a letter that has its own clock."""
    case.expediting.refuse(message.note)
    case.owe_again(DueKind.EXPEDITE_REFUSAL_NOTICE)
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
