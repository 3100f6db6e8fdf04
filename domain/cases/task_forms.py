"""Completion forms of tasks: one form for each kind of task that has one, and the violations of a wrong form.

A form travels as plain JSON in `CompleteTask.form`, because a message has to be parsed before its task is known. No field has
an answer by default: an empty field is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from pydantic import JsonValue, ValidationError

from domain import limits
from domain.cases.tasks import TaskKind
from domain.errors import RuleViolation, violation
from domain.model import Model
from domain.plain_language.value_errors import describe_value_error

F = TypeVar("F", bound=Model)
Forms = Mapping[TaskKind, type[Model]]


def violations(forms: Forms, kind: TaskKind, form: Mapping[str, JsonValue] | None) -> Iterator[RuleViolation]:
    """Every field of the form that is missing or wrong, by its place; none when the form is valid."""
    model = forms.get(kind)
    if model is None:
        if form is not None:
            yield violation(
                "task.form", "This task has no form.", "Leave the form out; a note says what there is to say."
            )
        return
    if form is None:
        asked = ", ".join(name for name, field in model.model_fields.items() if field.is_required())
        yield violation("task.form", "This task needs its form.", f"Fill in: {asked}.")
        return
    try:
        if (problem := limits.form_problem(model.model_validate(form))) is not None:
            place, why = problem
            yield violation(f"task.form.{place}", f"{place}: {why}.", "Correct the form and send it again.")
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            place = ".".join(map(str, error["loc"])) or "form"
            yield violation(
                f"task.form.{place}", f"{place}: {describe_value_error(error)}.", "Correct the form and send it again."
            )


def read_form(model: type[F], form: Mapping[str, JsonValue] | None) -> F:
    """Parse the form, once `violations` has found none."""
    return model.model_validate(form)
