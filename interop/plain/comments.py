"""Comments in plain documents: a property whose name begins with ``//`` is for people and is not read."""

from __future__ import annotations

from typing import Any

MARK = "//"


def remove_comments(value: Any) -> Any:
    """The value without the properties that are comments, at every depth. Raises RecursionError as its parser does."""
    match value:
        case dict():
            return {name: remove_comments(part) for name, part in value.items() if not name.startswith(MARK)}
        case list():
            return [remove_comments(part) for part in value]
    return value
