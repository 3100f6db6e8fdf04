"""Rules for messages to a retrospective review: violations that keep a message from being carried out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases import review_answers, task_forms, task_messages
from domain.cases.messages import CompleteTask, ReviewAnswered
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.errors import RuleViolation, violation
from domain.retrospective.case import RetrospectiveCase
from domain.retrospective.comparison import Differs
from domain.retrospective.forms import FORMS, ComparisonForm, ComparisonLineForm
from domain.retrospective.messages import RaiseConcern, RecordLesson, ReferToCompliance, RetrospectiveMessage

STAFF_MESSAGES = (RaiseConcern, ReferToCompliance, RecordLesson)


def violations(file: RetrospectiveCase, message: RetrospectiveMessage, now: datetime) -> tuple[RuleViolation, ...]:
    """Every rule that the message breaks."""
    return tuple(_find_violations(file, message, now))


def violations_without_lookup(
    file: RetrospectiveCase, message: RetrospectiveMessage, now: datetime
) -> tuple[RuleViolation, ...]:
    """The violations that show without a lookup in the reviewer directory."""
    if isinstance(message, task_messages.TASK_MESSAGES):
        return (
            *task_messages.violations_without_lookup(file, message, now, FORMS),
            *_comparison_violations(file, message),
        )
    return tuple(task_messages.stamp_violations(file, message, now))


def _find_violations(file: RetrospectiveCase, message: RetrospectiveMessage, now: datetime) -> Iterator[RuleViolation]:
    if isinstance(message, task_messages.TASK_MESSAGES):
        yield from task_messages.violations(file, message, now, FORMS)
        yield from _comparison_violations(file, message)
        return
    yield from task_messages.stamp_violations(file, message, now)
    if isinstance(message, ReviewAnswered) and message.case_id != file.review:
        yield violation(
            "review.unknown", "This case did not open that review.", "Check the case for its review number."
        )
    if isinstance(message, ReviewAnswered):
        yield from review_answers.unsigned_violations(message)
    if isinstance(message, STAFF_MESSAGES):
        who = file.reviewers.get(message.actor.id)
        if who is None or not who.active:
            yield violation("reviewer.unknown", "The sender is not in the directory.", "Act under your own name.")


def _comparison_violations(file: RetrospectiveCase, message: RetrospectiveMessage) -> Iterator[RuleViolation]:
    """Violations of a comparison: it answers every line of its task, and only those, with portions within the line."""
    if not isinstance(message, CompleteTask) or message.outcome is not TaskOutcome.DONE:
        return
    task = file.tasks.get(message.task_id)
    if task is None or task.kind is not TaskKind.CLAIM_COMPARISON or file.look is None:
        return
    if tuple(task_forms.violations(FORMS, task.kind, message.form)):
        return
    form = task_forms.read_form(ComparisonForm, message.form)
    answered = [line.line_id for line in form.lines]
    if sorted(answered) != sorted(task.line_ids):
        asked = ", ".join(task.line_ids)
        yield violation("comparison.lines", "The task asks about other lines.", f"Answer each once: {asked}.")
        return
    for line in form.lines:
        yield from _line_violations(file, line)


def _line_violations(file: RetrospectiveCase, form: ComparisonLineForm) -> Iterator[RuleViolation]:
    found, line = file.findings[form.line_id], file.require_context().claim.line(form.line_id)
    if form.answer != "not_authorized" and not isinstance(found, Differs) and form.authorization is None:
        says = f"Line {form.line_id}: nothing says by which authorization."
        yield violation("comparison.authorization", says, "Name its number in the field authorization.")
    if form.beyond is not None:
        inside = line.start <= form.beyond.start and form.beyond.end <= line.end
        fewer = form.beyond.units is None or form.beyond.units <= line.units
        if not (inside and fewer):
            says = f"Line {form.line_id}: what is beyond lies outside the line itself."
            way_out = f"Give days from {line.start} to {line.end} and at most {line.units} units."
            yield violation("comparison.portion", says, way_out)
