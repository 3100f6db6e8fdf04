"""Carried out of domain/retrospective_desk.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.cases import review_answers as answers
from domain.cases import task_forms as forms
from domain.cases import task_messages as task_desk
from domain.cases.messages import CompleteTask, ReviewAnswered
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.errors import Refusal, refusal
from domain.retrospective.case import RetrospectiveFile
from domain.retrospective.comparison import Differs
from domain.retrospective.forms import FORMS, ComparisonForm, LineForm
from domain.retrospective.messages import RaiseConcern, RecordLesson, ReferToCompliance, RetrospectiveMessage

OF_STAFF = (RaiseConcern, ReferToCompliance, RecordLesson)


def refusals(file: RetrospectiveFile, message: RetrospectiveMessage, now: datetime) -> tuple[Refusal, ...]:
    """Every rule that the message breaks."""
    return tuple(_refusals(file, message, now))


def refusals_at_sight(file: RetrospectiveFile, message: RetrospectiveMessage, now: datetime) -> tuple[Refusal, ...]:
    """What can be refused without asking the directory about anybody."""
    if isinstance(message, task_desk.OF_TASKS):
        return (*task_desk.refusals_at_sight(file, message, now, FORMS), *_comparison(file, message))
    return tuple(task_desk.stamp(file, message, now))


def _refusals(file: RetrospectiveFile, message: RetrospectiveMessage, now: datetime) -> Iterator[Refusal]:
    if isinstance(message, task_desk.OF_TASKS):
        yield from task_desk.refusals(file, message, now, FORMS)
        yield from _comparison(file, message)
        return
    yield from task_desk.stamp(file, message, now)
    if isinstance(message, ReviewAnswered) and message.case_id != file.review:
        yield refusal("review.unknown", "This file has asked for no such review.", "Look at the file for its review.")
    if isinstance(message, ReviewAnswered):
        yield from answers.unsigned(message)
    if isinstance(message, OF_STAFF):
        who = file.reviewers.get(message.actor.id)
        if who is None or not who.active:
            yield refusal("reviewer.unknown", "The sender is not in the directory.", "Act under your own name.")


def _comparison(file: RetrospectiveFile, message: RetrospectiveMessage) -> Iterator[Refusal]:
    """A comparison answers every line of its task, and only those, with portions that lie within the line."""
    if not isinstance(message, CompleteTask) or message.outcome is not TaskOutcome.DONE:
        return
    task = file.tasks.get(message.task_id)
    if task is None or task.kind is not TaskKind.CLAIM_COMPARISON or file.look is None:
        return
    if tuple(forms.faults(FORMS, task.kind, message.form)):
        return
    form = forms.read(ComparisonForm, message.form)
    answered = [line.line_id for line in form.lines]
    if sorted(answered) != sorted(task.line_ids):
        asked = ", ".join(task.line_ids)
        yield refusal("comparison.lines", "The task asks about other lines.", f"Answer each once: {asked}.")
        return
    for line in form.lines:
        yield from _line(file, line)


def _line(file: RetrospectiveFile, form: LineForm) -> Iterator[Refusal]:
    found, line = file.findings[form.line_id], file.looked_at().claim.line(form.line_id)
    if form.answer != "not_authorized" and not isinstance(found, Differs) and form.authorization is None:
        says = f"Line {form.line_id}: nothing says by which authorization."
        yield refusal("comparison.authorization", says, "Name its number in the field authorization.")
    if form.beyond is not None:
        inside = line.start <= form.beyond.start and form.beyond.end <= line.end
        fewer = form.beyond.units is None or form.beyond.units <= line.units
        if not (inside and fewer):
            says = f"Line {form.line_id}: what is beyond lies outside the line itself."
            way_out = f"Give days from {line.start} to {line.end} and at most {line.units} units."
            yield refusal("comparison.portion", says, way_out)
