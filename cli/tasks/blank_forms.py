"""An empty form, with the meaning of each field and nothing answered beforehand; and reading one that was filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import JsonValue
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from cli.terminal.field_shapes import inside, shape
from domain.cases.tasks import Task
from domain.errors import NotReadable, Problem
from domain.model import Model

_WRAPPING = frozenset({"task", "kind", "about", "meaning", "form"})


def blank(task: Task, form: type[Model]) -> dict[str, Any]:
    """The form of a task to fill in under ``form``; ``about`` and ``meaning`` say what it is for, and are not read again.

    A field that has to be answered, and whose answer may be null, is left out: a null that stands there would be an answer.
    """
    return {
        "task": task.task_id,
        "kind": task.kind.value,
        "about": " ".join((form.__doc__ or "").split()),
        "form": {name: None for name, field in form.model_fields.items() if not _null_answers(field)},
        "meaning": dict(meanings(form)),
    }


def meanings(form: type[Model], path: str = "") -> Iterator[tuple[str, str]]:
    """What each field is for and what may stand in it, by its path; fields inside fields under ``field.inner``."""
    for name, field in form.model_fields.items():
        needed = "needed" if field.is_required() else "may be left out"
        if _null_answers(field):
            needed = "needed; null is an answer, so write it yourself"
        about = f"{field.description} " if field.description else ""
        yield f"{path}{name}", f"{about}({shape(field.annotation)}; {needed})"
        inner, is_list = inside(field.annotation)
        if inner is not None:
            yield from meanings(inner, f"{path}{name}{'[]' if is_list else ''}.")


def read(raw: bytes, task: Task, form: type[Model]) -> dict[str, JsonValue]:
    """A form from JSON, bare or under ``form`` as `blank` prints it. What stands there as null and may be left out is left out.

    Raises NotReadable.
    """
    try:
        said = json.loads(raw)
    except ValueError as wrong:
        raise _unreadable("document", f"not JSON: {wrong}", "the form as JSON in UTF-8") from None
    if not isinstance(said, dict):
        raise _unreadable("$", "not a form", "a JSON object with the fields of the form")
    if "form" in said and set(said) <= _WRAPPING:
        if said.get("kind", task.kind.value) != task.kind.value:
            raise _unreadable(
                "$.kind", f"this is the form of another kind of task than {task.task_id}", task.kind.value
            )
        said = said["form"]
        if not isinstance(said, dict):
            raise _unreadable("$.form", "not a form", "a JSON object with the fields of the form")
    optional = {name for name, field in form.model_fields.items() if not field.is_required()}
    return {name: value for name, value in said.items() if value is not None or name not in optional}


def _null_answers(field: FieldInfo) -> bool:
    """Whether null is an answer to a field that has to be answered."""
    return field.default is PydanticUndefined and field.is_required() and type(None) in get_args(field.annotation)


def _unreadable(path: str, message: str, expected: str) -> NotReadable:
    return NotReadable((Problem(path=path, rule="task.form", message=message, expected=expected),))
