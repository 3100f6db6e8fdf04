"""Empty task forms, with a description of each field and no default answers; and reading of completed forms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import JsonValue
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from cli.terminal.field_shapes import describe_type, nested_model
from domain.cases.tasks import Task
from domain.errors import NotReadable, ValidationIssue
from domain.model import Model

_WRAPPER_KEYS = frozenset({"task", "kind", "about", "meaning", "form"})


def blank_form(task: Task, form: type[Model]) -> dict[str, Any]:
    """The empty form of a task under ``form``; ``about`` and ``meaning`` describe it and are ignored when it is read back.

    A required field that may be null is left out: a null in the form would be an answer.
    """
    return {
        "task": task.task_id,
        "kind": task.kind.value,
        "about": " ".join((form.__doc__ or "").split()),
        "form": {name: None for name, field in form.model_fields.items() if not _accepts_null(field)},
        "meaning": dict(field_meanings(form)),
    }


def field_meanings(form: type[Model], path: str = "") -> Iterator[tuple[str, str]]:
    """Description and accepted values of each field, by path; nested fields under ``field.inner``."""
    for name, field in form.model_fields.items():
        needed = "required" if field.is_required() else "optional"
        if _accepts_null(field):
            needed = "required; null is an answer, so enter it yourself"
        about = f"{field.description} " if field.description else ""
        yield f"{path}{name}", f"{about}({describe_type(field.annotation)}; {needed})"
        inner, is_list = nested_model(field.annotation)
        if inner is not None:
            yield from field_meanings(inner, f"{path}{name}{'[]' if is_list else ''}.")


def read_filled_form(raw: bytes, task: Task, form: type[Model]) -> dict[str, JsonValue]:
    """Read a form from JSON, bare or under ``form`` as in the empty form. Optional fields with null are dropped.

    Raises NotReadable.
    """
    try:
        said = json.loads(raw)
    except ValueError as wrong:
        raise _not_readable("document", f"not JSON: {wrong}", "the form as JSON in UTF-8") from None
    if not isinstance(said, dict):
        raise _not_readable("$", "not a form", "a JSON object with the fields of the form")
    if "form" in said and set(said) <= _WRAPPER_KEYS:
        if said.get("kind", task.kind.value) != task.kind.value:
            raise _not_readable(
                "$.kind", f"this is the form of another kind of task than {task.task_id}", task.kind.value
            )
        said = said["form"]
        if not isinstance(said, dict):
            raise _not_readable("$.form", "not a form", "a JSON object with the fields of the form")
    optional = {name for name, field in form.model_fields.items() if not field.is_required()}
    return {name: value for name, value in said.items() if value is not None or name not in optional}


def _accepts_null(field: FieldInfo) -> bool:
    """Whether a required field accepts null as an answer."""
    return field.default is PydanticUndefined and field.is_required() and type(None) in get_args(field.annotation)


def _not_readable(path: str, message: str, expected: str) -> NotReadable:
    return NotReadable((ValidationIssue(path=path, rule="task.form", message=message, expected=expected),))
