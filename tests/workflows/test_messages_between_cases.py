"""One case starts another and sends it messages in one way, whatever the processes are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, CancelledError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from demo.time_skipping_lab import Lab
from domain.cases.messages import BaseMessage, NoteDuplicate
from domain.journal import UMPIRE
from domain.retrospective.start import RetrospectiveStart
from domain.stays.plan_messages import DischargePlanUpdated
from tests.workflows.lab_stay import new_stay
from worker import WORKFLOWS
from workflows.steps import listing
from workflows.steps.case import CaseWorkflow

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
START = RetrospectiveStart(case_id="RR-AAAABBBBCCCC", received_at=AT)
NEWS = NoteDuplicate(message_id="m1", at=AT, actor=UMPIRE, inbox_id=1)


@pytest.fixture
def running() -> CaseWorkflow[Any, Any]:
    """A case's way of starting and telling others, which needs nothing of the case itself."""
    return object.__new__(CaseWorkflow)


def raising(problem: BaseException | None, calls: list[Any]) -> Callable[..., Any]:
    async def call(*given: Any, **options: Any) -> None:
        calls.append((given, options))
        if problem is not None:
            raise problem

    return call


@pytest.mark.parametrize("problem", [None, WorkflowAlreadyStartedError("PA-1", "PriorAuthorization")])
async def test_a_case_started_beside_outlives_its_starter_and_is_started_once(
    problem: BaseException | None, running: CaseWorkflow[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    filed: list[Any] = []
    monkeypatch.setattr(workflow, "patched", lambda name: True)
    monkeypatch.setattr(listing, "of_child", lambda name: None)
    monkeypatch.setattr(workflow, "execute_local_activity_method", raising(None, filed))
    monkeypatch.setattr(workflow, "start_child_workflow", raising(problem, calls))
    await running.start_beside("PriorAuthorization", START, "PA-1")
    ((_, kept),) = (given for given, _ in filed)
    assert (kept.case_id, kept.run.workflow, kept.run.start) == ("PA-1", "PriorAuthorization", START.model_dump_json())
    assert calls == [
        (
            ("PriorAuthorization", START),
            {
                "id": "PA-1",
                "parent_close_policy": ParentClosePolicy.ABANDON,
                "id_reuse_policy": WorkflowIDReusePolicy.REJECT_DUPLICATE,
                "search_attributes": None,
            },
        )
    ]


@pytest.mark.parametrize("problem", [None, ApplicationError("it has ended")])
async def test_a_message_goes_under_its_type_and_the_sender_knows_whether_a_case_was_there(
    problem: BaseException | None, running: CaseWorkflow[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = sent_to_a_case(problem, monkeypatch)
    assert await running.tell("PA-1", NEWS) is (problem is None)
    assert calls == [(("note_duplicate", NEWS), {})]


async def test_a_cancellation_is_no_case_that_has_ended(
    running: CaseWorkflow[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_to_a_case(CancelledError(), monkeypatch)
    with pytest.raises(CancelledError):
        await running.tell("PA-1", NEWS)


def sent_to_a_case(problem: BaseException | None, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []

    class Handle:
        signal = staticmethod(raising(problem, calls))

    monkeypatch.setattr(workflow, "get_external_workflow_handle", lambda _: Handle())
    return calls


@pytest.mark.parametrize("one", WORKFLOWS, ids=lambda one: one.__name__)
def test_every_message_of_a_process_may_come_as_a_signal_under_its_type(one: type[Any]) -> None:
    """Whoever gets no answer to an update sends the same message as a signal: no type may be forgotten."""
    accepted = workflow._Definition.must_from_class(one).updates["act"].arg_types
    assert accepted is not None
    for message in members(accepted[0]):
        assert one.signals.get(message.model_fields["type"].default) is message, f"{one.__name__}: {message.__name__}"


@pytest.mark.parametrize("one", WORKFLOWS, ids=lambda one: one.__name__)
def test_no_signal_is_decoded_before_the_case_can_refuse_it(one: type[Any]) -> None:
    """A typed handler fails the workflow's task on what it cannot read, again and again: one dynamic handler takes all."""
    assert set(workflow._Definition.must_from_class(one).signals) == {None}


def members(union: Any) -> list[type[BaseMessage]]:
    parts = get_args(union)
    if not parts:
        return [union]
    if hasattr(union, "__metadata__"):
        return members(parts[0])
    return [member for part in parts for member in members(part)]


async def test_an_accepted_message_that_changes_nothing_stands_in_the_journal(lab: Lab) -> None:
    stay = await new_stay(lab)
    await stay.emergency()
    news = DischargePlanUpdated(**await stay.stamp("umpire", "system"))
    for _ in range(2):
        await lab.handle(stay.case_id).signal("plan_news", news)
    await lab.settle()
    (heard,) = stay.entries("message_heard")
    assert heard.data["message_id"] == news.message_id and "discharge plan is recorded" in heard.summary
