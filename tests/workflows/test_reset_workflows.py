"""On a real server: a workflow reset to its first task goes on as it stood; a reset brings back a case that nothing kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.integrations.eligibility import DirectoryEligibility
from activities.integrations.file_outbox import FileOutbox
from demo.time_skipping_lab import prepared_store, rulebook
from domain.authorization.start import AuthorizationStart
from domain.cases.messages import ClaimTask
from domain.cases.tasks import TaskKind
from domain.journal import Actor
from domain.requests.numbers import case_id_for
from engine import binaries, edge_clock
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from services.commands.reconciliation import ReconciledStatus, reconcile
from services.context import ServiceContext
from store import journal, requests, tables, tasks
from store.installation import installation_key
from store.session import Store, open_store
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from worker import Dependencies, WorkerLimits, build_worker
from workflows.prior_authorization import PriorAuthorization


async def reset(client: Client, case_id: str, which: int) -> None:
    """Reset the workflow to its first (0) or last (-1) finished task."""
    handle = client.get_workflow_handle(case_id)
    history, described = await handle.fetch_history(), await handle.describe()
    done = [one.event_id for one in history.events if one.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED]
    execution = WorkflowExecution(workflow_id=case_id, run_id=described.run_id)
    order = ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=execution,
        reason="test",
        workflow_task_finish_event_id=done[which],
        request_id=str(uuid4()),
    )
    await client.workflow_service.reset_workflow_execution(order)


async def until(client: Client, case_id: str, is_so: Callable[[], bool]) -> None:
    """Ask the case how it stands until it is so; the test's own time limit ends a wait in vain."""
    while not is_so():
        await client.get_workflow_handle(case_id).query("status")


def assignee(store: Store, case_id: str) -> str | None:
    with store.read() as s:
        return next(one.assignee for one in tasks.of_case(s, case_id) if one.kind is TaskKind.NURSE_REVIEW)


def count(store: Store, case_id: str, kind: str) -> int:
    with store.read() as s:
        return sum(entry.kind == kind for entry in journal.entries(s, case_id))


@pytest.mark.devserver
@pytest.mark.timeout(120)
async def test_a_case_outlives_a_reset_to_its_first_task_and_one_without_kept_state_is_brought_back_by_a_reset(
    tmp_path: Path,
) -> None:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    asked = request(FUSION, known=FUSION_NOT_MET).model_copy(update={"received_at": edge_clock.now()})
    with store.begin() as s:
        case_id = case_id_for(asked, installation_key(s))
        version = requests.save(s, case_id, asked)
    parts = Dependencies(store, rulebook(), DirectoryEligibility(store), FileOutbox(tmp_path / "outbox"))
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"), data_converter=data_converter({})
    )
    async with environment, build_worker(environment.client, parts, TASK_QUEUE, WorkerLimits()):
        client = environment.client
        start = AuthorizationStart(case_id=case_id, request_version=version, received_at=asked.received_at)
        await client.start_workflow(PriorAuthorization.run, start, id=case_id, task_queue=TASK_QUEUE)
        await until(client, case_id, lambda: count(store, case_id, "letter_handed_over") > 0)
        with store.read() as s:
            before = journal.entries(s, case_id)

        await reset(client, case_id, 0)
        await until(client, case_id, lambda: count(store, case_id, "case_restarted") == 1)
        with store.read() as s:
            assert journal.entries(s, case_id)[: len(before)] == before
        actor = Actor(kind="reviewer", id="nurse.adams")
        claimed = ClaimTask(
            message_id="m1", at=edge_clock.now(), actor=actor, task_id=f"{case_id}-T1", reviewer_id="nurse.adams"
        )
        await client.get_workflow_handle(case_id).execute_update("act", claimed)
        assert assignee(store, case_id) == "nurse.adams", "accepted means journaled"

        await client.get_workflow_handle(case_id).terminate()
        with store.begin() as s:
            s.execute(delete(tables.case_states))
        (found,) = await reconcile(ServiceContext(store, client, TASK_QUEUE))
        assert found.status is ReconciledStatus.WITHOUT_STATE and "--type LastWorkflowTask" in found.says
        await reset(client, case_id, -1)
        await client.get_workflow_handle(case_id).signal("not_a_signal")
        await until(client, case_id, lambda: count(store, case_id, "message_refused") == 1)
        assert await reconcile(ServiceContext(store, client, TASK_QUEUE)) == ()
        with store.read() as s:
            assert journal.last_state(s, case_id) is not None and journal.verify(s, case_id) is None
    store.close()
