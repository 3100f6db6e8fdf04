"""A case as it was before a message, so that a message which fails half-way leaves nothing behind."""

from __future__ import annotations

from typing import Any

from domain.cases.case import Case, Part


def take(case: Case) -> dict[str, Any]:
    """The fields of the case as they are now. Frozen values are shared; what can change is copied."""
    return _fields(case)


def restore(case: Case, before: dict[str, Any]) -> None:
    """Put the fields back as they were."""
    case.__dict__.clear()
    case.__dict__.update(before)


def _fields(value: Case | Part) -> dict[str, Any]:
    return {name: _copied(child) for name, child in value.__dict__.items()}


def _copied(value: Any) -> Any:
    match value:
        case Part():
            return value.model_construct(_fields_set=set(value.model_fields_set), **_fields(value))
        case dict():
            return {key: _copied(child) for key, child in value.items()}
        case list():
            return [_copied(child) for child in value]
        case set():
            return set(value)
        case _:
            return value
