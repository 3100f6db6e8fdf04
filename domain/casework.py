"""What each message does to a case, once `checks` has let it through.

`receive` is the only entrance: it answers repeats with their first answer, keeps refused messages on the case, and journals
what it did. It never decides anything itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.asking import ask
from domain.case import Case, Route
from domain.checks import refusals
from domain.clocks import EventKind
from domain.decisions import Approval, LineDecision, determine
from domain.journal import EntryKind
from domain.messages import (
    AddDocuments,
    Answer,
    CaseMessage,
    ClaimTask,
    CompleteTask,
    CorrectRequest,
    NoteDuplicate,
    ReassignTask,
    ReleaseTask,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    Withdraw,
)
from domain.task_checks import circumstances
from domain.tasks import Task, TaskKind, TaskOutcome, TaskStatus
from domain.vocabulary import AskedBy, NoticeKind, Urgency
from domain.wording import counted

REPEATED_OFFER = timedelta(hours=4)
"""How much longer the provider can take the call after the plan missed it."""


def receive(case: Case, message: CaseMessage, now: datetime) -> Answer:
    """Carry out a message, or keep it as refused. `now` is the workflow's clock (UTC)."""
    known = case.answers.get(message.message_id)
    if known is not None:
        return known
    broken = refusals(case, message, now)
    if broken:
        answer = Answer(message_id=message.message_id, accepted=False, says="Refused.", refusals=broken)
        case.note(
            EntryKind.MESSAGE_REFUSED,
            now,
            f"Refused: {message.type.replace('_', ' ')} - {' '.join(refusal.message for refusal in broken)}",
            message.actor,
            message_type=message.type,
            message_id=message.message_id,
            rules=[refusal.rule for refusal in broken],
        )
    else:
        answer = Answer(message_id=message.message_id, accepted=True, says=_apply(case, message, now))
    case.answers[message.message_id] = answer
    return answer


def _apply(case: Case, message: CaseMessage, now: datetime) -> str:
    match message:
        case ClaimTask():
            return _claim(case, message)
        case ReleaseTask():
            return _release(case, message)
        case ReassignTask():
            return _reassign(case, message)
        case CompleteTask():
            return _complete(case, message, now)
        case AddDocuments():
            return _documents(case, message)
        case CorrectRequest():
            return _correct(case, message)
        case Withdraw():
            return _withdraw(case, message)
        case RequestExpedite():
            return _expedite(case, message)
        case TakeExtension():
            case.extension = message
            return "The extension is taken as soon as its letter has gone out."
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


def _claim(case: Case, message: ClaimTask) -> str:
    task = case.tasks[message.task_id].model_copy(
        update={"status": TaskStatus.CLAIMED, "assignee": message.reviewer_id}
    )
    case.note(
        EntryKind.TASK_CLAIMED,
        message.at,
        f"{message.reviewer_id} claimed {task.task_id}.",
        message.actor,
        tasks=[case.put_task(task)],
    )
    return f"{task.task_id} is yours until {case.local(task.due_at)}."


def _release(case: Case, message: ReleaseTask) -> str:
    task = case.tasks[message.task_id].model_copy(update={"status": TaskStatus.OPEN, "assignee": None})
    case.note(
        EntryKind.TASK_RELEASED,
        message.at,
        f"{task.task_id} is free again.",
        message.actor,
        tasks=[case.put_task(task)],
    )
    return f"{task.task_id} is free again."


def _reassign(case: Case, message: ReassignTask) -> str:
    task = case.tasks[message.task_id].model_copy(
        update={"status": TaskStatus.CLAIMED, "assignee": message.reviewer_id}
    )
    case.note(
        EntryKind.TASK_REASSIGNED,
        message.at,
        f"{task.task_id} goes to {message.reviewer_id}.",
        message.actor,
        tasks=[case.put_task(task)],
    )
    return f"{task.task_id} goes to {message.reviewer_id}."


