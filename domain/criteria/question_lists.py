"""Lists and order of questions: what is put together as one question, and what is put first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.criteria.trace import Question, QuestionForm
from domain.evidence.fact_reading import FactGap
from domain.evidence.facts import FactType

SHORT_LIST = 3
"""So many facts of one group are put as one question under its words; more are put one by one."""


def is_yes_or_no(question: Question) -> bool:
    """Whether it asks yes or no, of one fact of which nothing was seen."""
    needs = tuple(question.needs())
    plain = question.form is QuestionForm.FACT and not question.instead
    return plain and all(need.type is FactType.BOOL and need.gap is FactGap.MISSING for need in needs)


def _is_plain(question: Question) -> bool:
    """Whether it asks one fact of which nothing was seen, and nothing would do instead."""
    of_one = question.form is QuestionForm.FACT and not question.instead
    return of_one and all(need.gap is FactGap.MISSING for need in question.needs())


def list_plain_questions(questions: Sequence[Question], criterion: str, title: str) -> list[Question]:
    """List the questions of a group, with the few plain ones among them as one question under the words of the group."""
    plain = [question for question in questions if _is_plain(question)]
    asked = tuple({need.fact: need for question in plain for need in question.needs()}.values())
    if not 1 < len(asked) <= SHORT_LIST:
        return list(questions)
    listed = Question(criterion, QuestionForm.ALL_OF, (asked,), title)
    return [listed, *(question for question in questions if question not in plain)]


def put_in_order(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Put yes or no before numbers, lists before choices, otherwise as the guideline has them; no fact twice."""
    kept: list[Question] = []
    asked: set[str] = set()
    for question in sorted(questions, key=_rank):
        options = tuple(
            rest for option in question.options if (rest := tuple(need for need in option if need.fact not in asked))
        )
        if question.form is QuestionForm.ONE_OF and len(options) < len(question.options):
            continue  # one of its options is asked already: the answer to that may be enough
        if options:
            kept.append(replace(question, options=options))
            asked.update(need.fact for option in options for need in option)
    return tuple(kept)


def _rank(question: Question) -> int:
    if any(need.type is not FactType.BOOL for need in question.needs()):
        return 3
    return {QuestionForm.FACT: 0, QuestionForm.ALL_OF: 1, QuestionForm.NONE_OF: 1, QuestionForm.ONE_OF: 2}[
        question.form
    ]
