"""Open work in hours against the hours of people: what nobody stated stays unknown and is counted, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from pydantic import ValidationError

from domain.cases.tasks import TaskKind, TaskMinutes, minutes_on
from domain.cited_value import Confidence
from services.queries.leading.week_load import sum_week
from store.worklist.paging import OpenGroup

MINUTES = {TaskKind.NURSE_REVIEW: 45}


def group(kind: TaskKind, due_week: int) -> OpenGroup:
    return OpenGroup("nurse", ("nurse",), (), (), "medicaid", "TX", kind.value, 9, 0, due_week, 0)


def stated(first: str, minutes: int, last: str | None = None) -> TaskMinutes:
    return TaskMinutes(
        kind=TaskKind.NURSE_REVIEW,
        minutes=minutes,
        first_day=date.fromisoformat(first),
        last_day=date.fromisoformat(last) if last else None,
        source="plan policy on staffing of January 1, 2026",
        confidence=Confidence.KNOWN,
    )


@pytest.mark.parametrize(
    ("groups", "work"),
    [
        ([(TaskKind.NURSE_REVIEW, 0)], "Nothing due"),
        ([(TaskKind.NURSE_REVIEW, 4)], "3 hours due"),
        ([(TaskKind.NURSE_REVIEW, 2), (TaskKind.LONG_STAY, 1)], "1.5 hours due, and 1 task, hours not stated"),
        ([(TaskKind.LONG_STAY, 3)], "3 tasks due, hours not stated"),
    ],
)
def test_work_is_in_hours_where_its_kind_has_minutes_and_is_counted_where_not(
    groups: Sequence[tuple[TaskKind, int]], work: str
) -> None:
    assert sum_week([group(*one) for one in groups], MINUTES, []).work_words == work


@pytest.mark.parametrize(
    ("hours", "people"),
    [
        ([38, 20.5], "58.5 hours a week of 2 people"),
        ([38, None], "38 hours a week of 1 person, and of 1 person hours not stated"),
        ([None, None], "their hours not stated"),
    ],
)
def test_hours_of_people_are_those_they_state_and_nobody_has_none(hours: list[float | None], people: str) -> None:
    assert sum_week([group(TaskKind.NURSE_REVIEW, 1)], MINUTES, hours).people_words == people


def test_minutes_hold_on_their_days_and_the_latest_begun_counts() -> None:
    rules = [stated("2026-06-01", 40), stated("2026-01-01", 30), stated("2026-07-01", 50, "2026-07-31")]
    found = [minutes_on(rules, date(2026, month, 15)).get(TaskKind.NURSE_REVIEW) for month in (1, 6, 7, 8)]
    assert found == [30, 40, 50, 40]
    assert minutes_on(rules, date(2025, 12, 31)) == {}


def test_minutes_need_a_source_and_end_after_they_begin() -> None:
    with pytest.raises(ValidationError, match="lies before first_day"):
        stated("2026-06-01", 40, "2026-05-31")
    with pytest.raises(ValidationError, match="source"):
        TaskMinutes.model_validate(
            {"kind": "nurse_review", "minutes": 5, "first_day": "2026-01-01", "confidence": "known"}
        )
