"""Checks of the review of a benefit limit or exclusion: what may be sent to benefit staff, and what they may sign."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.authorization.assessment import LineAssessment
from domain.authorization.benefit_reviews import forms
from domain.authorization.case import AuthorizationCase
from domain.cases import task_forms
from domain.cases.messages import CompleteTask
from domain.cases.tasks import Task
from domain.decisions.benefits import BenefitCircumstances, SignedBenefitDecision
from domain.decisions.determination import benefit_violations
from domain.decisions.reviewers import License
from domain.errors import ImpossibleState, RuleViolation, violation


def lines_with_provision(case: AuthorizationCase, task: Task) -> tuple[LineAssessment, ...]:
    """The lines of the task about which the plan file has a provision that benefit staff may apply."""
    found = (line for line in case.require_context().lines if line.line_id in task.line_ids)
    return tuple(line for line in found if any(not one.needs_judgment for one in line.provisions))


def is_clinician_first(case: AuthorizationCase, line: LineAssessment) -> bool:
    """Whether a clinician answers before benefit staff sign: under the age of the rule, and where the age is not known."""
    rule = case.require_context().benefit_signer
    return rule is not None and rule.clinician_first_under is not None and line.under_age is not False


def benefit_circumstances(case: AuthorizationCase, task: Task, now: datetime) -> BenefitCircumstances:
    """The circumstances of the case against which a benefit decision on this task is checked."""
    found = case.require_context()
    line = found.line(task.line_ids[0])
    return BenefitCircumstances(
        case_id=case.case_id,
        task_id=task.task_id,
        task_opened_at=task.opened_at,
        line_id=line.line_id,
        lob=found.lob,
        zone=found.zone,
        involved_npis=found.involved_npis,
        codes=found.codes,
        provisions=line.provisions,
        clinician_first=is_clinician_first(case, line),
        need=case.needs.get(line.line_id),
        criteria_settled=line.criteria is None or line.criteria.state == "met",
        is_emergency=case.stay is not None
        and case.stay.emergency is not None
        and line.line_id in case.stay.emergency.line_ids,
        now=now,
    )


def sending_violations(case: AuthorizationCase, task: Task, message: CompleteTask) -> Iterator[RuleViolation]:
    """Every rule that sending lines to benefit staff breaks."""
    if not (message.recommendation or "").strip():
        yield violation(
            "task.recommendation",
            "Benefit staff need to know what to look at.",
            "Say which limit or exclusion you mean.",
        )
    if message.lines:
        yield violation(
            "task.lines", "This outcome approves nothing.", "Leave the lines out; approve them on their own."
        )
    yield from _physician_violations(case)
    if case.require_context().benefit_signer is None or not lines_with_provision(case, task):
        yield violation(
            "benefit.provision",
            "The plan file has no provision about these services that could be applied without clinical judgment.",
            "Have the provision recorded in the plan file, or refer the lines to a physician.",
        )


def returning_violations(message: CompleteTask) -> Iterator[RuleViolation]:
    """Every rule that returning a line to clinical review breaks."""
    if not (message.note or "").strip():
        yield violation("task.note", "A return needs its reason.", "Say why no provision decides the line.")


def signing_violations(
    case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime
) -> Iterator[RuleViolation]:
    """Every rule that the signed decision of benefit staff breaks."""
    yield from _physician_violations(case)
    who, rule = case.reviewers.get(message.reviewer_id), case.require_context().benefit_signer
    signed = message.signed
    if not isinstance(signed, SignedBenefitDecision):
        yield violation(
            "decision.category",
            "A decision on the plan's documents is signed as such, by benefit staff.",
            "Complete the form of this task and sign it.",
        )
        return
    if rule is None:
        yield violation("benefit.rule", "No rule says who signs this here.", "Return the line to clinical review.")
        return
    if who is not None:
        yield from benefit_violations(signed, who, rule, benefit_circumstances(case, task, now))


def _physician_violations(case: AuthorizationCase) -> Iterator[RuleViolation]:
    """The violation of a review that only a physician may decide: to end approved care early, or to look again at a denial."""
    if case.stay is not None and case.stay.needs_physician:
        yield violation(
            "benefit.physician_only",
            "Only a physician decides whether approved care ends early, or looks again at a denial.",
            "Decide the line in the physician's review.",
        )


def need_violations(
    case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime
) -> Iterator[RuleViolation]:
    """Every rule that the clinician's answer breaks."""
    yield from task_forms.violations(forms.FORMS, task.kind, message.form)
    if fitting_license(case, task, message.reviewer_id, now) is None:
        yield violation(
            "task.licence", "No current unrestricted license of a profession that the task needs.", "Reassign the task."
        )


def fitting_license(case: AuthorizationCase, task: Task, reviewer_id: str, now: datetime) -> License | None:
    """The license by which this reviewer answers: current, unrestricted, and of a profession that the task needs."""
    who = case.reviewers.get(reviewer_id)
    held = who.licences if who is not None else ()
    fitting = (one for one in held if one.profession in task.professions and one.expires >= case.day(now))
    return next((one for one in fitting if one.unrestricted is True), None)


def require_license(found: License | None) -> License:
    """The license that the checks have found. Raises ImpossibleState where there is none."""
    if found is None:
        raise ImpossibleState("a clinician's answer without a license passed the checks")
    return found