def _complete(case: Case, message: CompleteTask, now: datetime) -> str:
    task = case.tasks[message.task_id]
    says = _outcome(case, task, message, now)
    done = task.model_copy(
        update={
            "status": TaskStatus.DONE,
            "assignee": message.reviewer_id,
            "outcome": message.outcome,
            "completed_at": message.at,
        }
    )
    case.note(
        EntryKind.TASK_COMPLETED,
        message.at,
        f"{message.reviewer_id} completed {task.task_id}: {message.outcome.value.replace('_', ' ')}.",
        message.actor,
        tasks=[case.put_task(done)],
        lines=case.line_views(),
        note=message.note or message.recommendation,
    )
    return says


def _outcome(case: Case, task: Task, message: CompleteTask, now: datetime) -> str:
    match message.outcome:
        case TaskOutcome.APPROVE:
            for line in message.lines:
                _approve(case, line, message.reviewer_id)
            case.decided(message.at)
            return "Approved."
        case TaskOutcome.ASK:
            ask(case, task.line_ids, message.facts_to_ask, message.actor, now)
            return "The provider is asked."
        case TaskOutcome.REFER:
            return _refer(case, task, message)
        case TaskOutcome.DECIDE:
            return _decide(case, task, message, now)
        case TaskOutcome.COVERAGE_CONFIRMED:
            case.look_needed = True
            case.coverage_confirmed = True
            return "The case is looked at anew."
        case TaskOutcome.GRANT:
            asked_at = case.expedite.at if case.expedite is not None else message.at
            make_expedited(case, asked_at, "The request to expedite was granted; its clock runs from when it was made.")
            return "Expedited."
        case TaskOutcome.REFUSE:
            return _refuse_to_expedite(case, message)
        case TaskOutcome.RETRY:
            case.owed_letters.extend(kind for kind in case.blocked_letters if kind is not NoticeKind.EXTENSION)
            case.blocked_letters.clear()
            case.hand_over_again_at = now if case.in_the_house() else None
            return "The letter is tried again."
        case TaskOutcome.ACKNOWLEDGE:
            return "Noted."


def _refer(case: Case, task: Task, message: CompleteTask) -> str:
    """What the nurse approves of the task is approved; the rest goes to a physician with what she found."""
    for line in message.lines:
        _approve(case, line, message.reviewer_id)
        case.decided(message.at)
    case.nurse_recommendation = message.recommendation
    for line_id in set(task.line_ids) - {line.line_id for line in message.lines}:
        case.routes[line_id] = Route.PHYSICIAN
    return "Referred to a physician."


def _approve(case: Case, line: LineDecision, reviewer_id: str) -> None:
    asked = case.looked_at().line(line.line_id)
    approval = Approval(
        line_id=line.line_id,
        by=reviewer_id,
        verdict_id=asked.criteria.verdict_id if asked.criteria else None,
        guideline_id=asked.criteria.guideline_id if asked.criteria else None,
        approved_quantity=line.approved_quantity if line.approved_quantity is not None else asked.quantity,
        approved_start=line.approved_start or asked.start,
        approved_end=line.approved_end or asked.end,
    )
    case.approve(approval, Route.APPROVED)


def _decide(case: Case, task: Task, message: CompleteTask, now: datetime) -> str:
    if message.signed is None:
        raise LookupError("checks let an unsigned decision through")
    who, rule = case.reviewers[message.reviewer_id], case.looked_at().decider
    case.adverse = determine(message.signed, who, rule, circumstances(case, task, now))
    for line in message.signed.lines:
        if line.is_adverse:
            case.routes[line.line_id] = Route.DECIDED
        else:
            _approve(case, line, message.reviewer_id)
    case.decided(message.signed.signed_at)
    return "The signed decision stands."


