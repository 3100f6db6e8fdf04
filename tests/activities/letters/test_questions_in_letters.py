"""A letter puts the planned questions: alternatives as alternatives, exclusions as one list, units as a clinic writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from activities.letters.request_context import asked_in_traces
from domain.criteria.asked_groups import put_question
from domain.criteria.evaluation import evaluate
from domain.criteria.questions import plan_questions
from domain.criteria.trace import CriteriaResult
from domain.vocabulary import Audience, Lob, NoticeKind
from rulebook.guidelines import load_criteria
from rulebook.notice_rules import NoticeBook
from store import criteria_traces
from store.session import Store, open_store
from templates.rendering import render_letter
from tests.templates.letter_contexts import context

DAY = date(2026, 11, 2)


def test_a_first_request_for_oxygen_is_asked_in_plain_groups() -> None:
    criteria = load_criteria()
    rule = next(one for one in criteria.guidelines if one.id == "OXY")
    plan = plan_questions(rule, criteria.dictionary, evaluate(rule, criteria.dictionary, (), DAY))
    groups = tuple(put_question("1", question) for question in plan.questions)
    letter = context(NoticeKind.INFORMATION_REQUEST, Audience.PROVIDER, Lob.MEDICARE_ADVANTAGE, asked=groups)
    notices = NoticeBook.load()
    made = render_letter(letter, notices.rule(letter.notice, letter.audience, letter.lob), None)
    text = " ".join(made.text.split())
    for said in (
        "Not one of the uses that are not covered Is one of these so? Please answer yes or no to each: * Is angina",
        "One of these is enough: * Arterial PO2 awake at rest (mmHg) * Oxygen saturation awake at rest (%)",
        "If not, one of these is enough instead: * Low during sleep",
    ):
        assert said in text
    for said in ("Is one of these so?", "One of these is enough:", "If not, one of these is enough instead:"):
        assert said in made.html
    assert "PO2 during sleep" not in text


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    made.create()
    yield made
    made.close()


def test_a_trace_of_an_older_release_is_asked_as_it_was(store: Store) -> None:
    criteria = load_criteria()
    rule = next(one for one in criteria.guidelines if one.id == "OXYP")
    result = evaluate(rule, criteria.dictionary, (), DAY)
    trace = TypeAdapter(CriteriaResult).dump_python(result, mode="json")
    with store.begin() as s:
        verdict_id = criteria_traces.save(s, "PA-1", "1", 1, "OXYP", trace)
    with store.read() as s:
        groups = asked_in_traces(s, (verdict_id,), criteria.dictionary)
    assert {fact.fact_id for group in groups for option in group.options for fact in option} == set(
        result.missing_facts
    )
