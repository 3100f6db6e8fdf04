"""Every case says what it waits for, who owes it, until when, and what happens then."""

from __future__ import annotations

from datetime import timedelta

from domain.callbacks import views
from domain.cases import waiting
from domain.cases.tasks import TaskKind
from domain.concerns import views as concern_views
from domain.requests.request import StayPurpose
from domain.stays.parts import StayReview
from domain.vocabulary import ProcessKind, Role
from tests.domain.contact_samples import MONDAY, open_callback, open_concern


def test_a_wait_for_a_task_names_its_owner_its_end_and_who_is_told_then() -> None:
    concern = open_concern()
    task, wait = concern.open_tasks()[0], concern_views.current_wait(concern)
    assert wait is not None and (wait.what, wait.until) == ("concern triage", task.due_at)
    assert wait.then.endswith("is told") and wait.owner.startswith("a ")
    concern.store_task(task.model_copy(update={"assignee": "nurse.adams"}))
    assert "from nurse.adams until " in concern_views.status_summary(concern).sentence


def test_a_process_may_name_what_follows_in_place_of_the_last_escalation() -> None:
    concern = open_concern()
    wait = waiting.task_wait(concern, lambda task: "the sky falls" if task.kind is TaskKind.CONCERN_TRIAGE else None)
    assert wait is not None and wait.then == "the sky falls"


def test_the_work_on_a_case_is_waited_for_before_the_tasks_of_compliance() -> None:
    concern = open_concern()
    due = MONDAY + timedelta(minutes=1)
    concern.add_task(TaskKind.MISSED_CLOCK, Role.COMPLIANCE, "R: decision missed", MONDAY, due)
    task = waiting.next_task(concern)
    assert task is not None and task.kind is TaskKind.CONCERN_TRIAGE


def test_the_row_of_a_callback_claims_nothing_that_only_a_request_has() -> None:
    row = views.case_view(open_callback())
    assert row.process is ProcessKind.CALLBACK and row.waiting is not None
    assert (row.review_kind, row.service_kind, row.urgency, row.request_version) == (None, None, None, None)


def test_a_review_that_an_earlier_release_opened_is_still_read() -> None:
    carried = {
        "number": 1,
        "purpose": StayPurpose.ADMISSION,
        "case_id": "PA-1",
        "lines": [],
        "received_at": MONDAY.isoformat(),
        "opened": True,
    }
    assert StayReview.model_validate(carried).decide_by is None
