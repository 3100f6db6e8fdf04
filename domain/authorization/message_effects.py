"""Effects of messages on an authorization case, once `message_checks` has found no violation.

`receive_message` is the only entry point: repeats get their first result, rejected messages are journaled, and so are the
effects of the others. It never decides anything itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.authorization import task_outcomes
from domain.authorization.case import AuthorizationCase
from domain.authorization.closings import effects as closing_effects
from domain.authorization.expedite import entered_text, entry_data, handle_expedite_request
from domain.authorization.grievances import expedited
from domain.authorization.message_checks import violations
from domain.authorization.messages import (
    AddDocuments,
    AuthorizationMessage,
    CloseUndecided,
    CorrectRequest,
    FileGrievance,
    NoteFollowUp,
    PlanCall,
    ReinstateRequest,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    VacateDismissal,
    WithdrawRequest,
)
from domain.authorization.parts import CasePhase
from domain.authorization.peer_to_peer.planning import plan_call
from domain.cases import letter_tracking, receipt, task_actions
from domain.cases.messages import ClaimTask, CompleteTask, MessageResult, NoteDuplicate, ReassignTask, ReleaseTask
from domain.cases.tasks import DECIDING_TASKS, TaskKind
from domain.cases.views import CaseStatus
from domain.clocks.engine import EventKind
from domain.errors import ImpossibleState, RuleViolation, violation
from domain.follow_ups.notes import FollowUp, follow_up_entry
from domain.journal import EntryKind
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import NoticeKind

OFFER_EXTENSION = timedelta(hours=4)
"""The additional time for the peer-to-peer call after the plan missed it."""

NOT_ON_RECORD = violation(
    "follow_up.not_on_record",
    "No request on file follows the decision of this case under that number.",
    "Nothing to do: a request after the decision is noted from its own record.",
)


def receive_message(
    case: AuthorizationCase,
    message: AuthorizationMessage,
    now: datetime,
    *,
    spoken: bool = True,
    accounted: bool = True,
) -> MessageResult:
    """Apply a message, or journal it as rejected. `now` is the workflow's clock (UTC). `spoken` or `accounted` false replays a
    message that an older release accepted without the rules about who speaks, or about the account of the work."""
    if isinstance(message, NoteFollowUp):  # noted from the record of its case alone, which was not read here
        return record_follow_up(case, message, None, now)

    def refusals(case: AuthorizationCase, message: AuthorizationMessage, now: datetime) -> tuple[RuleViolation, ...]:
        return violations(case, message, now, spoken=spoken, accounted=accounted)

    return receipt.receive_message(case, message, now, refusals, _apply)


def record_follow_up(
    case: AuthorizationCase, message: NoteFollowUp, found: FollowUp | None, now: datetime
) -> MessageResult:
    """Journal a follow-up of this case's decision as the record of its own case has it, once; without one it is refused."""
    if found is None or found.asked.case_id != case.case_id or found.case_id != message.case_id:
        return receipt.refuse_message(case, message, now, (NOT_ON_RECORD,))
    if found.note_id not in case.follow_ups:
        kind, summary, data = follow_up_entry(found)
        case.follow_ups = (*case.follow_ups, found.note_id)
        if found.terms is not None and found.terms.voided and not case.is_open:
            case.ending.close(CaseStatus.VOIDED)
        case.note(kind, found.at, summary, found.by, **data)
    answer = MessageResult(message_id=message.message_id, accepted=True, says="It is on the journal of this case.")
    case.answers[message.message_id] = answer
    return answer


def _apply(case: AuthorizationCase, message: AuthorizationMessage, now: datetime) -> str:
    match message:
        case ClaimTask():
            return task_actions.claim(case, message)
        case ReleaseTask():
            return task_actions.release(case, message)
        case ReassignTask():
            return task_actions.reassign(case, message)
        case CompleteTask():
            return task_outcomes.complete_task(case, message, now)
        case AddDocuments():
            return _add_documents(case, message)
        case CorrectRequest():
            return _correct_request(case, message)
        case WithdrawRequest():
            return _withdraw_request(case, message)
        case ReinstateRequest():
            return _reinstate_request(case, message, now)
        case RequestExpedite():
            return handle_expedite_request(case, message)
        case TakeExtension():
            case.take_extension(message)
            return "The extension takes effect as soon as its letter is mailed."
        case SettlePeerToPeer():
            return _settle_peer_to_peer(case, message)
        case PlanCall():
            return plan_call(case, message)
        case NoteFollowUp():
            raise ImpossibleState("a follow-up is noted from the record of its case")
        case CloseUndecided():
            return closing_effects.close_undecided(case, message)
        case FileGrievance():
            return expedited.file_grievance(case, message)
        case VacateDismissal():
            return closing_effects.vacate_dismissal(case, message, now)
        case NoteDuplicate():
            case.note(
                EntryKind.DUPLICATE_RECEIVED,
                message.at,
                "The same request was received again and joined this case.",
                message.actor,
                inbox_id=message.inbox_id,
            )
            return "The request joined this case."


