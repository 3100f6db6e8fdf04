"""A case outlives its workflow: canceled, terminated or gone with its server, it is started again as it stood."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, update
from temporalio import workflow
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import RawValue, WorkflowIDReusePolicy
from temporalio.service import RPCError
from temporalio.worker import Worker

from demo.time_skipping_lab import Lab
from domain.authorization.start import AuthorizationStart
from domain.callbacks import path
from domain.cases import orders
from domain.cases.tasks import TaskKind, TaskStatus
from domain.concerns import path as concern_path
from domain.errors import Unavailable
from domain.requests.numbers import case_id_for
from domain.vocabulary import Role
from engine import options
from engine.settings import TASK_QUEUE
from engine.workflow_names import PRIOR_AUTHORIZATION
from services.case_client import send_message, start_case
from services.commands import inbox_actions, reconciliation
from services.commands.reconciliation import STARTS, ReconciledStatus, reconcile
from services.context import CommandStatus
from store import journal, read_models, requests, tables, tasks
from store.installation import installation_key
from store.worklist.arrivals import CASE_ALERT
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_appeal import appealed
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_claims import billed_line, claim, submit_claim
from tests.workflows.lab_discharge import LabDischarge
from tests.workflows.lab_stay import new_stay
from tests.workflows.lab_task_cases import start_callback, start_concern

pytestmark = pytest.mark.many


@pytest.mark.parametrize("ends", ["cancel", "terminate"])
async def test_a_case_whose_workflow_was_ended_is_started_again_with_its_receipt_clocks_and_tasks(
    lab: Lab, ends: str
) -> None:
    services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    await services.refer()
    before, entries, letters = services.view(), services.entries(), services.sent()
    await getattr(lab.handle(services.case_id), ends)()
    await lab.advance(hours=3)
    (found,) = await reconcile(await lab.services())
    assert (found.case_id, found.status) == (services.case_id, ReconciledStatus.RESTARTED)
    await lab.settle()
    assert await reconcile(await lab.services()) == (), "it runs"
    after = services.view()
    assert (after.received_at, after.decision_due) == (before.received_at, before.decision_due)
    assert services.entries()[: len(entries)] == entries and services.sent() == letters
    assert services.entries("case_restarted")
    assert services.task(TaskKind.CASE_TROUBLE).status is TaskStatus.OPEN
    await services.send(await services.settled("held"))
    assert (await services.send(await services.denial())).accepted
    await lab.advance(minutes=1)
    assert services.view().status == "denied"
    with lab.store.read() as s:
        assert journal.verify(s, services.case_id) is None
    assert await reconcile(await lab.services()) == (), "an ended case is not opened anew"


@workflow.defn(name="Impostor", sandboxed=False)
class Impostor:
    """A workflow of somebody else that takes the number of a case and is done at once."""

    @workflow.run
    async def run(self) -> None:
        return


async def test_a_case_whose_number_another_workflow_took_and_completed_is_begun(lab: Lab) -> None:
    asked = request(FUSION, known=FUSION_NOT_MET).model_copy(update={"received_at": await lab.now()})
    with lab.store.begin() as s:
        case_id = case_id_for(asked, installation_key(s))
        requests.save(s, case_id, asked)
    number = options.workflow_id(case_id)
    async with Worker(lab.client, task_queue="elsewhere", workflows=[Impostor]):
        await lab.client.execute_workflow("Impostor", id=number, task_queue="elsewhere")
    start = AuthorizationStart(case_id=case_id, request_version=1, received_at=asked.received_at)
    await start_case(await lab.services(), PRIOR_AUTHORIZATION, start)
    services = LabCase(lab, case_id)
    assert not services.entries(), "the number is taken, so nothing began"
    (found,) = await reconcile(await lab.services())
    assert (found.case_id, found.status) == (case_id, ReconciledStatus.RESTARTED)
    lab.handle(case_id)
    await lab.settle()
    assert services.view().received_at == asked.received_at
    assert await reconcile(await lab.services()) == ()


async def test_a_clock_that_passed_while_nobody_watched_is_missed_as_soon_as_the_case_runs_again(lab: Lab) -> None:
    services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    due = services.view().decision_due
    assert due is not None
    await lab.handle(services.case_id).terminate()
    await lab.advance_to(due + timedelta(hours=1))
    assert not services.entries("clock_missed")
    await reconcile(await lab.services())
    await lab.advance(minutes=1)
    assert services.entries("clock_missed")


async def test_a_case_that_the_server_does_not_know_is_started_only_when_the_server_is_said_to_be_lost(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    with lab.store.read() as s:
        state = journal.last_state(s, services.case_id)
    assert state is not None and state.workflow == "PriorAuthorization"
    monkeypatch.setattr("services.commands.reconciliation.workflow_id", lambda case_id: f"{case_id}-elsewhere")
    (found,) = await reconcile(await lab.services())
    assert found.status is ReconciledStatus.UNKNOWN_HERE
    (found,) = await reconcile(await lab.services(), server_was_lost=True)
    assert found.status is ReconciledStatus.RESTARTED
    described = await lab.handle(f"{services.case_id}-elsewhere").describe()
    assert described.status is WorkflowExecutionStatus.RUNNING


async def _authorization(lab: Lab) -> LabCase:
    return LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))


async def _stay(lab: Lab) -> LabCase:
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted()
    return stay


async def _retrospective_review(lab: Lab) -> LabCase:
    return await submit_claim(lab, claim(billed_line("E0601", unit="unit")))


async def _appeal(lab: Lab) -> LabCase:
    return (await appealed(lab)).appeal


PROCESSES: dict[str, Callable[[Lab], Awaitable[LabCase]]] = {
    "PriorAuthorization": _authorization,
    "ConcurrentReview": _stay,
    "DischargePlanning": LabDischarge.start,
    "RetrospectiveReview": _retrospective_review,
    "ConcernProcess": start_concern,
    "Callback": start_callback,
    "Appeal": _appeal,
}


async def set_back(lab: Lab, case_id: str) -> None:
    """Let the workflow begin anew from its first task, as a reset does: with the first start, and nothing it heard since."""
    handle = lab.client.get_workflow_handle(case_id)
    begun = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
    with suppress(RPCError):
        await handle.terminate()
    await lab.client.start_workflow(
        begun.workflow_type.name,
        RawValue(begun.input.payloads[0]),
        id=case_id,
        task_queue=TASK_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )


def test_every_process_is_lost_and_set_back_in_these_tests() -> None:
    assert set(PROCESSES) == set(STARTS)


@pytest.mark.parametrize("lost", ["terminated", "set back"])
@pytest.mark.parametrize("process", PROCESSES)
async def test_a_case_of_any_process_goes_on_as_it_stood_and_takes_messages(lab: Lab, process: str, lost: str) -> None:
    services = await PROCESSES[process](lab)
    before, entries = services.view(), services.entries()
    await lab.advance(minutes=10)
    if lost == "terminated":
        await lab.handle(services.case_id).terminate()
        found = {one.case_id: one.status for one in await reconcile(await lab.services())}
        assert found[services.case_id] is ReconciledStatus.RESTARTED
    else:
        await set_back(lab, services.case_id)
    await lab.settle()
    (restarted,) = services.entries("case_restarted")
    assert lost in restarted.summary
    assert services.entries()[: len(entries)] == entries
    after = services.view()
    assert (after.received_at, after.decision_due) == (before.received_at, before.decision_due)
    assert (await services.send(await services.claim(TaskKind.CASE_TROUBLE, "compliance.ortiz"))).accepted
    assert services.task(TaskKind.CASE_TROUBLE).assignee == "compliance.ortiz"
    with lab.store.read() as s:
        assert journal.verify(s, services.case_id) is None


async def test_what_only_the_run_that_was_set_back_has_heard_is_not_lost(lab: Lab) -> None:
    services = await _authorization(lab)
    await lab.advance(minutes=10)
    claimed = await services.claim(TaskKind.NURSE_REVIEW, "nurse.adams")
    await lab.stop_worker()
    await set_back(lab, services.case_id)
    await lab.handle(services.case_id).signal("claim_task", claimed)
    await lab.start_worker()
    await lab.settle()
    assert services.entries("case_restarted") and services.task(TaskKind.NURSE_REVIEW).assignee == "nurse.adams"


async def test_a_large_case_is_kept_too(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "PLAIN_CHARACTERS", 1_000)
    services = await _authorization(lab)
    with lab.store.read() as s:
        kept = journal.last_state(s, services.case_id)
    assert kept is not None and kept.start.startswith(orders.PACKED) and len(kept.start) < len(kept.start_json) / 2
    await lab.handle(services.case_id).terminate()
    assert [one.status for one in await reconcile(await lab.services())] == [ReconciledStatus.RESTARTED]
    await lab.settle()
    assert services.entries("case_restarted")


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        (delete(tables.case_states), ReconciledStatus.WITHOUT_STATE, "temporal workflow reset --workflow-id"),
        (
            update(tables.case_states).values(start="{}"),
            ReconciledStatus.UNREADABLE_STATE,
            "run the release that wrote it",
        ),
    ],
)
async def test_what_cannot_be_started_again_is_said_with_what_to_do(
    lab: Lab, change: Any, status: ReconciledStatus, says: str
) -> None:
    services = LabCase(lab, (await start_callback(lab)).case_id)
    other = await start_concern(lab)
    for lost in (services, other):
        await lab.handle(lost.case_id).terminate()
    with lab.store.begin() as s:
        s.execute(change.where(tables.case_states.c.case_id == services.case_id))
    found = {one.case_id: one for one in await reconcile(await lab.services())}
    assert found[services.case_id].status is status and says in found[services.case_id].says
    assert found[other.case_id].status is ReconciledStatus.RESTARTED, "one case keeps no other from going on"
    entries = services.entries()
    await reconcile(await lab.services())
    (alert,) = alerts(lab)
    assert services.case_id in alert.why and says in alert.why and alert.role is Role.INTAKE
    assert services.entries() == entries, "nobody but the case writes its journal"
    with lab.store.begin() as s:
        inbox_actions.resolve_items(s, [alert.inbox_id or 0], "intake.kim", "Operations resets it.", await lab.now())
    await reconcile(await lab.services())
    assert not alerts(lab), "what somebody has settled is not put before people again"


def alerts(lab: Lab) -> list[tasks.WorkItem]:
    with lab.store.read() as s:
        return [item for item in tasks.worklist(s) if item.kind == CASE_ALERT]


async def test_a_case_lost_before_its_first_entry_is_begun_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    advance = path.advance
    monkeypatch.setattr(path, "advance", fail)
    services = LabCase(lab, (await start_callback(lab)).case_id)
    await lab.handle(services.case_id).terminate()
    monkeypatch.setattr(path, "advance", advance)
    await lab.advance(minutes=11)
    (found,) = await reconcile(await lab.services())
    assert (found.case_id, found.status) == (services.case_id, ReconciledStatus.RESTARTED)
    await lab.settle()
    assert services.entries()[0].kind == "call_taken" and not alerts(lab)
    assert await reconcile(await lab.services()) == ()


@pytest.mark.parametrize(("its_path", "start"), [(path, start_callback), (concern_path, start_concern)])
async def test_a_case_that_cannot_take_its_first_step_is_reported_and_put_before_people_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, its_path: Any, start: Callable[[Lab], Awaitable[Any]]
) -> None:
    advance = its_path.advance
    monkeypatch.setattr(its_path, "advance", fail)
    services = LabCase(lab, (await start(lab)).case_id)
    assert await reconcile(await lab.services()) == (), "it may only just have begun"
    await lab.advance(minutes=28)
    for _ in range(2):
        (found,) = await reconcile(await lab.services())
        assert (found.case_id, found.status) == (services.case_id, ReconciledStatus.NOT_BEGUN)
    (alert,) = alerts(lab)
    assert services.case_id in alert.why
    monkeypatch.setattr(its_path, "advance", advance)
    await lab.advance(minutes=31)
    assert services.entries() and await reconcile(await lab.services()) == ()


def fail(*_: Any) -> Any:
    raise RuntimeError("a fault of the code")


async def test_a_case_whose_task_fails_again_and_again_is_reported(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    services = await start_callback(lab)

    async def failing(*_: Any) -> Any:
        pending = SimpleNamespace(pending_workflow_task=SimpleNamespace(attempt=9))
        return SimpleNamespace(status=WorkflowExecutionStatus.RUNNING, raw_description=pending)

    monkeypatch.setattr(reconciliation, "_describe", failing)
    (found,) = await reconcile(await lab.services())
    assert (found.case_id, found.status) == (services.case_id, ReconciledStatus.STUCK)
    assert "failed 9 times" in found.says and "UMPIRE_KEYRING" in found.says


async def test_nobody_is_told_that_a_message_was_accepted_before_it_is_in_the_journal(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = await _authorization(lab)
    is_down = True
    written = read_models.record_entries

    def write(*given: Any) -> Any:
        if is_down:
            raise Unavailable("the database is away")
        return written(*given)

    monkeypatch.setattr(read_models, "record_entries", write)
    claimed = await services.claim(TaskKind.NURSE_REVIEW, "nurse.adams")
    context = replace(await lab.services(), patience=timedelta(seconds=1))
    assert (await send_message(context, services.case_id, claimed)).kind is CommandStatus.QUEUED
    is_down = False
    await lab.advance(minutes=1)
    assert services.task(TaskKind.NURSE_REVIEW).assignee == "nurse.adams"
