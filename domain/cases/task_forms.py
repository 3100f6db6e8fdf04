"""What is filled in to finish a task: one form for each kind of task that has one, and how a wrong form is refused.

A form travels as plain JSON in `CompleteTask.form`, because a message has to be readable before anybody knows which task it is
about. Nothing in a form is answered beforehand: what a field does not say is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import JsonValue, ValidationError

from domain.cases.tasks import TaskKind
from domain.errors import Refusal, refusal
from domain.model import Model

F = TypeVar("F", bound=Model)
Forms = Mapping[TaskKind, type[Model]]


def faults(forms: Forms, kind: TaskKind, form: Mapping[str, JsonValue] | None) -> Iterator[Refusal]:
    """Every field of the form that is missing or wrong, by its place; nothing when it can be read."""
    model = forms.get(kind)
    if model is None:
        if form is not None:
            yield refusal(
                "task.form", "This task has no form.", "Leave the form out; a note says what there is to say."
            )
        return
    if form is None:
        asked = ", ".join(name for name, field in model.model_fields.items() if field.is_required())
        yield refusal("task.form", "This task needs its form.", f"Fill in: {asked}.")
        return
    try:
        model.model_validate(form)
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            place = ".".join(map(str, error["loc"])) or "form"
            yield refusal(f"task.form.{place}", f"{place}: {_said(error)}.", "Correct the form and send it again.")


def read(model: type[F], form: Mapping[str, JsonValue] | None) -> F:
    """The form, once `faults` found nothing."""
    return model.model_validate(form)


def _said(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[0].lower() + message[1:].rstrip(".")