def _add_documents(case: AuthorizationCase, message: AddDocuments) -> str:
    case.note(
        EntryKind.INFORMATION_RECEIVED,
        message.at,
        f"{count_phrase(len(message.document_ids), 'document')} arrived."
        if message.document_ids
        else "New facts arrived.",
        message.actor,
        documents=list(message.document_ids),
    )
    if case.phase >= CasePhase.ANSWERED:
        case.hear_of_version(message.request_version)
        return "The records are on file; the decision stands. With an appeal they are looked at."
    case.adopt_version(message.request_version)
    case.happened(EventKind.INFORMATION_RECEIVED, message.at)
    case.receive_answer(message.at)
    return "The records are on the case; the criteria are evaluated again."


def _correct_request(case: AuthorizationCase, message: CorrectRequest) -> str:
    case.adopt_version(message.request_version)
    case.start_over()
    reviews = case.open_tasks(TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW, TaskKind.COVERAGE_QUESTION)
    reviews += case.open_tasks(TaskKind.BENEFIT_REVIEW, TaskKind.NEED_QUESTION)
    case.cancel_tasks(message.at, "the request was changed", *reviews)
    case.note(EntryKind.REQUEST_CORRECTED, message.at, f"The request was changed: {message.what}", message.actor)
    return "The change is on the case."


def _withdraw_request(case: AuthorizationCase, message: WithdrawRequest) -> str:
    """Withdraw the request: no decision is made any more, only the withdrawal letters are left."""
    case.withdraw(message.by.value)
    moot = case.open_tasks(*DECIDING_TASKS, TaskKind.CASE_FORWARDING, TaskKind.ORAL_NOTICE)
    case.cancel_tasks(message.at, "the request was withdrawn", *moot)
    case.note(
        EntryKind.WITHDRAWN,
        message.at,
        f"The {message.by.value} withdrew the request.{entered_text(message)}",
        message.actor,
        why=message.why,
        **entry_data(message),
        **({"asked": message.asked.model_dump(mode="json")} if message.asked is not None else {}),
    )
    return "The request is withdrawn; letters say so."


def _reinstate_request(case: AuthorizationCase, message: ReinstateRequest, now: datetime) -> str:
    """Take the withdrawal back. Its letters that are not written are dropped; after one that is, another letter confirms that
    the review goes on."""
    case.reinstate(now)
    told = NoticeKind.WITHDRAWN
    case.owed_letters = [notice for notice in case.owed_letters if notice is not told]
    case.blocked_letters = [notice for notice in case.blocked_letters if notice is not told]
    letter_tracking.recall_letters(case, told, "the withdrawal was taken back", now)
    if any(letter.notice is told for letter in case.letters.values()):
        case.queue_notice(NoticeKind.ACKNOWLEDGMENT)
    case.note(
        EntryKind.REINSTATED,
        message.at,
        f"The {message.by.value} took the withdrawal back; receipt and clocks stand.{entered_text(message)}",
        message.actor,
        why=message.why,
        **entry_data(message),
        asked=message.asked.model_dump(mode="json"),
    )
    return "The withdrawal is taken back; the review goes on with its receipt and its clocks."


def _settle_peer_to_peer(case: AuthorizationCase, message: SettlePeerToPeer) -> str:
    offer = case.peer_to_peer
    if offer is None:
        raise ImpossibleState("a peer-to-peer passed the checks that was never offered")
    offer.settle(message.result, message.at + OFFER_EXTENSION)
    call = message.contact
    if call is not None:
        offer.settled_by = tuple(sorted({call.by, message.actor.id}))
    case.note(
        EntryKind.PEER_TO_PEER_SETTLED,
        message.at,
        f"Peer-to-peer: {message.result.replace('_', ' ')}.",
        message.actor,
        result=message.result,
        note=message.note,
        **({"contact": call.model_dump(mode="json")} if call is not None else {}),
    )
    if message.result == "plan_no_show":
        return "The plan missed the call: the offer stays open."
    return "Noted; the decision may go on."
