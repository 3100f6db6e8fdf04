"""Letters that belong to no case say all that they have to, in words that people read, or are not made."""

from __future__ import annotations

from datetime import date

import pytest

from demo.time_skipping_lab import rulebook
from domain.criteria.statements import ServiceNames, state_guideline
from domain.errors import LetterIncomplete
from domain.letters.context import PlanContact
from domain.letters.standalone import StandaloneHead, StandaloneKind
from domain.plain_language.reading_grade import reading_grade
from templates.rendered_check import extract_text
from templates.standalone_letters import render_standalone

HEAD = StandaloneHead(
    plan=PlanContact(
        plan_name="Example Health",
        phone="1-800-555-0100",
        tty="711",
        fax="1-800-555-0141",
        address=("1 Main Street", "Springfield, IL 62701"),
        hours="8 a.m. to 5 p.m.",
        website="www.example.test",
    ),
    zone="America/Chicago",
    recipient="Dana <Ruiz>",
    reached_at=("Fax 312-555-0100",),
    issue_date=date(2026, 11, 2),
    letter_number="criteria:1",
)
ASKED = {"asked_on": "November 2, 2026", "title": "Home oxygen", "version": "1"}
DRAFT = {"draft": "draft of Dec 1, 10:12 AM", "saved_on": "November 2, 2026", "deleted_at": "Mon Nov 16, 9:00 AM CST"}


@pytest.mark.parametrize("guideline", rulebook().criteria.guidelines, ids=lambda one: one.id)
def test_every_guideline_can_be_sent_whole_in_both_forms(guideline) -> None:  # type: ignore[no-untyped-def]
    text = state_guideline(guideline, rulebook().criteria.dictionary, ServiceNames({}, {}))
    rule = rulebook().notices.standalone[StandaloneKind.CRITERIA_ASKED_FOR]
    page = render_standalone(rule, HEAD, ASKED, text)
    for seen in (extract_text(page.html).text, page.text):
        flat = " ".join(seen.split()).lower()
        for line in text.lines:
            assert " ".join((line.asks or line.group or line.same_as).lower().split()) in flat
        assert guideline.source.cite.lower() in flat and guideline.version.lower() in flat
    assert "Dana &lt;Ruiz&gt;" in page.html and "<Ruiz>" not in page.html


def test_a_letter_that_lacks_a_fact_is_not_made() -> None:
    notices = rulebook().notices
    with pytest.raises(LetterIncomplete, match="criteria"):
        render_standalone(notices.standalone[StandaloneKind.CRITERIA_ASKED_FOR], HEAD, ASKED)
    with pytest.raises(LetterIncomplete, match="deleted"):
        render_standalone(notices.standalone[StandaloneKind.DRAFT_REMINDER], HEAD, DRAFT | {"deleted_at": " "})


def test_the_words_are_plain() -> None:
    for rule in rulebook().notices.standalone.values():
        said = " ".join(element.words or "" for element in rule.elements)
        assert reading_grade(said) < 9, rule.kind
