"""Values of a case summary, which is JSON and may be of an earlier release: what is missing is empty or None."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from domain.model import Model


def complete(content: Mapping[str, object], model: type[Model]) -> dict[str, object]:
    """The content with every field of its process's summary; what an earlier release did not have is None."""
    return {**dict.fromkeys(model.model_fields), **content}


def items_of(content: Mapping[str, object], name: str) -> list[object]:
    """The list of this name; an empty one where there is none."""
    found = content.get(name)
    return list(found) if isinstance(found, list | tuple) else []


def day_of(content: Mapping[str, object], name: str) -> date | None:
    """The day of this name."""
    said = content.get(name)
    return date.fromisoformat(said) if isinstance(said, str) else None


def instant_of(content: Mapping[str, object], name: str) -> datetime | None:
    """The instant of this name (UTC)."""
    said = content.get(name)
    return datetime.fromisoformat(said) if isinstance(said, str) else None


def text_of(content: Mapping[str, object], name: str) -> str:
    """The text of this name; empty where there is none."""
    said = content.get(name)
    return said if isinstance(said, str) else ""
