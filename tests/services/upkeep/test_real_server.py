"""On a real server: schedules run upkeep, Temporal's lists show cases without health information, and the doctor sees both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.integrations.eligibility import DirectoryEligibility
from activities.integrations.file_outbox import FileOutbox
from demo.time_skipping_lab import PLAN, rulebook
from domain.authorization.start import AuthorizationStart
from domain.requests.numbers import case_id_for
from engine import binaries, edge_clock, search_attributes
from engine.client import data_converter
from engine.settings import TASK_QUEUE, Settings
from engine.workflow_names import PRIOR_AUTHORIZATION
from services.case_client import start_case
from services.commands.listing import apply_attributes, missing_attributes
from services.context import ServiceContext
from services.diagnosis.findings import FindingLevel
from services.diagnosis.temporal_checks import check_server
from services.upkeep.runs import apply_schedules, last_run, read_schedules
from services.upkeep.tasks import UPKEEP
from store import requests
from store.installation import installation_key
from store.seed import load_plan
from store.session import open_store
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from worker import Dependencies, WorkerLimits, build_worker

T = TypeVar("T")
pytestmark = [pytest.mark.devserver, pytest.mark.timeout(300)]


async def until(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer; the test's own time limit ends a wait in vain."""
    while not (answer := await ask()):  # noqa: ASYNC110 - the server does not notify; it has to be polled
        await asyncio.sleep(0.2)
    return answer


async def test_a_server_is_set_up_checked_and_shows_cases_by_status_and_due_day(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    store.create()
    load_plan(store, PLAN)
    parts = Dependencies(store, rulebook(), DirectoryEligibility(store), FileOutbox(tmp_path / "outbox"))
    server = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"),
        dev_server_log_level="error",
        data_converter=data_converter({}),
    )
    async with server:
        client = server.client
        services = ServiceContext(store, client, TASK_QUEUE)
        settings = Settings.from_environment(
            {"TEMPORAL_ADDRESS": client.service_client.config.target_host, "UMPIRE_HOME": str(tmp_path)}
        )
        found = await findings(settings, services)
        assert found["worker.polls"] is FindingLevel.FAULT
        assert found["search_attributes.known"] is found["schedules.there"] is FindingLevel.WARNING

        early = await open_case(services, 1)
        assert set(await apply_attributes(services)) == {key.name for key in search_attributes.ALL}
        assert await apply_attributes(services) == () == await missing_attributes(services)
        created, _ = await apply_schedules(services)
        assert set(created) == {task.name for task in UPKEEP} and await apply_schedules(services) == ((), ())
        await until(lambda: knows_attributes(client))

        late = await open_case(services, 2)
        worker = build_worker(client, parts, TASK_QUEUE, WorkerLimits(), services=services)
        async with worker:
            due = await until(lambda: due_day(client, late))
            query = f"UmpireProcess = 'request' AND UmpireStatus = 'open' AND UmpireDueDay <= '{due}'"
            listed = await until(lambda: list_ids(client, query))
            assert listed == [late], "a case that started before the server knew them goes on without them"
            assert await due_day(client, early) is None

            for task in UPKEEP:
                await client.get_schedule_handle(f"{TASK_QUEUE}-upkeep-{task.name}").trigger()
            for task in UPKEEP:
                ran = await until(lambda name=task.name: services.read(last_run, name))  # type: ignore[misc]
                assert ran.name == task.name
            assert all(one.is_scheduled and not one.is_paused for one in await read_schedules(services))

            await client.get_schedule_handle(f"{TASK_QUEUE}-upkeep-verify").pause(note="restore")
            await apply_schedules(services)
            assert [one.name for one in await read_schedules(services) if one.is_paused] == ["verify"], (
                "it stays paused"
            )
            found = await findings(settings, services)
            assert (
                found["worker.polls"] is found["search_attributes.known"] is found["keyring.opens"] is FindingLevel.OK
            )
            assert found["schedules.there"] is FindingLevel.WARNING
    store.close()


async def open_case(services: ServiceContext, number: int) -> str:
    asked = request(FUSION, known=FUSION_NOT_MET).model_copy(update={"received_at": edge_clock.now()})
    with services.store.begin() as s:
        case_id = case_id_for(asked, installation_key(s), generation=number)
        version = requests.save(s, case_id, asked)
    start = AuthorizationStart(case_id=case_id, request_version=version, received_at=asked.received_at)
    await start_case(services, PRIOR_AUTHORIZATION, start)
    return case_id


async def knows_attributes(client: Client) -> bool:
    search_attributes._asked.pop(client, None)
    return await search_attributes._are_known(client)


async def due_day(client: Client, case_id: str) -> str | None:
    described = await client.get_workflow_handle(case_id).describe()
    return described.typed_search_attributes.get(search_attributes.DUE_DAY)


async def list_ids(client: Client, query: str) -> list[str]:
    return [one.id async for one in client.list_workflows(query)]


async def findings(settings: Settings, services: ServiceContext) -> dict[str, FindingLevel]:
    return {one.rule: one.level async for one in check_server(settings, services)}
