"""Field types of a form, described for people."""

from __future__ import annotations

import types
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from domain.model import Model

_INSTANT = "a date and time with offset, such as 2026-03-02T14:00-06:00"


_TYPE_NAMES = {
    "str": "text",
    "int": "a whole number",
    "Decimal": "a number",
    "float": "a number",
    "bool": "true or false",
    "date": "a day, YYYY-MM-DD",
    "datetime": _INSTANT,
    "AwareDatetime": _INSTANT,
}


def describe_type(annotation: Any) -> str:
    """Describe the values that a field accepts."""
    kind = base_type(annotation)
    origin = get_origin(kind)
    if choices(kind):
        return " | ".join(_choice_text(choice) for choice in choices(kind))
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(describe_type(one) for one in get_args(kind) if one is not type(None)))
    if is_list(kind):
        return f"a list of: {describe_type(get_args(kind)[0])}"
    if origin is dict:
        return "an object"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "an object with the fields below"
    return _TYPE_NAMES.get(getattr(kind, "__name__", ""), "text")


def choices(kind: Any) -> tuple[Any, ...]:
    """The allowed values of a field; empty where any value is allowed."""
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


def base_type(annotation: Any) -> Any:
    """The annotation without validators, and without the None of an optional field."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [one for one in get_args(annotation) if one is not type(None)]
        if len(kinds) == 1:
            return base_type(kinds[0])
    return annotation


def nested_model(annotation: Any) -> tuple[type[Model] | None, bool]:
    """The model that a field holds, if any, and whether the field is a list of it."""
    kind = base_type(annotation)
    if get_origin(kind) in (tuple, list):
        found, _ = nested_model(get_args(kind)[0])
        return found, True
    if isinstance(kind, type) and issubclass(kind, Model):
        return kind, False
    return None, False


def _choice_text(choice: Any) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(getattr(choice, "value", choice))
