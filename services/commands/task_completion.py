"""Completion of any task from a filled form as data: of its kind, of a benefit review, or of an authorization's task."""

from __future__ import annotations

import json
from typing import Any, Self

from pydantic import Field, JsonValue, model_validator

from domain.authorization.forms import CompletionForm
from domain.cases import task_forms
from domain.cases.tasks import ALLOWED_OUTCOMES, TaskKind, TaskOutcome
from domain.errors import Refused
from domain.model import Model
from domain.vocabulary import ProcessKind
from services.commands import benefit_review, blank_forms, case_actions, decision_form
from services.commands.benefit_review import BenefitReviewForm
from services.commands.task_forms import FORMS, form_for
from services.context import CommandResult, ServiceContext
from store import cases
from store.tasks import CaseTask


class TaskAnswers(Model):
    """The answers that complete a task: `completion` for a review or another task that ends with an outcome, `form` for a task
    whose kind has a form of its own. Exactly one of them. Who completes it stands in neither."""

    completion: CompletionForm | None = Field(default=None, description="How the task ends, with what that needs.")
    form: dict[str, JsonValue] | None = Field(
        default=None, description="The fields of the kind's own form, as the task's empty form names them."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.completion is None) == (self.form is None):
            raise ValueError("give either 'completion' or 'form'")
        return self


async def load_blank_form(
    services: ServiceContext, task_id: str, reviewer_id: str, outcome: TaskOutcome | None = None
) -> dict[str, Any]:
    """The empty form of the task with the meaning of each field; for a review with the reviewer's worksheet. Raises NotOnFile,
    Refused, and TemporalUnavailable when no worker gives the worksheet."""
    found = await case_actions.find_task(services, task_id)
    if (own := _own_form(found.task.kind)) is not None:
        return blank_forms.blank_form(found.task, own)
    if not await _is_of_request(services, found):
        outcomes = sorted(one.value for one in ALLOWED_OUTCOMES[found.task.kind])
        return {"outcome": "one of: " + ", ".join(outcomes)}
    before = await decision_form.load_worksheet(services, task_id, reviewer_id)
    return blank_forms.blank_review_form(before, outcome)


async def complete_with_answers(
    services: ServiceContext, task_id: str, reviewer_id: str, answers: TaskAnswers, message_id: str
) -> CommandResult:
    """Complete the task; a decision is signed now, under the reviewer's license or credential. The same `message_id` is the
    same act. Raises NotReadable, NotOnFile, Refused, and TemporalUnavailable."""
    found = await case_actions.find_task(services, task_id)
    if answers.form is not None:
        return await _complete_own_form(services, found, reviewer_id, answers.form, message_id)
    assert answers.completion is not None
    said = answers.completion
    if not await _is_of_request(services, found):
        return await case_actions.complete_task(
            services, task_id, reviewer_id, said.outcome, note=said.note, message_id=message_id
        )
    return await decision_form.complete_with_form(services, task_id, reviewer_id, said, message_id)


def needs_signature(kind: TaskKind, answers: TaskAnswers) -> bool:
    """Whether these answers are a decision that somebody signs, and not a step on the way to one."""
    if answers.completion is not None:
        return answers.completion.outcome is TaskOutcome.DECIDE
    return kind is TaskKind.BENEFIT_REVIEW and (answers.form or {}).get("result") != "returned"


async def _complete_own_form(
    services: ServiceContext, found: CaseTask, reviewer_id: str, filled: dict[str, JsonValue], message_id: str
) -> CommandResult:
    task = found.task
    if task.kind is TaskKind.BENEFIT_REVIEW:
        form = benefit_review.read_benefit_form(_read(found, BenefitReviewForm, filled))
        return await benefit_review.complete_benefit_review(services, task.task_id, reviewer_id, form, message_id)
    own = form_for(task.kind)
    filled = _read(found, own, filled) if own is not None else filled
    if broken := tuple(task_forms.violations(FORMS, task.kind, filled)):
        raise Refused(broken)
    return await case_actions.complete_task(
        services, task.task_id, reviewer_id, TaskOutcome.DONE, form=filled, message_id=message_id
    )


def _read(found: CaseTask, form: type[Model], filled: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return blank_forms.read_filled_form(json.dumps(filled).encode(), found.task, form)


def _own_form(kind: TaskKind) -> type[Model] | None:
    return BenefitReviewForm if kind is TaskKind.BENEFIT_REVIEW else form_for(kind)


async def _is_of_request(services: ServiceContext, found: CaseTask) -> bool:
    view = await services.read(cases.get, found.case_id)
    return view is None or view.process is ProcessKind.REQUEST
