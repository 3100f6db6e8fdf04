"""Validation of messages to a discharge plan: the rules that a message may break. Nothing here changes the plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases import review_answers, task_messages
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask, ReviewAnswered
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.decisions.determination import STAMP_SKEW
from domain.discharge import before_discharge, form_wording, notices
from domain.discharge.case import DischargeCase
from domain.discharge.forms import FORMS, ChoicesOffered, DetailedReason, FormDelivered, NextSettingRequest
from domain.discharge.messages import DischargeMessage, MemberReadmitted
from domain.discharge.notice_duties import DENC, DETAILED_NOTICE_RULES
from domain.errors import RuleViolation, violation
from domain.stays.plan_messages import QioUpdate, StayChanged


def violations(plan: DischargeCase, message: DischargeMessage, now: datetime) -> tuple[RuleViolation, ...]:
    """All rule violations of a message."""
    return tuple(_violations(plan, message, now, at_sight=False))


def violations_without_lookup(
    plan: DischargeCase, message: DischargeMessage, now: datetime
) -> tuple[RuleViolation, ...]:
    """The violations that can be found without looking up reviewers in the directory."""
    return tuple(_violations(plan, message, now, at_sight=True))


def _violations(
    plan: DischargeCase, message: DischargeMessage, now: datetime, *, at_sight: bool
) -> Iterator[RuleViolation]:
    match message:
        case ClaimTask() | ReleaseTask() | ReassignTask() | CompleteTask():
            check = task_messages.violations_without_lookup if at_sight else task_messages.violations
            broken = tuple(check(plan, message, now, FORMS))
            yield from broken
            if isinstance(message, CompleteTask) and not broken:
                yield from _form_violations(plan, message, now)
        case StayChanged():
            yield from _timestamp_violations(plan, message, now)
            if message.picture.stay_id != plan.picture.stay_id:
                yield violation("plan.stay", "This is the plan of another stay.", "Send it to the plan of that stay.")
        case QioUpdate():
            yield from _timestamp_violations(plan, message, now)
            if message.what == "decided" and message.upheld is None:
                yield violation(
                    "qio.decision", "A decision needs to say which way it went.", "Say whether the QIO upheld the end."
                )
        case ReviewAnswered():
            yield from _timestamp_violations(plan, message, now)
            yield from review_answers.unsigned_violations(message)
        case MemberReadmitted():
            yield from _timestamp_violations(plan, message, now)


def _timestamp_violations(plan: DischargeCase, message: DischargeMessage, now: datetime) -> Iterator[RuleViolation]:
    yield from task_messages.stamp_violations(plan, message, now)


def _form_violations(plan: DischargeCase, message: CompleteTask, now: datetime) -> Iterator[RuleViolation]:
    """Violations of a form that only this plan can detect."""
    task = plan.tasks.get(message.task_id)
    if task is None or message.outcome is not TaskOutcome.DONE or message.form is None:
        return
    rule = notices.rule_of(task)
    model = FORMS.get(task.kind)
    if model is not None:
        explains = rule in DETAILED_NOTICE_RULES
        yield from form_wording.violations(model.model_validate(message.form), explains_an_end=explains)
    if task.kind is TaskKind.PROVIDER_CHOICES:
        offered = ChoicesOffered.model_validate(message.form)
        lacking = before_discharge.missing_choices(plan, tuple(choice.npi for choice in offered.choices))
        if lacking and not offered.why_fewer:
            yield violation(
                "choices.too_few",
                f"At least {lacking} more to choose from {'is' if lacking == 1 else 'are'} needed.",
                "Offer more providers, or say in why_fewer why there are no more.",
            )
    elif task.kind is TaskKind.DETAILED_REASON:
        given_reason = DetailedReason.model_validate(message.form)
        if rule == DENC and plan.reversed_ends and not given_reason.changed_since:
            yield violation(
                "task.form.changed_since",
                "The QIO decided for the member before: the notice says what has changed since.",
                "Fill in changed_since.",
            )
    elif task.kind is TaskKind.NEXT_AUTHORIZATION:
        asked = NextSettingRequest.model_validate(message.form)
        if not (asked.requesting_npi or plan.picture.facility_npi or plan.picture.attending_npi):
            yield violation(
                "next.requester",
                "The requesting provider of the next setting is unknown.",
                "Give requesting_npi: the hospital's.",
            )
    elif task.kind is TaskKind.FORM_DELIVERY:
        given = FormDelivered.model_validate(message.form)
        if given.delivered_at > message.at + STAMP_SKEW:
            yield violation("form.delivered_at", "The form cannot have been delivered yet.", "Correct delivered_at.")
