"""Carried out of cli/blank_forms.py."""

from __future__ import annotations

import types
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from domain.model import Model

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


def _said(choice: Any) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(getattr(choice, "value", choice))
