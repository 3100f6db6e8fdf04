"""The minutes that a plan expects a kind of task to take: its own policy, for the sum of open work and for nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from domain.cases.tasks import TaskKind
from domain.cited_value import CitedEntry

_LONGEST = 24 * 60


class TaskMinutes(CitedEntry):
    """Minutes of a person's work that a task of this kind takes, from `first_day` through `last_day` (None: until changed)."""

    kind: TaskKind
    minutes: int = Field(gt=0, le=_LONGEST)
    first_day: date
    last_day: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError("last_day: lies before first_day")
        return self


def minutes_on(stated: Iterable[TaskMinutes], day: date) -> dict[TaskKind, int]:
    """The minutes of each kind on this day; of several that hold, the latest begun. A kind without one is unknown."""
    holding = [one for one in stated if one.first_day <= day and (one.last_day is None or day <= one.last_day)]
    return {one.kind: one.minutes for one in sorted(holding, key=lambda one: one.first_day)}
