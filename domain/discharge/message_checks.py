"""Carried out of domain/discharge_desk.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases import review_answers as answers
from domain.cases import task_messages as task_desk
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask, ReviewAnswered
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.decisions.determination import STAMP_SKEW
from domain.discharge import before_discharge as discharge_before
from domain.discharge import form_wording as discharge_words
from domain.discharge import notices as discharge_notices
from domain.discharge.case import DischargePlan
from domain.discharge.forms import FORMS, ChoicesOffered, DetailedReason, FormDelivered, NextSettingRequest
from domain.discharge.messages import PlanMessage, Readmitted
from domain.discharge.notice_duties import DENC, DETAILED
from domain.errors import Refusal, refusal
from domain.stays.plan_messages import QioNews, TellPlan


def refusals(plan: DischargePlan, message: PlanMessage, now: datetime) -> tuple[Refusal, ...]:
    """Every rule that a message breaks."""
    return tuple(_refusals(plan, message, now, at_sight=False))


def refusals_at_sight(plan: DischargePlan, message: PlanMessage, now: datetime) -> tuple[Refusal, ...]:
    """What can be refused without asking the directory about anybody."""
    return tuple(_refusals(plan, message, now, at_sight=True))


def _refusals(plan: DischargePlan, message: PlanMessage, now: datetime, *, at_sight: bool) -> Iterator[Refusal]:
    match message:
        case ClaimTask() | ReleaseTask() | ReassignTask() | CompleteTask():
            check = task_desk.refusals_at_sight if at_sight else task_desk.refusals
            broken = tuple(check(plan, message, now, FORMS))
            yield from broken
            if isinstance(message, CompleteTask) and not broken:
                yield from _fits_the_plan(plan, message, now)
        case TellPlan():
            yield from _stamp(plan, message, now)
            if message.picture.stay_id != plan.picture.stay_id:
                yield refusal("plan.stay", "This is the plan of another stay.", "Tell the plan of that stay.")
        case QioNews():
            yield from _stamp(plan, message, now)
            if message.what == "decided" and message.upheld is None:
                yield refusal(
                    "qio.decision", "A decision needs to say which way it went.", "Say whether the QIO upheld the end."
                )
        case ReviewAnswered():
            yield from _stamp(plan, message, now)
            yield from answers.unsigned(message)
        case Readmitted():
            yield from _stamp(plan, message, now)


def _stamp(plan: DischargePlan, message: PlanMessage, now: datetime) -> Iterator[Refusal]:
    yield from task_desk.stamp(plan, message, now)


def _fits_the_plan(plan: DischargePlan, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    """What only the plan can judge about a form."""
    task = plan.tasks.get(message.task_id)
    if task is None or message.outcome is not TaskOutcome.DONE or message.form is None:
        return
    rule = discharge_notices.rule_of(task)
    model = FORMS.get(task.kind)
    if model is not None:
        explains = rule in DETAILED
        yield from discharge_words.findings(model.model_validate(message.form), explains_an_end=explains)
    if task.kind is TaskKind.PROVIDER_CHOICES:
        offered = ChoicesOffered.model_validate(message.form)
        lacking = discharge_before.too_few(plan, tuple(choice.npi for choice in offered.choices))
        if lacking and not offered.why_fewer:
            yield refusal(
                "choices.too_few",
                f"At least {lacking} more to choose from {'is' if lacking == 1 else 'are'} needed.",
                "Offer more providers, or say in why_fewer why there are no more.",
            )
    elif task.kind is TaskKind.DETAILED_REASON:
        given_reason = DetailedReason.model_validate(message.form)
        if rule == DENC and plan.reversed_ends and not given_reason.changed_since:
            yield refusal(
                "task.form.changed_since",
                "The QIO decided for the member before: the notice says what has changed since.",
                "Fill in changed_since.",
            )
    elif task.kind is TaskKind.NEXT_AUTHORIZATION:
        asked = NextSettingRequest.model_validate(message.form)
        if not (asked.requesting_npi or plan.picture.facility_npi or plan.picture.attending_npi):
            yield refusal(
                "next.requester",
                "Nobody is known who asks for the next setting.",
                "Give requesting_npi: the hospital's.",
            )
    elif task.kind is TaskKind.FORM_DELIVERY:
        given = FormDelivered.model_validate(message.form)
        if given.delivered_at > message.at + STAMP_SKEW:
            yield refusal("form.delivered_at", "The form cannot have been delivered yet.", "Correct delivered_at.")
