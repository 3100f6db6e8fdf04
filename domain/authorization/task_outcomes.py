"""What each outcome of a task does to the request."""

from __future__ import annotations

from datetime import datetime

from domain.authorization import expedite as expediting
from domain.authorization import forwarding
from domain.authorization.case import Case
from domain.authorization.information_requests import ask
from domain.authorization.parts import Route
from domain.authorization.task_checks import circumstances
from domain.authorization.views import line_rows
from domain.cases import task_actions as task_moves
from domain.cases.letter_tracking import try_again
from domain.cases.messages import CompleteTask
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.decisions.determination import Approval, LineDecision, determine
from domain.vocabulary import Role


def complete(case: Case, message: CompleteTask, now: datetime) -> str:
    """End the task with its outcome. `now` is the workflow's clock (UTC)."""
    task = task_moves.end(case, message)
    says = _outcome(case, task, message, now)
    task_moves.note_end(case, message, lines=line_rows(case), note=message.note or message.recommendation)
    return says


def _outcome(case: Case, task: Task, message: CompleteTask, now: datetime) -> str:
    match message.outcome:
        case TaskOutcome.APPROVE:
            for line in message.lines:
                _approve(case, task, line, message.reviewer_id)
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
            return expediting.grant(case, message)
        case TaskOutcome.REFUSE:
            return expediting.refuse(case, message)
        case TaskOutcome.RETRY:
            return try_again(case, message.at)
        case TaskOutcome.FORWARDED:
            return forwarding.forwarded(case, message)
        case TaskOutcome.ACKNOWLEDGE | TaskOutcome.DONE:
            return "Noted."


def _refer(case: Case, task: Task, message: CompleteTask) -> str:
    """What the nurse approves of the task is approved; the rest goes to a physician with what she found."""
    for line in message.lines:
        _approve(case, task, line, message.reviewer_id)
        case.decided(message.at)
    case.nurse_recommendation = message.recommendation
    case.coverage_set_aside = case.coverage_set_aside or task.kind is TaskKind.COVERAGE_QUESTION
    open_lines = {line.line_id for line in case.unresolved()}
    for line_id in task.line_ids:
        if line_id in open_lines:
            case.routes[line_id] = Route.PHYSICIAN
    return "Referred to a physician."


def _approve(case: Case, task: Task, line: LineDecision, reviewer_id: str) -> None:
    asked = case.looked_at().line(line.line_id)
    approval = Approval(
        line_id=line.line_id,
        by=reviewer_id,
        beyond_limits=task.role is not Role.NURSE,
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
    case.adverse = (*case.adverse, determine(message.signed, who, rule, circumstances(case, task, now)))
    for line in message.signed.lines:
        if line.is_adverse:
            case.approvals.pop(line.line_id, None)
            case.routes[line.line_id] = Route.DECIDED
        else:
            _approve(case, task, line, message.reviewer_id)
    case.decided(message.signed.signed_at)
    return "The signed decision stands."
