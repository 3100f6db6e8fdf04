"""Rules for messages to a concern: violations that keep a message from being carried out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases import task_forms, task_messages
from domain.cases.messages import CompleteTask, ReleaseTask
from domain.cases.task_messages import TaskMessage
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.concerns.case import QualityConcernCase
from domain.concerns.forms import FORMS, TriageForm
from domain.errors import RuleViolation, violation


def violations(concern: QualityConcernCase, message: TaskMessage, now: datetime) -> tuple[RuleViolation, ...]:
    """Every rule that the message breaks."""
    broken = tuple(task_messages.violations(concern, message, now, FORMS))
    return broken or tuple(_concern_violations(concern, message))


def violations_without_lookup(
    concern: QualityConcernCase, message: TaskMessage, now: datetime
) -> tuple[RuleViolation, ...]:
    """The violations that show without a lookup in the reviewer directory."""
    return tuple(task_messages.violations_without_lookup(concern, message, now, FORMS))


def is_about_peer_review(concern: QualityConcernCase, message: TaskMessage) -> bool:
    """Whether the message claims, reassigns or completes the peer review, which needs the list of involved reviewers."""
    task = concern.tasks.get(message.task_id)
    return task is not None and task.kind is TaskKind.CONCERN_PEER_REVIEW and not isinstance(message, ReleaseTask)


def _concern_violations(concern: QualityConcernCase, message: TaskMessage) -> Iterator[RuleViolation]:
    if is_about_peer_review(concern, message):
        yield from _independence_violations(concern, message.reviewer_id)
    if not isinstance(message, CompleteTask) or message.outcome is not TaskOutcome.DONE:
        return
    if concern.tasks[message.task_id].kind is TaskKind.CONCERN_TRIAGE:
        yield from _route_violations(concern, task_forms.read_form(TriageForm, message.form))


def _route_violations(concern: QualityConcernCase, form: TriageForm) -> Iterator[RuleViolation]:
    """Violations of triage routes: they include every route that the severity level requires."""
    if form.severity == "none":
        return
    rule = concern.rules.severity(form.severity)
    if rule.peer_review and "peer_review" not in form.routes:
        yield violation(
            "concern.peer_review", f"Severity {rule.level} goes to peer review.", "Add peer_review to the routes."
        )
    if rule.committee and "committee" not in form.routes:
        yield violation(
            "concern.committee", f"Severity {rule.level} goes to the committee.", "Add committee to the routes."
        )


def _independence_violations(concern: QualityConcernCase, reviewer_id: str) -> Iterator[RuleViolation]:
    if reviewer_id in {*concern.involved, concern.raised_by, concern.triaged_by}:
        yield violation(
            "concern.independence",
            "A peer review is not done by somebody who raised the concern, sorted it, or had a part in the case.",
            "Ask a supervisor to reassign it to a physician who had none.",
        )
