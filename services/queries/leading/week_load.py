"""Open work of a week against the hours of the people who may do it: sums of the plan, never of a person.

What nobody stated stays unknown: tasks of a kind without minutes are counted, and so are people without hours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from domain.cases.tasks import TaskKind
from domain.model import Model
from domain.plain_language.phrases import count_phrase
from store.worklist.paging import OpenGroup

WEEK = timedelta(days=7)


class WeekLoad(Model):
    """Work due within seven days: `measured` of the `tasks` take `minutes` together, the minutes of the others nobody stated.
    The people who may do it have `hours` a week together, without the `unstated` whose hours are not stated."""

    tasks: int
    measured: int
    minutes: int
    people: int
    unstated: int
    hours: float

    @property
    def work_words(self) -> str:
        """The work: '12.5 hours due', '12.5 hours due, and 3 tasks, hours not stated', '3 tasks due, hours not stated'."""
        if not self.tasks:
            return "Nothing due"
        left = self.tasks - self.measured
        if not self.measured:
            return f"{count_phrase(left, 'task')} due, hours not stated"
        said = f"{hours_phrase(self.minutes / 60)} due"
        return f"{said}, and {count_phrase(left, 'task')}, hours not stated" if left else said

    @property
    def people_words(self) -> str:
        """The people's hours: '38 hours a week of 1 person, and of 2 people hours not stated'. They do other work too."""
        stated = self.people - self.unstated
        if not stated:
            return "their hours not stated"
        said = f"{hours_phrase(self.hours)} a week of {people_phrase(stated)}"
        return f"{said}, and of {people_phrase(self.unstated)} hours not stated" if self.unstated else said


def sum_week(groups: Iterable[OpenGroup], minutes: Mapping[TaskKind, int], hours: Collection[float | None]) -> WeekLoad:
    """The work of these groups that is due within the week, by the minutes of each kind, against the hours of each person."""
    due = [(TaskKind(one.kind), one.due_week) for one in groups]
    return WeekLoad(
        tasks=sum(count for _, count in due),
        measured=sum(count for kind, count in due if kind in minutes),
        minutes=sum(count * minutes[kind] for kind, count in due if kind in minutes),
        people=len(hours),
        unstated=sum(1 for one in hours if one is None),
        hours=sum(one for one in hours if one is not None),
    )


def hours_phrase(hours: float) -> str:
    """``1 hour``, ``37.5 hours``: to a tenth of an hour."""
    said = f"{round(hours, 1):g}"
    return f"{said} hour" if said == "1" else f"{said} hours"


def people_phrase(number: int) -> str:
    """``1 person``, ``3 people``."""
    return "1 person" if number == 1 else f"{number} people"
