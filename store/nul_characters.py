"""Replacement of NUL characters before they reach the store: PostgreSQL's text and JSON cannot hold them.

A NUL in a note or a request would otherwise make every write of its case fail forever. It is replaced by U+FFFD, on both
databases. Bytes (arrivals, documents) are stored as they are.
"""

from __future__ import annotations

from typing import Any

NUL, STAND_IN = "\x00", "\ufffd"


def replace_nul(text: str) -> str:
    return text.replace(NUL, STAND_IN)


def replace_nul_in_json(value: Any) -> Any:
    """The same JSON value without NUL in any text or key."""
    match value:
        case str():
            return replace_nul(value)
        case dict():
            return {replace_nul_in_json(key): replace_nul_in_json(inner) for key, inner in value.items()}
        case list() | tuple():
            return [replace_nul_in_json(inner) for inner in value]
    return value


def replace_nul_in_parameters(parameters: Any) -> Any:
    """A statement's parameters (one row, or many) without NUL in any text; the same object when none has one."""
    if not _has_nul(parameters):
        return parameters
    match parameters:
        case str():
            return replace_nul(parameters)
        case dict():
            return {name: replace_nul_in_parameters(value) for name, value in parameters.items()}
        case tuple():
            return tuple(map(replace_nul_in_parameters, parameters))
        case list():
            return list(map(replace_nul_in_parameters, parameters))
    return parameters


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return NUL in value
    if isinstance(value, dict):
        return any(map(_has_nul, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_nul, value))
