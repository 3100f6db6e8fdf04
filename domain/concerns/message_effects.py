"""What people do on a concern: which completions are refused, and what those that pass do to it."""

from __future__ import annotations

from datetime import datetime

from domain.cases import task_forms as forms
from domain.cases import task_messages as task_desk
from domain.cases.messages import CompleteTask
from domain.cases.task_messages import TaskMessage
from domain.cases.tasks import Task, TaskKind
from domain.concerns.case import Concern
from domain.concerns.forms import (
    ClosureForm,
    CommitteeForm,
    PeerReviewForm,
    ReferralForm,
    ReferralOutcomeForm,
    TriageForm,
)
from domain.journal import EntryKind


def apply(concern: Concern, message: TaskMessage, now: datetime) -> str:
    """Carry out what may be."""
    return task_desk.carry_out(concern, message, now, _done)


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
