"""The number of questions that the guidelines ask: over the worked examples that end unknown, and of a first request."""

from __future__ import annotations

from typing import NamedTuple

from domain.criteria.evaluation import Guideline, evaluate
from domain.criteria.guideline_test_cases import facts_of_test_case
from domain.criteria.questions import plan_questions
from domain.criteria.trace import CriteriaResultState
from domain.evidence.facts import Fact
from rulebook.guidelines import Criteria


class QuestionCounts(NamedTuple):
    """Averages of questions in one round. `per_first_request` is of a request that brings no fact at all."""

    open_examples: int
    per_example: float
    per_first_request: float


def count_questions(criteria: Criteria) -> QuestionCounts:
    """Count the questions of every worked example that ends unknown, and of every guideline when nothing is known."""
    examples: list[int] = []
    for guideline in criteria.guidelines:
        for example in guideline.tests:
            facts = facts_of_test_case(example, criteria.dictionary, guideline.effective_from)
            asked = _questions(criteria, guideline, facts)
            if asked is not None:
                examples.append(asked)
    first = [asked for guideline in criteria.guidelines if (asked := _questions(criteria, guideline, ())) is not None]
    return QuestionCounts(len(examples), _average(examples), _average(first))


def _questions(criteria: Criteria, guideline: Guideline, facts: tuple[Fact, ...]) -> int | None:
    """The questions of one round; None where the outcome is known."""
    result = evaluate(guideline, criteria.dictionary, facts, guideline.effective_from)
    if result.state is not CriteriaResultState.UNKNOWN:
        return None
    return len(plan_questions(guideline, criteria.dictionary, result).questions)


def _average(counts: list[int]) -> float:
    return sum(counts) / len(counts) if counts else 0.0
