"""Effects of messages on a discharge plan: from people, the stay, the QIO, and the reviews it requested."""

from __future__ import annotations

from datetime import datetime

from domain.cases import receipt, task_messages
from domain.cases.messages import ClaimTask, CompleteTask, MessageResult, ReassignTask, ReleaseTask, ReviewAnswered
from domain.discharge import after_discharge, next_setting, qio, task_outcomes
from domain.discharge.case import DischargeCase
from domain.discharge.message_checks import violations
from domain.discharge.messages import DischargeMessage, MemberReadmitted
from domain.journal import EntryKind
from domain.stays.plan_messages import QioUpdate, StayChanged


def receive_message(plan: DischargeCase, message: DischargeMessage, now: datetime) -> MessageResult:
    """Apply a message, or record it as rejected. `now` is the workflow's clock (UTC)."""
    return receipt.receive_message(plan, message, now, violations, apply_message)


def apply_message(plan: DischargeCase, message: DischargeMessage, now: datetime) -> str:
    """Apply an accepted message; the result is a sentence for its sender."""
    match message:
        case ClaimTask() | ReleaseTask() | ReassignTask() | CompleteTask():
            return task_messages.apply_task_message(plan, message, now, task_outcomes.complete_task)
        case StayChanged():
            plan.picture = message.picture
            plan.note(EntryKind.STAY_CHANGED, message.at, f"The stay: {message.what}.", message.actor)
            return "The stay's change is recorded on the plan."
        case QioUpdate():
            return qio.record_update(plan, message)
        case ReviewAnswered():
            return next_setting.record_review_answer(plan, message)
        case MemberReadmitted():
            linked = after_discharge.link_readmission(plan, message.stay_id, message.admitted_at, now)
            return "Linked and shown." if linked else "It does not follow this discharge closely, or is linked already."
