"""What each message does to a case, once `checks` has let it through.

`receive` is the only entrance: it answers repeats with their first answer, keeps refused messages on the case, and journals
what it did. It never decides anything itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.authorization import task_outcomes as taskwork
from domain.authorization.case import Case
from domain.authorization.expedite import ask_to_expedite
from domain.authorization.message_checks import refusals
from domain.authorization.messages import (
    AddDocuments,
    CaseMessage,
    CorrectRequest,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    Withdraw,
)
from domain.authorization.parts import Route
from domain.cases import receipt as reception
from domain.cases import task_actions as task_moves
from domain.cases.messages import Answer, ClaimTask, CompleteTask, NoteDuplicate, ReassignTask, ReleaseTask
from domain.cases.tasks import DECIDING_TASKS, TaskKind
from domain.clocks.engine import EventKind
from domain.journal import EntryKind
from domain.plain_language.phrases import counted
from domain.vocabulary import NoticeKind

REPEATED_OFFER = timedelta(hours=4)
"""How much longer the provider can take the call after the plan missed it."""


def receive(case: Case, message: CaseMessage, now: datetime) -> Answer:
    """Carry out a message, or keep it as refused. `now` is the workflow's clock (UTC)."""
    return reception.receive(case, message, now, refusals, _apply)


def _apply(case: Case, message: CaseMessage, now: datetime) -> str:
    match message:
        case ClaimTask():
            return task_moves.claim(case, message)
        case ReleaseTask():
            return task_moves.release(case, message)
        case ReassignTask():
            return task_moves.reassign(case, message)
        case CompleteTask():
            return taskwork.complete(case, message, now)
        case AddDocuments():
            return _documents(case, message)
        case CorrectRequest():
            return _correct(case, message)
        case Withdraw():
            return _withdraw(case, message)
        case RequestExpedite():
            return ask_to_expedite(case, message)
        case TakeExtension():
            return _extend(case, message)
        case SettlePeerToPeer():
            return _peer_to_peer(case, message)
        case NoteDuplicate():
            case.note(
                EntryKind.DUPLICATE_RECEIVED,
                message.at,
                "The same request came again and joined this case.",
                message.actor,
                inbox_id=message.inbox_id,
            )
            return "The request joined this case."


def _documents(case: Case, message: AddDocuments) -> str:
    case.note(
        EntryKind.INFORMATION_RECEIVED,
        message.at,
        f"{counted(len(message.document_ids), 'document')} arrived." if message.document_ids else "New facts arrived.",
        message.actor,
        documents=list(message.document_ids),
    )
    if case.is_decided:
        return "The records are on file; the decision stands. With an appeal they are looked at."
    _take_version(case, message.request_version)
    case.look_needed = True
    case.happened(EventKind.INFORMATION_RECEIVED, message.at)
    asked = case.information
    if asked is not None and asked.is_open and message.at >= asked.asked_at:
        asked.answered_at = message.at
        for line_id in asked.line_ids:
            if case.routes.get(line_id) is Route.ASKED:
                case.routes[line_id] = Route.NEW
    return "The records are on the case; the criteria are looked at anew."


def _take_version(case: Case, version: int | None) -> None:
    """Later versions hold what earlier ones brought, and messages may overtake each other: the newest known one counts."""
    case.request_version = max(case.request_version, version or 0)


def _correct(case: Case, message: CorrectRequest) -> str:
    _take_version(case, message.request_version)
    case.look_needed = True
    case.routes.clear()
    case.approvals.clear()
    case.adverse = ()
    case.decided_at = None
    case.nurse_recommendation = None
    case.information = None
    case.peer_to_peer = None
    case.coverage_confirmed = case.coverage_set_aside = False
    reviews = case.open_tasks(TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW, TaskKind.COVERAGE_QUESTION)
    case.cancel_tasks(message.at, "the request was changed", *reviews)
    case.note(EntryKind.REQUEST_CORRECTED, message.at, f"The request was changed: {message.what}", message.actor)
    return "The change is on the case."


def _withdraw(case: Case, message: Withdraw) -> str:
    """From here on nobody decides anything; what is left are the letters that say so."""
    case.withdrawal = message.by.value
    case.extension = case.expedite = None
    moot = case.open_tasks(*DECIDING_TASKS, TaskKind.CASE_FORWARDING)
    case.cancel_tasks(message.at, "the request was withdrawn", *moot)
    case.note(
        EntryKind.WITHDRAWN,
        message.at,
        f"The {message.by.value} took the request back.",
        message.actor,
        why=message.why,
    )
    return "The request is withdrawn; letters say so."


def _extend(case: Case, message: TakeExtension) -> str:
    """One whose letter could not be written makes room for one with better words."""
    case.extension = message
    case.blocked_letters = [notice for notice in case.blocked_letters if notice is not NoticeKind.EXTENSION]
    return "The extension is taken as soon as its letter has gone out."


def _peer_to_peer(case: Case, message: SettlePeerToPeer) -> str:
    offer = case.peer_to_peer
    if offer is None:
        raise LookupError("checks let a peer-to-peer through that nobody offered")
    offer.result = message.result
    case.note(
        EntryKind.PEER_TO_PEER_SETTLED,
        message.at,
        f"Peer-to-peer: {message.result.replace('_', ' ')}.",
        message.actor,
        result=message.result,
        note=message.note,
    )
    if message.result == "plan_no_show":
        offer.until = max(offer.until, message.at + REPEATED_OFFER)
        return "The plan missed the call: the offer stays open."
    return "Noted; the decision may go on."
