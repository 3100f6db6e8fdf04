"""Check that every day and instant of a plain document lies within the window of `interop.limits`."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from interop.issues import IssueCollector
from interop.limits import WINDOW_TEXT, is_in_window


def check_window(plain: BaseModel, findings: IssueCollector) -> None:
    """Report every day or instant that nobody can mean as a problem."""
    stack: list[tuple[str, object]] = [("$", plain)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, BaseModel):
            stack.extend((f"{path}.{name}", getattr(value, name)) for name in type(value).model_fields)
        elif isinstance(value, list | tuple):
            stack.extend((f"{path}[{index}]", part) for index, part in enumerate(value))
        elif isinstance(value, date) and not _can_be_meant(value):
            findings.problem(path, "umpire-date", "nobody can mean this date", WINDOW_TEXT)


def _can_be_meant(value: date) -> bool:
    return is_in_window(value.date() if isinstance(value, datetime) and value.tzinfo is None else value)
