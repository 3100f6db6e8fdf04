"""A nurse reads on the task why a line whose criteria are met was not approved by rule."""

from __future__ import annotations

import pytest

from domain.authorization import path
from domain.cases.tasks import TaskKind
from tests.domain.authorization.casebook import START, criteria, line, open_case


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (None, "Line 1: criteria met; a reviewer has to confirm the evidence"),
        ("its source is a draft", "Line 1: criteria met; never approved by rule: its source is a draft"),
    ],
)
def test_the_task_of_a_line_that_meets_its_criteria_says_why_a_person_is_needed(why: str | None, told: str) -> None:
    case = open_case(line("1", criteria("met").model_copy(update={"why_not_by_rule": why})))
    path.advance(case, START)
    (task,) = case.open_tasks(TaskKind.NURSE_REVIEW)
    assert task.why == told
