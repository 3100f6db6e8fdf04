"""Carried out of domain/concern_work.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases import task_forms as forms
from domain.cases import task_messages as task_desk
from domain.cases.messages import CompleteTask, ReleaseTask
from domain.cases.task_messages import TaskMessage
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.concerns.case import Concern
from domain.concerns.forms import FORMS, TriageForm
from domain.errors import Refusal, refusal


def refusals(concern: Concern, message: TaskMessage, now: datetime) -> tuple[Refusal, ...]:
    """Every rule that the message breaks."""
    broken = tuple(task_desk.refusals(concern, message, now, FORMS))
    return broken or tuple(_own(concern, message))


def refusals_at_sight(concern: Concern, message: TaskMessage, now: datetime) -> tuple[Refusal, ...]:
    """What can be refused without asking the directory about anybody."""
    return tuple(task_desk.refusals_at_sight(concern, message, now, FORMS))


def is_about_peer_review(concern: Concern, message: TaskMessage) -> bool:
    """Whether somebody takes the peer review, is given it, or does it: then who had a part in the case has to be known."""
    task = concern.tasks.get(message.task_id)
    return task is not None and task.kind is TaskKind.CONCERN_PEER_REVIEW and not isinstance(message, ReleaseTask)


def _own(concern: Concern, message: TaskMessage) -> Iterator[Refusal]:
    if is_about_peer_review(concern, message):
        yield from _independence(concern, message.reviewer_id)
    if not isinstance(message, CompleteTask) or message.outcome is not TaskOutcome.DONE:
        return
    if concern.tasks[message.task_id].kind is TaskKind.CONCERN_TRIAGE:
        yield from _routes(concern, forms.read(TriageForm, message.form))


def _routes(concern: Concern, form: TriageForm) -> Iterator[Refusal]:
    """What the severity asks for is not left out at the first look."""
    if form.severity == "none":
        return
    rule = concern.rules.severity(form.severity)
    if rule.peer_review and "peer_review" not in form.routes:
        yield refusal(
            "concern.peer_review", f"Severity {rule.level} goes to peer review.", "Add peer_review to the routes."
        )
    if rule.committee and "committee" not in form.routes:
        yield refusal(
            "concern.committee", f"Severity {rule.level} goes to the committee.", "Add committee to the routes."
        )


def _independence(concern: Concern, reviewer_id: str) -> Iterator[Refusal]:
    if reviewer_id in {*concern.involved, concern.raised_by, concern.triaged_by}:
        yield refusal(
            "concern.independence",
            "A peer review is not done by somebody who raised the concern, sorted it, or had a part in the case.",
            "Ask a supervisor to reassign it to a physician who had none.",
        )