def _documents(case: Case, message: AddDocuments) -> str:
    if message.request_version is not None:
        case.request_version = message.request_version
    case.look_needed = True
    case.note(
        EntryKind.INFORMATION_RECEIVED,
        message.at,
        f"{counted(len(message.document_ids), 'document')} arrived." if message.document_ids else "New facts arrived.",
        message.actor,
        documents=list(message.document_ids),
    )
    if case.information is not None and case.information.is_open:
        case.information.answered_at = message.at
        for line_id in case.information.line_ids:
            case.routes[line_id] = Route.NEW
        case.happened(EventKind.INFORMATION_RECEIVED, message.at)
    return "The records are on the case; the criteria are looked at anew."


def _correct(case: Case, message: CorrectRequest) -> str:
    case.request_version = message.request_version
    case.look_needed = True
    case.routes.clear()
    case.approvals.clear()
    case.cancel_tasks(
        message.at,
        "the request was changed",
        TaskKind.NURSE_REVIEW,
        TaskKind.PHYSICIAN_REVIEW,
        TaskKind.COVERAGE_QUESTION,
    )
    case.adverse = None
    case.decided_at = None
    case.nurse_recommendation = None
    case.information = None
    case.peer_to_peer = None
    case.note(EntryKind.REQUEST_CORRECTED, message.at, f"The request was changed: {message.what}", message.actor)
    return "The change is on the case."


def _withdraw(case: Case, message: Withdraw) -> str:
    case.withdrawal = message.by.value
    case.note(
        EntryKind.WITHDRAWN,
        message.at,
        f"The {message.by.value} took the request back.",
        message.actor,
        why=message.why,
    )
    return "The request is withdrawn; letters say so."


def _expedite(case: Case, message: RequestExpedite) -> str:
    case.note(
        EntryKind.EXPEDITE_REQUESTED,
        message.at,
        f"The {message.asked_by.value} asks for an expedited review.",
        message.actor,
    )
    if message.asked_by is AskedBy.PROVIDER and message.physician_statement is True:
        case.cancel_tasks(message.at, "a physician's statement settles it", TaskKind.EXPEDITE_DECISION)
        make_expedited(case, message.at, "A physician's statement makes expediting mandatory (42 CFR 422.570(c)(2)).")
        return "Expedited: a physician's statement makes it mandatory."
    case.expedite = message
    return "A clinician decides at once whether to expedite."


def make_expedited(case: Case, at: datetime, why: str) -> None:
    """Put the case on the expedited clocks, which run from `at`, when it was asked for."""
    case.urgency = Urgency.EXPEDITED
    case.expedite = None
    case.happened(EventKind.UPGRADE_REQUESTED, at)
    case.note(EntryKind.EXPEDITED, at, why)


def _refuse_to_expedite(case: Case, message: CompleteTask) -> str:
    case.expedite = None
    case.urgency = Urgency.STANDARD
    case.expedite_refusal = message.note
    case.happened(EventKind.EXPEDITE_REFUSED, message.at)
    case.owed_letters.append(NoticeKind.EXPEDITE_NOT_GRANTED)
    case.note(
        EntryKind.EXPEDITE_REFUSED,
        message.at,
        "The request to expedite was refused; the standard clock counts from the first receipt.",
        message.actor,
        reason=message.note,
    )
    return "The refusal gets its letter; the standard clock counts from the first receipt."


def _peer_to_peer(case: Case, message: SettlePeerToPeer) -> str:
    if case.peer_to_peer is None:
        raise LookupError("checks let a peer-to-peer through that nobody offered")
    case.peer_to_peer.result = message.result
    case.note(
        EntryKind.PEER_TO_PEER_SETTLED,
        message.at,
        f"Peer-to-peer: {message.result.replace('_', ' ')}.",
        message.actor,
        result=message.result,
        note=message.note,
    )
    if message.result == "plan_no_show":
        case.peer_to_peer.until = max(case.peer_to_peer.until, message.at + REPEATED_OFFER)
        return "The plan missed the call: the offer stays open and the supervisor is told."
    return "Noted; the decision may go on."
