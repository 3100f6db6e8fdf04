"""Effects of accepted messages on an appeal."""

from __future__ import annotations

from datetime import datetime

from domain.appeals import path
from domain.appeals.case import AppealCase, Effectuation, ForwardedFile, Timeliness
from domain.appeals.forms import CaseFileForm, EffectuationForm, LatenessForm, StandingForm
from domain.appeals.message_checks import violations
from domain.appeals.messages import AppealMessage, JoinAppeal
from domain.cases import receipt, review_answers, task_forms, task_messages
from domain.cases.messages import CompleteTask, MessageResult, ReviewAnswered
from domain.cases.tasks import Task, TaskKind
from domain.clocks.engine import EventKind
from domain.errors import ImpossibleState
from domain.journal import EntryKind


def receive_message(appeal: AppealCase, message: AppealMessage, now: datetime) -> MessageResult:
    """Carry out a message, or record it as rejected. `now` is the workflow's time (UTC)."""
    return receipt.receive_message(appeal, message, now, violations, _apply_message)


def _apply_message(appeal: AppealCase, message: AppealMessage, now: datetime) -> str:
    match message:
        case JoinAppeal():
            appeal.joined.append(message.inbox_id)
            says = f"INBOX-{message.inbox_id} is about the same determination and joined this appeal."
            appeal.note(EntryKind.DUPLICATE_RECEIVED, message.at, says, message.actor)
            path.ask_to_read(appeal, message.inbox_id, now)
            return says
        case ReviewAnswered():
            return _record_answer(appeal, message)
        case _:
            return task_messages.apply_task_message(appeal, message, now, _complete_task)


def _record_answer(appeal: AppealCase, message: ReviewAnswered) -> str:
    """Record the result of the review. It stands, but a denial gives way to an approval by law."""
    known = appeal.answer
    if known is not None and (known.status is message.status or not review_answers.is_approved_by_law(message)):
        return "The result of the review is on the appeal already."
    appeal.answer = message
    says = f"Review {message.case_id} ended: {message.status.value.replace('_', ' ')}."
    appeal.note(EntryKind.REVIEW_ANSWERED, message.decided_at or message.at, says, message.actor)
    path.mark_answered(appeal)
    return says


def _complete_task(appeal: AppealCase, task: Task, message: CompleteTask, now: datetime) -> str:
    match task.kind:
        case TaskKind.APPEAL_STANDING:
            shown = task_forms.read_form(StandingForm, message.form)
            path.prove_standing(appeal, shown.document_id, shown.arrived_at, message.actor, message.at)
            return "The party may appeal."
        case TaskKind.APPEAL_LATENESS:
            return _find_cause(appeal, task_forms.read_form(LatenessForm, message.form), message)
        case TaskKind.APPEAL_EFFECTUATION:
            return _carry_out(appeal, task_forms.read_form(EffectuationForm, message.form), message)
        case TaskKind.APPEAL_FORWARDING:
            return _forward(appeal, task_forms.read_form(CaseFileForm, message.form), message)
        case _:
            raise ImpossibleState(f"{task.task_id} has no form")


def _find_cause(appeal: AppealCase, form: LatenessForm, message: CompleteTask) -> str:
    appeal.timeliness = Timeliness.GOOD_CAUSE
    says = f"There is good cause for the late appeal: {form.cause.replace('_', ' ')}."
    appeal.note(EntryKind.APPEAL_TIMELINESS, message.at, says, message.actor, timeliness=appeal.timeliness.value)
    return says


def _carry_out(appeal: AppealCase, form: EffectuationForm, message: CompleteTask) -> str:
    appeal.effectuation = Effectuation(proof=form.proof, done_at=form.done_at, by=message.reviewer_id)
    appeal.happened(EventKind.EFFECTUATED, form.done_at)
    says = "What was granted is carried out."
    appeal.note(EntryKind.APPEAL_EFFECTUATED, form.done_at, says, message.actor)
    return says


def _forward(appeal: AppealCase, form: CaseFileForm, message: CompleteTask) -> str:
    to = appeal.require_origin().rule.forwarded_to or "outside reviewer"
    appeal.forwarding = ForwardedFile(to=to, arrived_at=form.arrived_at, proof=form.proof, by=message.reviewer_id)
    appeal.happened(EventKind.CASE_FILE_SENT, form.arrived_at)
    says = f"The case file arrived at the {to}."
    appeal.note(EntryKind.APPEAL_FORWARDED, form.arrived_at, says, message.actor, to=to)
    return says
