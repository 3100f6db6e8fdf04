"""A key is rotated under running cases, and leaves the ring only when nothing is left under it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.integrations.eligibility import DirectoryEligibility
from activities.integrations.file_outbox import FileOutbox
from demo.time_skipping_lab import prepared_store, rulebook
from domain.authorization.start import AuthorizationStart
from domain.cases.messages import ClaimTask
from domain.cases.tasks import TaskKind, TaskStatus
from domain.journal import Actor
from domain.requests.numbers import case_id_for
from engine import binaries, edge_clock
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from engine.workflow_names import PRIOR_AUTHORIZATION
from services.case_client import start_case
from services.context import ServiceContext
from services.queries.leading.key_use import KeyringUse, read_key_use
from store import requests, tasks
from store.installation import installation_key
from store.session import Store, open_store
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from worker import Dependencies, build_worker

pytestmark = [pytest.mark.devserver, pytest.mark.timeout(240)]
OLD, NEW = {"2026a": bytes(range(32))}, {"2026b": bytes(range(32, 64))}


@asynccontextmanager
async def working(
    server: WorkflowEnvironment, store: Store, folder: Path, ring: dict[str, bytes]
) -> AsyncIterator[Client]:
    """A worker and a client with this keyring."""
    client = Client(**server.client.config() | {"data_converter": data_converter(ring)})
    parts = Dependencies(store, rulebook(), DirectoryEligibility(store), FileOutbox(folder / "outbox"))
    async with build_worker(client, parts, TASK_QUEUE):
        yield client


async def nurse_task(store: Store, case_id: str, status: TaskStatus) -> str:
    async with asyncio.timeout(60):
        while True:
            with store.read() as s:
                for task in tasks.of_case(s, case_id):
                    if task.kind is TaskKind.NURSE_REVIEW and task.status is status:
                        return task.task_id
            await asyncio.sleep(0.05)  # the store does not notify; it has to be polled


def use(found: KeyringUse) -> list[tuple[str, bool, bool, str]]:
    return [(one.key_id, one.payloads > 0, one.open_cases > 0, one.says.split(".")[0]) for one in found.keys]


async def status(client: Client, ring: Sequence[str]) -> list[tuple[str, bool, bool, str]]:
    return use(await read_key_use(client, ring))


async def test_a_key_is_rotated_under_a_running_case(tmp_path: Path) -> None:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    asked = request(FUSION, known=FUSION_NOT_MET).model_copy(update={"received_at": edge_clock.now()})
    with store.begin() as s:
        case_id = case_id_for(asked, installation_key(s))
        version = requests.save(s, case_id, asked)
    start = AuthorizationStart(case_id=case_id, request_version=version, received_at=asked.received_at)
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"), dev_server_log_level="error"
    ) as server:
        async with working(server, store, tmp_path, OLD) as client:
            await start_case(ServiceContext(store, client, TASK_QUEUE), PRIOR_AUTHORIZATION, start)
            task_id = await nurse_task(store, case_id, TaskStatus.OPEN)
            await listed(client)
            assert await status(client, list(OLD)) == [("2026a", True, True, "Encrypts what is new")]
        ring = NEW | OLD
        async with working(server, store, tmp_path, ring) as client:
            claim = ClaimTask(
                message_id="rotate-1",
                at=edge_clock.now(),
                actor=Actor(kind="reviewer", id="nurse.adams"),
                task_id=task_id,
                reviewer_id="nurse.adams",
            )
            handle = client.get_workflow_handle(case_id)
            await handle.execute_update("act", claim, id=claim.message_id)
            await nurse_task(store, case_id, TaskStatus.CLAIMED)
            both = await status(client, list(ring))
            assert both == [("2026b", True, True, "Encrypts what is new"), ("2026a", True, True, "Still needed")]
            missing = await status(client, list(NEW))
            assert missing[1] == ("2026a", True, True, "Missing: these histories cannot be read")
            await handle.terminate()
            await client.workflow_service.delete_workflow_execution(deletion(client, case_id))
            async with asyncio.timeout(60):
                while [one.id async for one in client.list_workflows()]:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)  # deletion and visibility follow later
            gone = await status(client, list(ring))
            assert gone[1] == ("2026a", False, False, "Nothing is left under it")
    store.close()


async def listed(client: Client) -> None:
    async with asyncio.timeout(60):
        while not [one.id async for one in client.list_workflows()]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # visibility follows later


def deletion(client: Client, case_id: str):  # type: ignore[no-untyped-def]
    from temporalio.api.common.v1 import WorkflowExecution
    from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

    return DeleteWorkflowExecutionRequest(
        namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=case_id)
    )
