"""Effects of task outcomes on an authorization case."""

from __future__ import annotations

from datetime import datetime

from domain.authorization import expedite, forwarding
from domain.authorization.assessment import approved_span
from domain.authorization.benefit_reviews import effects as benefit_reviews
from domain.authorization.case import AuthorizationCase
from domain.authorization.grievances import expedited
from domain.authorization.information_requests import request_information
from domain.authorization.parts import Route
from domain.authorization.task_checks import decider_of_task, decision_circumstances
from domain.authorization.views import line_rows
from domain.cases import oral_notices, task_actions
from domain.cases.letter_tracking import retry_letters
from domain.cases.messages import CompleteTask
from domain.cases.oral_notices import CallSubject
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.clocks.engine import EventKind
from domain.decisions.decision_makers import ByReviewer
from domain.decisions.determination import Approval, LineDecision, SignedDecision, make_adverse_determination
from domain.errors import ImpossibleState
from domain.vocabulary import Role


def complete_task(case: AuthorizationCase, message: CompleteTask, now: datetime) -> str:
    """End the task, apply its outcome and journal it. `now` is the workflow's clock (UTC)."""
    task = task_actions.end_task(case, message)
    says = _apply_outcome(case, task, message, now)
    basis = {"basis": message.basis.model_dump(mode="json")} if message.basis is not None else {}
    task_actions.journal_completion(
        case, message, lines=line_rows(case), note=message.note or message.recommendation, **basis
    )
    return says


def _apply_outcome(case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime) -> str:
    match message.outcome:
        case TaskOutcome.APPROVE:
            for line in message.lines:
                approve_line(case, task, line, message, now)
            case.determinations.mark_decided(message.at)
            return "Approved."
        case TaskOutcome.ASK:
            request_information(case, task.line_ids, message.facts_to_ask, message.actor, now)
            return "The provider is asked."
        case TaskOutcome.REFER:
            return _refer(case, task, message, now)
        case TaskOutcome.TO_BENEFITS:
            return benefit_reviews.send_to_benefits(case, task, message)
        case TaskOutcome.RETURN:
            return benefit_reviews.return_line(case, task)
        case TaskOutcome.DECIDE if task.kind is TaskKind.BENEFIT_REVIEW:
            return benefit_reviews.decide(case, task, message, now)
        case TaskOutcome.DONE if task.kind is TaskKind.EXPEDITED_GRIEVANCE:
            return expedited.record_answer(case, message)
        case TaskOutcome.DONE if task.kind is TaskKind.NEED_QUESTION:
            return benefit_reviews.record_need(case, task, message, now)
        case TaskOutcome.DECIDE:
            return _decide(case, task, message, now)
        case TaskOutcome.COVERAGE_CONFIRMED:
            case.confirm_coverage()
            return "The case is assessed again."
        case TaskOutcome.GRANT | TaskOutcome.ACKNOWLEDGE if task.kind is TaskKind.AFTER_DECISION:
            return _settle_question_after_decision(case, message)
        case TaskOutcome.GRANT:
            return expedite.grant(case, message)
        case TaskOutcome.REFUSE:
            return expedite.refuse(case, message)
        case TaskOutcome.RETRY:
            return retry_letters(case, message.at)
        case TaskOutcome.FORWARDED:
            return forwarding.record_forwarded(case, message)
        case TaskOutcome.DONE if task.kind is TaskKind.ORAL_NOTICE:
            return _record_call(case, task, message)
        case TaskOutcome.ACKNOWLEDGE | TaskOutcome.DONE:
            if not case.is_open:
                calls = case.open_tasks(TaskKind.ORAL_NOTICE)
                case.cancel_tasks(message.at, "compliance has reviewed the missed notice", *calls)
            return "Noted."


def _record_call(case: AuthorizationCase, task: Task, message: CompleteTask) -> str:
    """Record an oral notice for its clocks, at the time of the call; the rules that count from it start."""
    call = oral_notices.record_call(case, task, message)
    if call.result != "reached":
        return "Nobody was told: the notice stays owed, and the next attempt is a task."
    for kind, subject in oral_notices.SUBJECTS.items():
        if subject == task.about:
            case.mark_done(kind, call.at)
    if task.about == CallSubject.DECISION_TO_MEMBER and case.is_open:
        case.happened_if_awaited(EventKind.ORAL_NOTICE_GIVEN, call.at)
    return "The notice is on record."


def _refer(case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime) -> str:
    """Approve the lines that the nurse approves; the rest goes to a physician with the nurse's recommendation."""
    for line in message.lines:
        approve_line(case, task, line, message, now)
        case.determinations.mark_decided(message.at)
    if task.kind is TaskKind.COVERAGE_QUESTION:
        case.set_coverage_aside()
    open_lines = {line.line_id for line in case.unresolved_lines()}
    case.determinations.refer((one for one in task.line_ids if one in open_lines), message.recommendation)
    return "Referred to a physician."


def approve_line(case: AuthorizationCase, task: Task, line: LineDecision, message: CompleteTask, now: datetime) -> None:
    """Record the approval of a line by the reviewer who sent the message."""
    asked = case.require_context().line(line.line_id)
    first, last = approved_span(asked, case.day(now), line.approved_start, line.approved_end)
    approval = Approval(
        line_id=line.line_id,
        by=ByReviewer(message.reviewer_id),
        beyond_limits=task.role is not Role.NURSE,
        verdict_id=asked.criteria.verdict_id if asked.criteria else None,
        guideline_id=asked.criteria.guideline_id if asked.criteria else None,
        approved_quantity=line.approved_quantity if line.approved_quantity is not None else asked.quantity,
        approved_start=first,
        approved_end=last,
        basis=message.basis,
    )
    case.determinations.approve(approval, Route.APPROVED)


def _decide(case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime) -> str:
    if not isinstance(message.signed, SignedDecision):
        raise ImpossibleState("a decision that no clinician signed passed the checks")
    who, rule = case.reviewers[message.reviewer_id], decider_of_task(case, task)
    made = make_adverse_determination(
        message.signed, who, rule, decision_circumstances(case, task, now, who.reviewer_id)
    )
    case.determinations.decide(made)
    for line in made.lines:
        if not line.is_adverse:
            approve_line(case, task, line, message, now)
    case.determinations.mark_decided(message.signed.signed_at)
    return "The signed decision stands."


def _settle_question_after_decision(case: AuthorizationCase, message: CompleteTask) -> str:
    """Apply the answer: the review goes on for a cause that somebody found, or all of it is kept for the appeal."""
    found = case.require_finding()
    if message.outcome is TaskOutcome.GRANT:
        case.after = found.model_copy(update={"accepted_by": message.reviewer_id})
        return "It is reviewed again."
    case.after = found.model_copy(update={"filed_by": message.reviewer_id})
    return "It is kept with the decided case, for the appeal; the letter says so."
