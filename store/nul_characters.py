"""The character NUL never enters the store: PostgreSQL's text and JSON cannot hold it, and it has no meaning in a text.

One in a note or a request would otherwise make every write of its case fail for ever. U+FFFD stands in its place, on
both databases. Bytes (arrivals, documents) are kept as they are.
"""

from __future__ import annotations

from typing import Any

NUL, STAND_IN = "\x00", "\ufffd"


def clean(text: str) -> str:
    return text.replace(NUL, STAND_IN)


def clean_json(value: Any) -> Any:
    """The same JSON value without NUL in any text or key."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean_json(key): clean_json(inner) for key, inner in value.items()}
        case list() | tuple():
            return [clean_json(inner) for inner in value]
    return value


def clean_parameters(parameters: Any) -> Any:
    """A statement's parameters (one row, or many) without NUL in any text; the same object when none has one."""
    if not _has_nul(parameters):
        return parameters
    match parameters:
        case str():
            return clean(parameters)
        case dict():
            return {name: clean_parameters(value) for name, value in parameters.items()}
        case tuple():
            return tuple(map(clean_parameters, parameters))
        case list():
            return list(map(clean_parameters, parameters))
    return parameters


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return NUL in value
    if isinstance(value, dict):
        return any(map(_has_nul, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_nul, value))
