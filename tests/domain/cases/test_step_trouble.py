"""Trouble of a case whose next step fails: told once, tried with growing pauses, and over when the step is taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.cases import step_trouble
from domain.cases.tasks import TaskKind
from domain.vocabulary import Role
from tests.domain.authorization.casebook import criteria, line, open_case

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def failed(case, at, kind="KeyError", wakes_at=None, has_rested=True):
    step_trouble.record_failure(case, kind, at, wakes_at, has_rested=has_rested, is_hidden=False)
    return case.trouble


def test_a_failure_is_journaled_once_for_each_kind_and_compliance_has_one_task():
    case = open_case(line("1", criteria("not_met")))
    before = len(case.pending)
    for minute in range(5):
        failed(case, NOW + timedelta(minutes=minute))
    assert [entry.kind for entry in case.pending[before:]] == ["case_trouble", "task_opened"]
    failed(case, NOW + timedelta(hours=1), "TypeError")
    assert [entry.kind for entry in case.pending[before:]] == ["case_trouble", "task_opened", "case_trouble"]
    (task,) = case.open_tasks(TaskKind.CASE_TROUBLE)
    assert task.role is Role.COMPLIANCE and task.due_at == NOW + timedelta(hours=case.missed_clock_hours)


def test_the_pauses_grow_up_to_half_an_hour_and_end_with_the_next_timer_of_the_case():
    case = open_case(line("1", criteria("not_met")))
    pauses = [failed(case, NOW).rests_until - NOW for _ in range(8)]
    assert pauses == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 30, 30, 30)]
    assert failed(case, NOW, wakes_at=NOW + timedelta(minutes=7)).rests_until == NOW + timedelta(minutes=7)
    assert failed(case, NOW, wakes_at=NOW).rests_until == NOW + timedelta(minutes=30), (
        "a timer that is due is tried later"
    )


def test_who_fails_before_the_rest_rests_first():
    case = open_case(line("1", criteria("not_met")))
    assert not failed(case, NOW, has_rested=True).rests_first
    assert failed(case, NOW, has_rested=False).rests_first
    assert not failed(case, NOW, has_rested=True).rests_first


def test_when_the_step_is_taken_the_journal_says_so_and_the_task_stays_for_compliance():
    case = open_case(line("1", criteria("not_met")))
    failed(case, NOW)
    step_trouble.record_recovery(case, NOW + timedelta(hours=2))
    assert case.trouble is None and case.pending[-1].summary.startswith("The case goes on")
    assert case.open_tasks(TaskKind.CASE_TROUBLE)
    entries = len(case.pending)
    step_trouble.record_recovery(case, NOW + timedelta(hours=3))
    assert len(case.pending) == entries


def test_trouble_and_unheard_messages_travel_with_the_case_and_a_case_without_is_written_as_before():
    case = open_case(line("1", criteria("not_met")))
    assert not {"trouble", "unheard"} & set(case.model_dump(mode="json"))
    failed(case, NOW)
    case.unheard = [{"unreadable": ["x", "why", False]}]
    again = type(case).model_validate_json(case.model_dump_json())
    assert (again.trouble, again.unheard) == (case.trouble, case.unheard)
