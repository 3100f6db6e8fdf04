"""The way of a line through the review of a benefit limit or exclusion: sent, answered by a clinician, decided, returned."""

from __future__ import annotations

from datetime import datetime

from domain.authorization.assessment import LineAssessment
from domain.authorization.benefit_reviews.checks import (
    benefit_circumstances,
    fitting_license,
    is_clinician_first,
    lines_with_provision,
    require_license,
)
from domain.authorization.benefit_reviews.forms import NeedForm
from domain.authorization.case import AuthorizationCase
from domain.authorization.parts import Route
from domain.authorization.routing import task_due_date
from domain.authorization.views import line_rows
from domain.cases import task_forms
from domain.cases.messages import CompleteTask
from domain.cases.tasks import Task, TaskKind
from domain.decisions.benefits import NecessityAnswer, SignedBenefitDecision
from domain.decisions.determination import make_benefit_determination
from domain.errors import ImpossibleState
from domain.vocabulary import Role


def send_to_benefits(case: AuthorizationCase, task: Task, message: CompleteTask) -> str:
    """Send the lines about which the plan has a provision to benefit staff; the others stay in review."""
    sent = tuple(line.line_id for line in lines_with_provision(case, task))
    case.determinations.nurse_recommendation = message.recommendation
    case.determinations.send(sent, Route.BENEFITS)
    return "Sent to benefit staff."


def return_line(case: AuthorizationCase, task: Task) -> str:
    """Return the line to clinical review: to a physician where a clinician has found it needed, else to a nurse."""
    for line_id in task.line_ids:
        needed = case.needs.get(line_id)
        case.determinations.send(
            (line_id,), Route.PHYSICIAN if needed is not None and needed.necessary else Route.NURSE
        )
    return "Returned to clinical review."


def record_need(case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime) -> str:
    """Record the clinician's answer. Needed care goes to a physician, who may approve beyond the limit."""
    said = task_forms.read_form(NeedForm, message.form)
    licence = require_license(fitting_license(case, task, message.reviewer_id, now))
    for line_id in task.line_ids:
        case.needs[line_id] = NecessityAnswer(
            line_id=line_id,
            reviewer_id=message.reviewer_id,
            licence=licence,
            necessary=said.necessary,
            rationale=said.rationale,
            answered_at=message.at,
        )
    if said.necessary:
        case.determinations.refer(
            task.line_ids, "A clinician answered that the care is needed in spite of the provision."
        )
        return "The care is needed: the provision does not bind, and a physician decides."
    return "Answered; benefit staff may decide now."


def decide(case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime) -> str:
    """Record the signed decision of benefit staff."""
    rule = case.require_context().benefit_signer
    if not isinstance(message.signed, SignedBenefitDecision) or rule is None:
        raise ImpossibleState("a benefit decision that is not signed as one passed the checks")
    who = case.reviewers[message.reviewer_id]
    made = make_benefit_determination(message.signed, who, rule, benefit_circumstances(case, task, now))
    case.determinations.decide(made)
    case.determinations.mark_decided(message.signed.signed_at)
    return "The signed benefit decision stands."


def open_tasks(case: AuthorizationCase, now: datetime) -> None:
    """Open one task for each line that was sent: the clinician's question where it comes first and has no answer, else the
    review by benefit staff."""
    for task in case.open_tasks(TaskKind.BENEFIT_REVIEW):
        if any(_awaits_clinician(case, case.require_context().line(line_id)) for line_id in task.line_ids):
            case.cancel_tasks(now, "records came that the clinician who answered has not seen", task)
    kinds = (TaskKind.NEED_QUESTION, TaskKind.BENEFIT_REVIEW)
    taken = {line_id for task in case.open_tasks(*kinds) for line_id in task.line_ids}
    for line in case.unresolved_lines():
        if case.routes.get(line.line_id) is not Route.BENEFITS or line.line_id in taken:
            continue
        if _awaits_clinician(case, line):
            case.add_task(
                TaskKind.NEED_QUESTION,
                Role.PHYSICIAN,
                f"Line {line.line_id}: is the care needed in spite of the limit or exclusion? The member is under 21, or the "
                "age is not known.",
                now,
                task_due_date(case, now),
                (line.line_id,),
                specialties=line.fitting_specialties,
                professions=case.require_context().decider.professions,
                also_for=(Role.MEDICAL_DIRECTOR,),
                lines=line_rows(case),
            )
        else:
            case.add_task(
                TaskKind.BENEFIT_REVIEW,
                Role.BENEFITS,
                f"Line {line.line_id}: {case.determinations.nurse_recommendation or 'the plan limits or excludes it'}",
                now,
                task_due_date(case, now),
                (line.line_id,),
                lines=line_rows(case),
            )


def _awaits_clinician(case: AuthorizationCase, line: LineAssessment) -> bool:
    return is_clinician_first(case, line) and line.line_id not in case.needs
