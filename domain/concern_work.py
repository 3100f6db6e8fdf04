"""What people do on a concern: which completions are refused, and what those that pass do to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain import forms, task_desk
from domain.concern import Concern
from domain.concern_forms import (
    FORMS,
    ClosureForm,
    CommitteeForm,
    PeerReviewForm,
    ReferralForm,
    ReferralOutcomeForm,
    TriageForm,
)
from domain.errors import Refusal, refusal
from domain.journal import EntryKind
from domain.messages import CompleteTask, ReleaseTask
from domain.task_desk import TaskMessage
from domain.tasks import Task, TaskKind, TaskOutcome


def refusals(concern: Concern, message: TaskMessage, now: datetime) -> tuple[Refusal, ...]:
    """Every rule that the message breaks."""
    broken = tuple(task_desk.refusals(concern, message, now, FORMS))
    return broken or tuple(_own(concern, message))


def refusals_at_sight(concern: Concern, message: TaskMessage, now: datetime) -> tuple[Refusal, ...]:
    """What can be refused without asking the directory about anybody."""
    return tuple(task_desk.refusals_at_sight(concern, message, now, FORMS))


def apply(concern: Concern, message: TaskMessage, now: datetime) -> str:
    """Carry out what may be."""
    return task_desk.carry_out(concern, message, now, _done)


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


def _done(concern: Concern, task: Task, message: CompleteTask, now: datetime) -> str:
    match task.kind:
        case TaskKind.CONCERN_TRIAGE:
            concern.triage = forms.read(TriageForm, message.form)
            concern.triaged_by, concern.triaged_at = message.reviewer_id, message.at
            level = "no severity level" if concern.triage.severity == "none" else f"severity {concern.triage.severity}"
            routes = ", ".join(route.replace("_", " ") for route in concern.triage.routes)
            return _judged(concern, message, f"Sorted: {level}; {routes}.")
        case TaskKind.CONCERN_PEER_REVIEW:
            concern.peer_review = forms.read(PeerReviewForm, message.form)
            concern.peer_reviewed_by = message.reviewer_id
            return _judged(concern, message, "Peer review done; what it found stays with peer review.")
        case TaskKind.CONCERN_COMMITTEE:
            concern.committee = forms.read(CommitteeForm, message.form)
            return _judged(concern, message, "The quality committee has resolved.")
        case TaskKind.CARE_MANAGEMENT_REFERRAL:
            concern.referrals.append(form := forms.read(ReferralForm, message.form))
            return _judged(concern, message, f"Referral {'accepted' if form.accepted else 'not accepted'}.")
        case TaskKind.CARE_MANAGEMENT_OUTCOME:
            concern.referral_outcome = forms.read(ReferralOutcomeForm, message.form)
            outcome = concern.referral_outcome.outcome.replace("_", " ")
            return _judged(concern, message, f"Care management: {outcome}.")
        case TaskKind.CONCERN_CLOSURE:
            concern.closure, concern.closed_by = forms.read(ClosureForm, message.form), message.reviewer_id
            return _judged(concern, message, f"Finding: {concern.closure.finding.replace('_', ' ')}.")
        case _:
            return "Noted."


def _judged(concern: Concern, message: CompleteTask, says: str) -> str:
    concern.note(EntryKind.CONCERN_JUDGED, message.at, says, message.actor)
    return says
