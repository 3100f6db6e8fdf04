"""An empty form, with the meaning of each field and nothing answered beforehand; and reading one that was filled in."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from domain.errors import NotReadable, Problem
from domain.model import Model
from domain.tasks import Task

_INSTANT = "an instant with its offset, such as 2026-03-02T14:00-06:00"
_WORDS = {
    "str": "words",
    "int": "a whole number",
    "Decimal": "a number",
    "float": "a number",
    "bool": "true or false",
    "date": "a day, YYYY-MM-DD",
    "datetime": _INSTANT,
    "AwareDatetime": _INSTANT,
}
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


def shape(annotation: Any) -> str:
    """What may stand in a field, in words."""
    kind = plain(annotation)
    origin = get_origin(kind)
    if choices(kind):
        return " | ".join(_said(choice) for choice in choices(kind))
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(shape(one) for one in get_args(kind) if one is not type(None)))
    if is_list(kind):
        return f"a list of: {shape(get_args(kind)[0])}"
    if origin is dict:
        return "an object"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "an object with the fields below"
    return _WORDS.get(getattr(kind, "__name__", ""), "words")


def choices(kind: Any) -> tuple[Any, ...]:
    """The closed list that a field's answers come from; empty where there is none."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    if get_origin(kind) in (Union, types.UnionType):
        found = [choices(one) for one in get_args(kind)]
        return tuple(one for several in found for one in several) if all(found) else ()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(kind)
    return ()


def is_list(kind: Any) -> bool:
    return get_origin(kind) in (tuple, list, frozenset, set)


def plain(annotation: Any) -> Any:
    """An annotation without what only validates it, and without the None of a field that may be left out."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [one for one in get_args(annotation) if one is not type(None)]
        if len(kinds) == 1:
            return plain(kinds[0])
    return annotation


def inside(annotation: Any) -> tuple[type[Model] | None, bool]:
    """The model that a field holds, if it holds one, and whether it holds a list of them."""
    kind = plain(annotation)
    if get_origin(kind) in (tuple, list):
        found, _ = inside(get_args(kind)[0])
        return found, True
    if isinstance(kind, type) and issubclass(kind, Model):
        return kind, False
    return None, False


def _null_answers(field: FieldInfo) -> bool:
    """Whether null is an answer to a field that has to be answered."""
    return field.default is PydanticUndefined and field.is_required() and type(None) in get_args(field.annotation)


def _said(choice: Any) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(getattr(choice, "value", choice))


def _unreadable(path: str, message: str, expected: str) -> NotReadable:
    return NotReadable((Problem(path=path, rule="task.form", message=message, expected=expected),))
