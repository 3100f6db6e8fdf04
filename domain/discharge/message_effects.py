"""The one entrance of a discharge plan: what people, the stay, the QIO and reviews tell it, and which of it is refused."""

from __future__ import annotations

from datetime import datetime

from domain.cases import receipt as door
from domain.cases import task_messages as task_desk
from domain.cases.messages import Answer, ClaimTask, CompleteTask, ReassignTask, ReleaseTask, ReviewAnswered
from domain.discharge import after_discharge as discharge_after
from domain.discharge import next_setting as discharge_next_setting
from domain.discharge import qio as discharge_qio
from domain.discharge import task_outcomes as discharge_done
from domain.discharge.case import DischargePlan
from domain.discharge.message_checks import refusals
from domain.discharge.messages import PlanMessage, Readmitted
from domain.journal import EntryKind
from domain.stays.plan_messages import QioNews, TellPlan


def receive(plan: DischargePlan, message: PlanMessage, now: datetime) -> Answer:
    """Carry out a message, or keep it as refused. `now` is the workflow's clock (UTC)."""
    return door.receive(plan, message, now, refusals, apply)


def apply(plan: DischargePlan, message: PlanMessage, now: datetime) -> str:
    """Do what the message says."""
    match message:
        case ClaimTask() | ReleaseTask() | ReassignTask() | CompleteTask():
            return task_desk.carry_out(plan, message, now, discharge_done.done)
        case TellPlan():
            plan.picture = message.picture
            plan.note(EntryKind.STAY_CHANGED, message.at, f"The stay: {message.what}.", message.actor)
            return "The plan follows."
        case QioNews():
            return discharge_qio.hear(plan, message)
        case ReviewAnswered():
            return discharge_next_setting.answered(plan, message)
        case Readmitted():
            linked = discharge_after.link(plan, message.stay_id, message.admitted_at, now)
            return "Linked and shown." if linked else "It does not follow this discharge closely, or is linked already."
