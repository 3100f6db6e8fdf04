"""A case outlives its workflow: canceled, terminated or gone with its server, it is started again as it stood."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind, TaskStatus
from services.commands.reconciliation import ReconciledStatus, reconcile
from store import journal
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase


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
