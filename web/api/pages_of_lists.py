"""Pages of lists: how many rows, and the cursor that goes on behind the last one."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, Any, Protocol, Self, TypeVar

from fastapi import Query

from domain.errors import ValidationIssue
from web.api.problems import ApiError

LARGEST_PAGE = 200
Size = Annotated[int, Query(alias="limit", ge=1, le=LARGEST_PAGE, description="Most rows of a page.")]
Cursor = Annotated[
    str | None,
    Query(alias="after", max_length=500, description="`next` of the page before; the first page unless given."),
]


class PlacedPage(Protocol):
    """A page of a service's list, whose `after` is the place of its last row; None at the end of the list."""

    @property
    def after(self) -> str | None: ...

    def model_copy(self, *, update: dict[str, Any]) -> Self: ...


Paged = TypeVar("Paged", bound=PlacedPage)


def write_cursor(*parts: datetime | str | int | None) -> str:
    """The cursor for the place of a row."""
    told = [one.isoformat() if isinstance(one, datetime) else one for one in parts]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def read_cursor(said: str | None, *kinds: type) -> list[Any] | None:
    """The parts of a cursor, each of its kind or None; None without a cursor. Raises ApiError for one that is none."""
    if said is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        if not isinstance(found, list) or len(found) != len(kinds):
            raise ValueError
        return [_read_part(one, kind) for one, kind in zip(found, kinds, strict=True)]
    except (ValueError, binascii.Error, RecursionError):
        issue = ValidationIssue(path="query.after", rule="page.cursor", message="not a cursor of this list")
        raise ApiError(422, "The cursor is none of this list.", problems=(issue,)) from None


def _read_part(said: object, kind: type) -> object:
    if said is None:
        return None
    if kind is datetime and isinstance(said, str):
        at = datetime.fromisoformat(said)
        if at.tzinfo is None:
            raise ValueError
        return at
    if type(said) is not kind:
        raise ValueError
    return said


def read_place(said: str | None) -> str | None:
    """The place of a row by the cursor of a list that goes on by one text. Raises ApiError."""
    found = read_cursor(said, str)
    return found[0] if found else None


def with_cursor(page: Paged) -> Paged:
    """The page with the cursor of its last row's place."""
    return page if page.after is None else page.model_copy(update={"after": write_cursor(page.after)})
