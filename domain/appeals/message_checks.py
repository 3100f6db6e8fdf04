"""Rules for messages to an appeal: violations that keep a message from being carried out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.appeals.case import AppealCase
from domain.appeals.forms import FORMS, CaseFileForm, EffectuationForm, StandingForm
from domain.appeals.messages import AppealMessage
from domain.cases import review_answers, task_forms, task_messages
from domain.cases.messages import CompleteTask, ReviewAnswered
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.decisions.determination import STAMP_SKEW
from domain.errors import RuleViolation, violation


def violations(appeal: AppealCase, message: AppealMessage, now: datetime) -> tuple[RuleViolation, ...]:
    """Every rule that the message breaks."""
    return tuple(_find_violations(appeal, message, now))


def violations_without_lookup(appeal: AppealCase, message: AppealMessage, now: datetime) -> tuple[RuleViolation, ...]:
    """The violations that show without a lookup in the reviewer directory."""
    if isinstance(message, task_messages.TASK_MESSAGES):
        broken = tuple(task_messages.violations_without_lookup(appeal, message, now, FORMS))
        return broken or tuple(_time_violations(appeal, message, now))
    return tuple(task_messages.stamp_violations(appeal, message, now))


def _find_violations(appeal: AppealCase, message: AppealMessage, now: datetime) -> Iterator[RuleViolation]:
    if isinstance(message, task_messages.TASK_MESSAGES):
        broken = tuple(task_messages.violations(appeal, message, now, FORMS))
        yield from broken or tuple(_time_violations(appeal, message, now))
        return
    yield from task_messages.stamp_violations(appeal, message, now)
    if isinstance(message, ReviewAnswered):
        if message.case_id != appeal.review:
            yield violation(
                "review.unknown", "This appeal did not open that review.", "Check the appeal for its review number."
            )
        yield from review_answers.unsigned_violations(message)


def _time_violations(appeal: AppealCase, message: object, now: datetime) -> Iterator[RuleViolation]:
    """Violations of the times in a form: nothing arrives or is done before the appeal, and nothing in the future."""
    if not isinstance(message, CompleteTask) or message.outcome is not TaskOutcome.DONE:
        return
    kind = appeal.tasks[message.task_id].kind
    if kind is TaskKind.APPEAL_STANDING:
        yield from _interval(task_forms.read_form(StandingForm, message.form).arrived_at, None, now)
    elif kind is TaskKind.APPEAL_EFFECTUATION:
        yield from _interval(task_forms.read_form(EffectuationForm, message.form).done_at, _decided(appeal), now)
    elif kind is TaskKind.APPEAL_FORWARDING:
        yield from _interval(task_forms.read_form(CaseFileForm, message.form).arrived_at, _decided(appeal), now)


def _decided(appeal: AppealCase) -> datetime | None:
    return appeal.answer.decided_at if appeal.answer is not None else None


def _interval(at: datetime, after: datetime | None, now: datetime) -> Iterator[RuleViolation]:
    if at > now + STAMP_SKEW:
        yield violation("message.stamp", "The time lies in the future.", "Give the time at which it happened.")
    if after is not None and at < after - STAMP_SKEW:
        yield violation(
            "appeal.before_decision", "The time lies before the decision on the appeal.", "Correct the time."
        )
