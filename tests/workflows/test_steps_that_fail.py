"""No fault of the code stops a case: the step is undone, compliance is told, and the release that mends it heals the case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer

from activities import authorization_review
from demo.time_skipping_lab import Lab, laboratory
from domain.appeals import path as appeal_path
from domain.authorization import message_effects, path, timers, views
from domain.callbacks import path as callback_path
from domain.cases import escalation
from domain.cases.tasks import TaskKind
from domain.concerns import path as concern_path
from domain.discharge import path as discharge_path
from domain.retrospective import path as retrospective_path
from domain.stays import path as stay_path
from engine.client import data_converter
from store import journal
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase
from tests.workflows.test_lost_workflows import PROCESSES
from worker import RUNNER, WORKFLOWS

pytestmark = pytest.mark.many

SECRET = "Zabrowskaya walks with two canes"


class Fault:
    """A fault of the code that shows from an entry of the case on, until it is mended."""

    def __init__(self, sound: Any, after: int) -> None:
        self.sound, self.after, self.is_there, self.calls = sound, after, True, 0

    def __call__(self, case: Any, *given: Any, **more: Any) -> Any:
        if not self.is_there or case.seq <= self.after:
            return self.sound(case, *given, **more)
        self.calls += 1
        raise KeyError(SECRET)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """A lab whose worker forgets each case after each task: every task replays what came before under the code of then."""
    async with laboratory(tmp_path, cached=False) as lab:
        yield lab


async def reviewed_case(lab: Lab) -> LabCase:
    return LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))


def last(services: LabCase) -> int:
    return services.entries()[-1].seq


async def stir(services: LabCase) -> None:
    """Give the case one entry more."""
    await services.lab.handle(services.case_id).signal("not_a_signal")
    await services.lab.settle()


def is_sound(services: LabCase) -> bool:
    with services.lab.store.read() as s:
        return journal.verify(s, services.case_id) is None


async def test_a_path_that_fails_is_undone_told_to_compliance_and_taken_once_the_code_is_mended(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = await reviewed_case(lab)
    fault = Fault(path.advance, last(services))
    monkeypatch.setattr(path, "advance", fault)
    assert (await services.refer()).accepted, "the message is taken, though what follows fails"
    (entry,) = services.entries("case_trouble")
    assert entry.data["error"] == "KeyError" and SECRET not in entry.model_dump_json()
    task = services.task(TaskKind.CASE_TROUBLE)
    assert task.is_open and task.role == "compliance" and "KeyError" in task.why
    tried = fault.calls
    await lab.advance(hours=5)
    assert tried + 8 <= fault.calls <= tried + 40, "tried again at least every half hour, and never hot"
    assert len(services.entries("case_trouble")) == 1, "one entry, not one for each attempt"
    fault.is_there = False
    await lab.advance(minutes=31)
    assert services.task(TaskKind.PHYSICIAN_REVIEW).is_open
    assert len(services.entries("case_trouble")) == 2 and is_sound(services)
    await services.send(await services.settled("held"))
    assert (await services.send(await services.denial())).accepted
    assert services.view().status == "denied"


async def test_while_the_path_fails_clocks_are_missed_and_tasks_escalate_in_time(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = await reviewed_case(lab)
    due = services.view().decision_due
    assert due is not None
    await lab.advance_to(due - timedelta(hours=1))
    escalated = len(services.entries("escalated"))
    monkeypatch.setattr(path, "advance", Fault(path.advance, last(services)))
    await stir(services)
    await lab.advance_to(due + timedelta(seconds=1))
    assert services.entries("clock_missed") and len(services.entries("escalated")) > escalated
    assert services.task(TaskKind.MISSED_CLOCK).is_open


async def test_an_effect_of_time_that_fails_keeps_no_other_from_happening(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = await reviewed_case(lab)
    due = services.view().decision_due
    assert due is not None
    await lab.advance_to(due - timedelta(hours=1))
    failing = Fault(escalation.escalate_due_tasks, last(services))
    effects = tuple(failing if effect is failing.sound else effect for effect in timers.EFFECTS)
    monkeypatch.setattr(timers, "EFFECTS", effects)
    await stir(services)
    await lab.advance_to(due + timedelta(minutes=31))
    assert services.entries("clock_missed") and services.entries("case_trouble")


async def test_a_message_finds_the_case_while_its_step_fails_and_makes_it_try_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = await reviewed_case(lab)
    fault = Fault(path.advance, last(services))
    monkeypatch.setattr(path, "advance", fault)
    await services.refer()
    await lab.advance(hours=2)
    tried = fault.calls
    claimed = await services.claim(TaskKind.CASE_TROUBLE, "compliance.ortiz")
    assert (await services.send(claimed)).accepted and fault.calls > tried
    assert services.task(TaskKind.CASE_TROUBLE).assignee == "compliance.ortiz"
    fault.is_there = False
    await stir(services)
    assert services.task(TaskKind.PHYSICIAN_REVIEW).is_open, "healed by the message, without a pause"


async def test_a_case_that_cannot_be_shown_still_tells_compliance(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    services = await reviewed_case(lab)
    fault = Fault(views.case_view, last(services))
    monkeypatch.setattr(views, "case_view", fault)
    await stir(services)
    await lab.advance(minutes=2)
    assert services.task(TaskKind.CASE_TROUBLE).is_open
    fault.is_there = False
    await lab.advance(minutes=31)
    assert (await services.refer()).accepted and services.view().waiting is not None and is_sound(services)


async def test_an_activity_that_fails_for_good_does_not_end_the_case(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    services = await reviewed_case(lab)
    sound = authorization_review.compute_clocks
    is_there = True

    def fail(*given: Any) -> Any:
        if is_there:
            raise ApplicationError("no", non_retryable=True)
        return sound(*given)

    monkeypatch.setattr(authorization_review, "compute_clocks", fail)
    await services.send(await services.extend("enrollee_asked"))
    assert services.entries("case_trouble")[-1].data["error"] == "ApplicationError"
    is_there = False
    await lab.advance(minutes=31)
    assert services.entries("case_trouble")[-1].summary.startswith("The case goes on")


async def test_a_case_whose_first_step_fails_is_opened_once_it_is_mended_with_what_it_was_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault(path.advance, -1)
    monkeypatch.setattr(path, "advance", fault)
    services = await reviewed_case(lab)
    assert not services.entries() and 1 <= fault.calls < 5
    await lab.handle(services.case_id).signal("not_a_signal")
    await lab.advance(minutes=10)
    assert fault.calls < 20
    fault.is_there = False
    await lab.advance(minutes=31)
    assert services.entries()[0].kind == "request_received" and services.entries("message_refused")
    assert services.task(TaskKind.NURSE_REVIEW).is_open


async def test_a_message_on_which_the_code_fails_becomes_a_task_and_the_case_replays_once_it_is_mended(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = await reviewed_case(lab)
    fault = Fault(message_effects.receive_message, last(services))
    monkeypatch.setattr(message_effects, "receive_message", fault)
    await stir(services)
    message = await services.settled("held")
    assert await services.refused(message) == {"message.failed"}
    task = services.task(TaskKind.CASE_TROUBLE)
    assert task.is_open and SECRET not in task.why and "settle_peer_to_peer" in task.why
    fault.is_there = False
    again = message.model_copy(update={"message_id": "again"})
    assert "message.failed" not in await services.refused(again)
    assert (await services.refer()).accepted and is_sound(services)
    history = await lab.handle(services.case_id).fetch_history()
    await Replayer(workflows=WORKFLOWS, workflow_runner=RUNNER, data_converter=data_converter({})).replay_workflow(
        history
    )


async def test_a_cancellation_is_no_fault(lab: Lab) -> None:
    services = await reviewed_case(lab)
    await lab.handle(services.case_id).cancel()
    await lab.settle()
    described = await lab.handle(services.case_id).describe()
    assert described.status is not None and described.status.name == "CANCELED" and not services.entries("case_trouble")


@pytest.mark.parametrize(
    ("process", "path_of_process"),
    [
        ("ConcurrentReview", stay_path),
        ("DischargePlanning", discharge_path),
        ("RetrospectiveReview", retrospective_path),
        ("ConcernProcess", concern_path),
        ("Callback", callback_path),
        ("Appeal", appeal_path),
    ],
)
async def test_a_case_of_any_process_outlives_a_path_that_fails(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, process: str, path_of_process: Any
) -> None:
    services = await PROCESSES[process](lab)
    fault = Fault(path_of_process.advance, last(services))
    monkeypatch.setattr(path_of_process, "advance", fault)
    await stir(services)
    assert services.task(TaskKind.CASE_TROUBLE).is_open
    assert (await services.send(await services.claim(TaskKind.CASE_TROUBLE, "compliance.ortiz"))).accepted
    fault.is_there = False
    await lab.advance(minutes=31)
    assert services.entries("case_trouble")[-1].summary.startswith("The case goes on") and is_sound(services)
