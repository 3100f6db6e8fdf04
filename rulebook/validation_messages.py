"""Messages for pydantic's validation errors in the rulebook's words: the key, the value, what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from types import UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

KeyPath: TypeAlias = tuple[str | int, ...]

_LONGEST_VALUE = 80


def describe_error(error: ErrorDetails, data: object, model: type[BaseModel]) -> tuple[KeyPath, str, str]:
    """(key path in the data, problem, expected) of one pydantic error; expected may be empty."""
    path = _path_in(data, error)
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return path, "is missing", "a value"
        case "extra_forbidden" if error["input"] is None and " " in str(path[-1]):
            # {text: Asthma, or another disease} is read as two keys, of which the second has no value.
            expected = 'quotes around a text with a comma in it: {text: "first part, second part"}'
            return path, f"{str(path[-1])!r} stands after a comma and was read as a key of its own", expected
        case "extra_forbidden":
            return path, "unknown key", _known_keys(model, path)
        case "bool_type" | "bool_parsing":
            return path, _value_received(error), "true or false, without quotes"
        case "date_type" | "date_parsing" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return path, _value_received(error), "a day written as 2027-01-31 (year, month, day)"
        case "tuple_type" | "list_type":
            return path, _value_received(error), "a list in brackets, such as [18, 120] or [medicare_advantage]"
        case "enum" | "literal_error":
            return path, _value_received(error), "one of " + _choices(str(context["expected"]))
        case "union_tag_invalid":
            expected = f"{context['discriminator']} to be one of {_choices(str(context['expected_tags']))}"
            return path, f"got {context['tag']!r} for {context['discriminator']}", expected
        case "union_tag_not_found":
            return path, "the kind cannot be told", f"the key {context['discriminator']}"
        case "value_error" | "assertion_error":
            return path, error["msg"].partition(", ")[2], ""
        case _:
            expected = error["msg"].removeprefix("Input should be ").removeprefix("Value should ")
            return path, _value_received(error), expected.partition(", unable to")[0]


def _value_received(error: ErrorDetails) -> str:
    text = repr(error["input"])
    return "got " + (text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "...")


def _choices(expected: str) -> str:
    """``'a', 'b' or 'c'`` as ``a, b, c``."""
    return expected.replace(" or ", ", ").replace("'", "")


def _path_in(data: object, error: ErrorDetails) -> KeyPath:
    """The error's place without the names of union members that pydantic puts into it."""
    path: list[str | int] = []
    for part in error["loc"]:
        in_mapping = isinstance(data, dict) and part in data
        in_list = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if in_mapping or in_list:
            data = data[part]  # type: ignore[index]
            path.append(part)
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    return tuple(path)


def _known_keys(model: type[BaseModel], path: KeyPath) -> str:
    """The keys that the model (or its part at the path) knows; the closest match first."""
    known = sorted({name for owner in _models_at(model, path[:-1]) for name in _names(owner)})
    if not known:
        return "no such key"
    likely = difflib.get_close_matches(str(path[-1]), known, n=1)
    return f"{likely[0]} (did you mean that?)" if likely else "one of " + ", ".join(known)


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


def _models_at(annotation: Any, path: KeyPath) -> Iterator[type[BaseModel]]:
    if get_origin(annotation) in (Union, UnionType):
        for member in get_args(annotation):
            yield from _models_at(member, path)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not path:
            yield annotation
        for name, field in annotation.model_fields.items():
            if path and path[0] == (field.alias or name):
                yield from _models_at(field.annotation, path[1:])
    elif path:
        for member in get_args(annotation):
            yield from _models_at(member, path[1:])
