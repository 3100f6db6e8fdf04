"""Effects of accepted task messages on a concern."""

from __future__ import annotations

from datetime import datetime

from domain.cases import task_forms, task_messages
from domain.cases.messages import CompleteTask
from domain.cases.task_messages import TaskMessage
from domain.cases.tasks import Task, TaskKind
from domain.concerns.case import QualityConcernCase
from domain.concerns.forms import (
    ClosureForm,
    CommitteeForm,
    PeerReviewForm,
    ReferralForm,
    ReferralOutcomeForm,
    TriageForm,
)
from domain.journal import EntryKind


def apply_message(concern: QualityConcernCase, message: TaskMessage, now: datetime) -> str:
    """Carry out an accepted message."""
    return task_messages.apply_task_message(concern, message, now, _complete_task)


def _complete_task(concern: QualityConcernCase, task: Task, message: CompleteTask, now: datetime) -> str:
    match task.kind:
        case TaskKind.CONCERN_TRIAGE:
            concern.triage = task_forms.read_form(TriageForm, message.form)
            concern.triaged_by, concern.triaged_at = message.reviewer_id, message.at
            level = "no severity level" if concern.triage.severity == "none" else f"severity {concern.triage.severity}"
            routes = ", ".join(route.replace("_", " ") for route in concern.triage.routes)
            return _journal_step(concern, message, f"Triaged: {level}; {routes}.")
        case TaskKind.CONCERN_PEER_REVIEW:
            concern.peer_review = task_forms.read_form(PeerReviewForm, message.form)
            concern.peer_reviewed_by = message.reviewer_id
            return _journal_step(concern, message, "Peer review completed; its findings are confidential.")
        case TaskKind.CONCERN_COMMITTEE:
            concern.committee = task_forms.read_form(CommitteeForm, message.form)
            return _journal_step(concern, message, "Committee resolution recorded.")
        case TaskKind.CARE_MANAGEMENT_REFERRAL:
            concern.referrals.append(form := task_forms.read_form(ReferralForm, message.form))
            return _journal_step(concern, message, f"Referral {'accepted' if form.accepted else 'not accepted'}.")
        case TaskKind.CARE_MANAGEMENT_OUTCOME:
            concern.referral_outcome = task_forms.read_form(ReferralOutcomeForm, message.form)
            outcome = concern.referral_outcome.outcome.replace("_", " ")
            return _journal_step(concern, message, f"Care management: {outcome}.")
        case TaskKind.CONCERN_CLOSURE:
            concern.closure, concern.closed_by = task_forms.read_form(ClosureForm, message.form), message.reviewer_id
            return _journal_step(concern, message, f"Finding: {concern.closure.finding.replace('_', ' ')}.")
        case _:
            return "Recorded."


def _journal_step(concern: QualityConcernCase, message: CompleteTask, says: str) -> str:
    concern.note(EntryKind.CONCERN_JUDGED, message.at, says, message.actor)
    return says
