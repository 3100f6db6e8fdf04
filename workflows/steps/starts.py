"""Receipt of starts: whatever a run was started with. What cannot be read leaves a case that is told by its file.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol, Self, TypeVar

from pydantic import BaseModel
from temporalio import workflow

NO_START = "no start of this case."
ANOTHER_CASE = "a case that no run of this one carried on."
NOT_AS_FILED = "another receipt or content than is on file."


class Start(Protocol):
    """The input of a case's workflow. `carried` is the case itself where an earlier run carried it on."""

    @property
    def case_id(self) -> str: ...

    @property
    def carried(self) -> Any: ...

    def model_dump_json(self) -> str: ...

    def model_copy(self, *, update: dict[str, Any]) -> Self: ...


S = TypeVar("S", bound=BaseModel)


def read_start(kind: type[S], given: Sequence[object]) -> S | None:
    """The start among the arguments of a run; None for anything but one start. Nothing in a payload can raise an error here."""
    if len(given) != 1:
        return None
    try:
        return kind.model_validate_json(json.dumps(given[0]))
    except Exception:
        return None  # the error's text would quote the payload


def is_continued_run() -> bool:
    """Whether the case itself continued an earlier run in this one. Only then somebody trustworthy wrote what it carries.

    A retry policy or a timetable makes Temporal begin a run anew with what the first was started with, and then nothing tells
    that run from one that the case continued. No start of Umpire has either, so a run that has one is told by its file.
    """
    info = workflow.info()
    begun_anew = info.retry_policy is not None or bool(info.cron_schedule)
    return info.continued_run_id is not None and info.first_execution_run_id != info.run_id and not begun_anew


def is_told_by_file() -> bool:
    """Whether the start counts as it is on file, whatever was sent. Earlier releases believed it, that of a child longer."""
    if workflow.info().parent is None:
        return workflow.patched("start-from-file")
    return workflow.patched("start-of-child-from-file")
