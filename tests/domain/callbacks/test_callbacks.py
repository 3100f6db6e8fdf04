"""Callbacks of messages: by when, with what in mind, how often, and what a record of the call has to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.callbacks import path, views
from domain.callbacks.forms import require_real_answer
from domain.callbacks.policy import CallTopic
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.vocabulary import Role
from tests.domain.contact_samples import MONDAY, advance_callback, complete_task, open_callback, rules_broken

TOLD: dict[str, Any] = {
    "caller_name": "Grace Adams",
    "caller_title": "RN",
    "caller_organization": "Example Health",
    "reached": "member",
    "outcome": "answered",
    "said": "The review goes on.",
}
NOBODY = TOLD | {"reached": "nobody", "outcome": "no_answer", "said": None}
EVENING = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
"""Monday, 19:00 in Chicago."""


@pytest.mark.parametrize(
    ("left_at", "due"),
    [
        (MONDAY, datetime(2026, 11, 30, 23, 0, tzinfo=UTC)),
        (EVENING, datetime(2026, 12, 1, 23, 0, tzinfo=UTC)),
        (datetime(2026, 12, 1, 7, 0, tzinfo=UTC), datetime(2026, 12, 1, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 28, 15, 0, tzinfo=UTC), datetime(2026, 11, 30, 23, 0, tzinfo=UTC)),
        (datetime(2026, 12, 25, 15, 0, tzinfo=UTC), datetime(2026, 12, 28, 23, 0, tzinfo=UTC)),
    ],
    ids=["in the hours", "in the evening", "after midnight", "on a Saturday", "on Christmas, a Friday"],
)
def test_a_message_is_due_in_the_next_hours_of_business_of_the_plans_zone(left_at: datetime, due: datetime) -> None:
    call = open_callback(left_at)
    assert call.zone == "America/Chicago"
    assert call.open_tasks(TaskKind.CALL_BACK)[0].due_at == due


@pytest.mark.parametrize("field", ["caller_name", "caller_title", "caller_organization"])
@pytest.mark.parametrize(
    "said", ["", "  ", "n/a", "N.A.", "-", "xxx", "unknown", "Name", "test", "?", "none", "TBD", None]
)
def test_a_record_is_not_saved_without_name_title_and_organization(field: str, said: str | None) -> None:
    assert rules_broken(open_callback(), TaskKind.CALL_BACK, "nurse", TOLD | {field: said}) == {f"task.form.{field}"}
    missing = {name: value for name, value in TOLD.items() if name != field}
    assert rules_broken(open_callback(), TaskKind.CALL_BACK, "nurse", missing) == {f"task.form.{field}"}


@pytest.mark.parametrize("said", ["RN", "Bo Li", "Dr. Ng", "O'Brien", "Świątek", "李娜", "Medical Director, UM"])
def test_real_names_titles_and_organizations_are_taken(said: str) -> None:
    assert require_real_answer(f" {said} ") == said


@drawn(st.text(alphabet=" -_.?/*#0123456789", max_size=12))
def test_signs_and_digits_are_nobodys_name(said: str) -> None:
    with pytest.raises(ValueError):
        require_real_answer(said)


def test_nobody_answered_means_another_call_in_the_next_window() -> None:
    call = open_callback()
    complete_task(call, TaskKind.CALL_BACK, "nurse", NOBODY)
    again = call.open_task(TaskKind.CALL_BACK)
    assert again is not None and again.due_at == datetime(2026, 12, 1, 23, 0, tzinfo=UTC)
    assert "attempt 2" in again.why and call.status is CaseStatus.OPEN


def test_after_three_calls_without_an_answer_a_supervisor_finds_another_way() -> None:
    call, at = open_callback(), MONDAY
    for _ in range(3):
        complete_task(call, TaskKind.CALL_BACK, "nurse", NOBODY, at)
        at += timedelta(days=1)
    assert call.open_task(TaskKind.CALL_BACK) is None
    other = call.open_task(TaskKind.CALLER_NOT_REACHED)
    assert other is not None and other.role is Role.SUPERVISOR and call.status is CaseStatus.OPEN
    once_more = {"way": "none", "what": "Another number was found.", "try_again": True}
    complete_task(call, TaskKind.CALLER_NOT_REACHED, "supervisor", once_more, at)
    assert call.open_task(TaskKind.CALL_BACK) is not None
    complete_task(call, TaskKind.CALL_BACK, "nurse", TOLD, at)
    assert call.status is CaseStatus.COMPLETED


def test_somebody_whom_no_call_reached_is_written_to_and_the_callback_says_so() -> None:
    call, at = open_callback(), MONDAY
    for _ in range(3):
        complete_task(call, TaskKind.CALL_BACK, "nurse", NOBODY, at)
        at += timedelta(days=1)
    letter = {"way": "letter", "what": "A letter was sent.", "try_again": False}
    complete_task(call, TaskKind.CALLER_NOT_REACHED, "supervisor", letter, at)
    assert call.status is CaseStatus.COMPLETED and views.callback_summary(call).another_way == "letter"


def test_a_message_on_a_machine_is_no_answer() -> None:
    on_a_machine = TOLD | {"reached": "answering_machine"}
    assert "task.form.form" in rules_broken(open_callback(), TaskKind.CALL_BACK, "nurse", on_a_machine)
    call = open_callback()
    complete_task(call, TaskKind.CALL_BACK, "nurse", on_a_machine | {"outcome": "message_left"})
    assert call.open_task(TaskKind.CALL_BACK) is not None


def test_a_window_that_ends_without_a_call_is_late_once_and_the_call_stays_owed() -> None:
    call = open_callback()
    due = call.open_tasks(TaskKind.CALL_BACK)[0].due_at
    for _ in range(2):
        path.fire_due_timers(call, due + timedelta(seconds=1))
    assert [entry.kind for entry in call.pending].count("call_late") == 1
    complete_task(call, TaskKind.CALL_BACK, "nurse", TOLD, due + timedelta(hours=1))
    assert views.callback_summary(call).calls[0].in_time is False


def test_a_call_in_the_last_second_of_its_window_is_in_time() -> None:
    call = open_callback()
    due = call.open_tasks(TaskKind.CALL_BACK)[0].due_at
    assert path.next_timer(call) is not None
    path.fire_due_timers(call, due)
    assert "call_late" not in [entry.kind for entry in call.pending]
    complete_task(call, TaskKind.CALL_BACK, "nurse", TOLD, due)
    assert views.callback_summary(call).calls[0].in_time is True


def test_a_language_and_tty_stand_on_the_task_and_their_use_in_the_record() -> None:
    call = open_callback(needs={"language": "es", "tty": "calls by TTY"})
    assert call.open_tasks(TaskKind.CALL_BACK)[0].needs == {"language": "es", "tty": "calls by TTY"}
    assert rules_broken(call, TaskKind.CALL_BACK, "nurse", TOLD) == {"callback.language", "callback.tty"}
    helped = TOLD | {"language_help": "Interpreter for Spanish", "tty_used": True}
    assert rules_broken(call, TaskKind.CALL_BACK, "nurse", helped) == set()
    assert rules_broken(call, TaskKind.CALL_BACK, "nurse", NOBODY) == set()


def test_what_the_caller_asks_for_goes_before_what_the_directory_says() -> None:
    assert open_callback(needs={"language": "es"}, language="en").needs == {}
    assert open_callback(needs={"tty": "calls by TTY"}, tty=False).needs == {}
    assert open_callback(language="vi", tty=True).needs == {"language": "vi", "tty": "calls by TTY"}
    assert open_callback(needs={"language": "es"}, from_whom="provider").needs == {}


@pytest.mark.parametrize(
    ("about", "role"),
    [
        (CallTopic.CLINICAL_REVIEW, Role.NURSE),
        (CallTopic.PEER_TO_PEER, Role.PHYSICIAN),
        (CallTopic.STATUS_OF_REQUEST, Role.INTAKE),
    ],
)
def test_who_calls_back_follows_from_what_it_is_about(about: CallTopic, role: Role) -> None:
    assert open_callback(about=about).open_tasks(TaskKind.CALL_BACK)[0].role is role


def test_a_call_placed_a_day_late_is_followed_by_the_window_of_that_day() -> None:
    call = open_callback()
    late = MONDAY + timedelta(days=1)
    complete_task(call, TaskKind.CALL_BACK, "nurse", NOBODY, late)
    again = call.open_task(TaskKind.CALL_BACK)
    assert again is not None and again.due_at == datetime(2026, 12, 1, 23, 0, tzinfo=UTC)
    advance_callback(call, late)
    assert len(call.open_tasks(TaskKind.CALL_BACK)) == 1
