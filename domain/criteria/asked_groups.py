"""Planned questions as letters and forms put them to a clinic."""

from __future__ import annotations

from pydantic import JsonValue, TypeAdapter

from domain.criteria.trace import Question, QuestionForm
from domain.letters.context import AskedFact, AskedGroup

_QUESTIONS: TypeAdapter[tuple[Question, ...]] = TypeAdapter(tuple[Question, ...])


def put_question(line_id: str, question: Question) -> AskedGroup:
    """A question as a group of a letter."""
    return AskedGroup(
        line_id=line_id,
        title=question.title,
        any_one_of=question.form is QuestionForm.ONE_OF,
        none_of=question.form is QuestionForm.NONE_OF,
        options=tuple(
            tuple(AskedFact(fact_id=need.fact, ask=need.ask, unit=need.unit) for need in option)
            for option in question.options
        ),
        instead=question.instead,
    )


def planned_questions(line_id: str, trace: JsonValue) -> tuple[AskedGroup, ...] | None:
    """The questions planned with a stored criteria trace; None for a trace of a release that planned none."""
    if not isinstance(trace, dict) or trace.get("questions") is None:
        return None
    return tuple(put_question(line_id, one) for one in _QUESTIONS.validate_python(trace["questions"]))
