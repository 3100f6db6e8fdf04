"""The dock: every kind of task can be done there, with the outcomes that the rules allow and no other."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from markupsafe import escape

from demo.time_skipping_lab import rulebook
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskKind, TaskOutcome, TaskStatus
from domain.discharge.forms import NeedsAssessment
from domain.vocabulary import Role
from web.presentation.dock import Dock, Standing, build_options
from web.presentation.fact_choices import statable_facts
from web.presentation.form_reading import read_typed
from web.rendering import environment

AT = datetime(2026, 12, 1, tzinfo=UTC)
_PAGES = {TaskOutcome.DECIDE: "decision"}
WITH_A_PAGE = set(_PAGES)


def _task(kind: TaskKind) -> Task:
    return Task(
        task_id="PA-1-T1",
        kind=kind,
        role=Role.NURSE,
        why="Why",
        opened_at=AT,
        due_at=AT,
        status=TaskStatus.CLAIMED,
        assignee="nurse.adams",
    )


def _shown(dock: Dock) -> str:
    return environment().get_template("parts/dock.html").render(dock=dock, csrf="secret", with_list="")


@pytest.mark.parametrize("kind", TaskKind)
def test_every_kind_of_task_is_done_at_the_dock_with_what_the_rules_allow(kind: TaskKind) -> None:
    task = _task(kind)
    options = build_options(task, None, {}, "America/New_York", None, {})
    page = _shown(Dock(task, "PA-1", "America/New_York", "act-0001", Standing.YOURS, options=options))
    offered = {TaskOutcome(one) for one in re.findall(r'name="outcome"[^>]* value="(\w+)"', page)}
    on_their_page = {TaskOutcome.RETURN} if kind is TaskKind.BENEFIT_REVIEW else set()
    assert offered == ALLOWED_OUTCOMES[kind] - on_their_page
    assert len(offered) == 1 or "checked" not in page
    for outcome in offered & WITH_A_PAGE:
        assert f'href="/tasks/PA-1-T1/{_PAGES[outcome]}"' in page
    assert page.count("and take the next task") == len(offered - WITH_A_PAGE)


@pytest.mark.parametrize("standing", [one for one in Standing if one is not Standing.YOURS])
def test_who_has_not_claimed_a_task_has_no_form_to_complete_it(standing: Standing) -> None:
    dock = Dock(
        _task(TaskKind.NURSE_REVIEW), "PA-1", "America/New_York", "act-0001", standing, holder="Daniel Lopez, RN"
    )
    page = _shown(dock)
    assert 'name="outcome"' not in page
    assert ("Daniel Lopez, RN has this task" in page) is (standing is Standing.OTHERS)
    assert ("Claim this task" in page) is (standing is Standing.FREE)


def test_a_fact_is_chosen_by_its_question_and_an_id_that_was_typed_before_stays() -> None:
    facts = statable_facts(rulebook())
    assert facts and all(one.label != one.value for one in facts)
    known, typed = facts[0].value, {"done.facts.count": ["2"], "done.facts.1.fact": ["my.own_fact"]}
    typed["done.facts.0.fact"] = [known]
    task = _task(TaskKind.NEEDS_ASSESSMENT)
    (option,) = build_options(task, None, typed, "America/New_York", None, {}, None, facts)
    page = _shown(Dock(task, "DP-1", "America/New_York", "act-0001", Standing.YOURS, options=(option,)))
    assert re.findall(r'<select id="f-done-facts-(\d)-fact"', page) == ["0", "1"]
    assert f'<option value="{known}" selected>{escape(facts[0].label)}</option>' in page
    assert '<option value="my.own_fact" selected>my.own_fact</option>' in page
    read = read_typed(NeedsAssessment, {**typed, "done.facts.0.value": ["yes"]}, "America/New_York", "done.")
    assert isinstance(read.values["facts"], list) and read.values["facts"][0] == {"fact": known, "value": True}
