"""Messages left at any hour are returned in the next hours of business of the plan's zone."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from demo.time_skipping_lab import Lab
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.vocabulary import ProcessKind
from tests.workflows.lab_task_cases import ANSWERED, NO_ANSWER, start_callback

CHICAGO = ZoneInfo("America/Chicago")


async def test_a_message_is_returned_by_a_call_in_its_window(lab: Lab) -> None:
    call = await start_callback(lab)
    assert call.view().process is ProcessKind.CALLBACK
    due = call.task(TaskKind.CALL_BACK).due_at.astimezone(CHICAGO)
    assert (due.hour, due.minute) == (17, 0) and due.weekday() < 5
    await call.done(TaskKind.CALL_BACK, "nurse.adams", ANSWERED)
    assert call.view().status is CaseStatus.COMPLETED
    calls = call.sheet().content["calls"]
    assert isinstance(calls, list) and isinstance(calls[0], dict) and calls[0]["in_time"] is True


async def test_the_window_is_the_plans_also_for_a_member_who_lives_elsewhere(lab: Lab) -> None:
    call = await start_callback(lab, member_id="MBR1000002")
    assert call.view().state == "NY" and call.view().zone == "America/Chicago"
    assert call.task(TaskKind.CALL_BACK).due_at.astimezone(CHICAGO).hour == 17


async def test_a_caller_who_is_no_member_is_called_back_in_the_hours_of_the_plan(lab: Lab) -> None:
    call = await start_callback(lab, member_id=None, from_whom="provider", plan_id="1888888884")
    view = call.view()
    assert (view.lob, view.member_id, view.zone) == (None, "", "America/Chicago")
    assert call.task(TaskKind.CALL_BACK).due_at.astimezone(CHICAGO).hour == 17


async def test_nobody_calls_back_and_the_journal_says_late_while_the_call_stays_owed(lab: Lab) -> None:
    call = await start_callback(lab)
    await lab.advance_to(call.task(TaskKind.CALL_BACK).due_at + timedelta(seconds=1))
    assert len(call.entries("call_late")) == 1 and len(call.entries("escalated")) >= 3
    await call.done(TaskKind.CALL_BACK, "nurse.adams", ANSWERED)
    calls = call.sheet().content["calls"]
    assert isinstance(calls, list) and isinstance(calls[0], dict) and calls[0]["in_time"] is False


async def test_three_calls_without_an_answer_then_another_way(lab: Lab) -> None:
    call = await start_callback(lab)
    for attempt in range(3):
        task = call.task(TaskKind.CALL_BACK)
        assert task.is_open, f"attempt {attempt + 1}"
        await lab.advance_to(task.due_at - timedelta(hours=1))
        await call.done(TaskKind.CALL_BACK, "nurse.adams", NO_ANSWER)
    letter = {"way": "letter", "what": "A letter was sent.", "try_again": False}
    await call.done(TaskKind.CALLER_NOT_REACHED, "supervisor.bell", letter)
    assert call.view().status is CaseStatus.COMPLETED and len(call.entries("call_attempted")) == 3
    assert call.entries("call_late") == []


async def test_a_record_without_the_callers_own_name_is_refused_at_once_and_kept_when_it_comes_as_a_signal(
    lab: Lab,
) -> None:
    call = await start_callback(lab)
    nameless = await call.fill(TaskKind.CALL_BACK, "nurse.adams", ANSWERED, caller_name="n/a")
    assert await call.refused(nameless) == {"task.form.caller_name"}
    again: CompleteTask = await call.fill(TaskKind.CALL_BACK, "nurse.adams", ANSWERED, caller_title="")
    await lab.handle(call.case_id).signal("complete_task", again)
    await lab.settle()
    assert call.entries("message_refused")[0].data["rules"] == ["task.form.caller_title"]
    assert call.task(TaskKind.CALL_BACK).is_open


async def test_the_status_of_a_callback_is_a_sentence(lab: Lab) -> None:
    call = await start_callback(lab)
    standing = await lab.standing(call.case_id)
    assert standing.sentence.startswith("Waits for call back from a nurse until") and standing.status == "open"
    assert standing.open_tasks == (f"{call.case_id}-T1",)
