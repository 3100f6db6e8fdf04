"""Two releases of the worker side by side on a real server: no case is lost, and none replays under code that would have done
something else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.testing import WorkflowEnvironment

from demo.time_skipping_lab import PLAN
from domain.authorization.start import AuthorizationStart
from domain.cases.messages import ClaimTask, ReleaseTask
from domain.cases.tasks import Task
from domain.errors import NotOnFile
from domain.journal import Actor, EntryKind
from domain.requests.numbers import case_id_for
from engine import binaries, edge_clock
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from engine.workflow_names import PRIOR_AUTHORIZATION
from services.case_client import send_message, start_case
from services.commands import releases
from services.context import CommandStatus, ServiceContext
from store import journal, requests, tasks
from store.installation import installation_key
from store.seed import load_plan
from store.session import Store, open_store
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.two_releases import DEPLOYMENT, build_of, worker_of, write_later_release, write_release

CASES, FROM_BEFORE, TOGETHER = 200, 30, 4
NURSE = "nurse.adams"
BUSY = "TMPRL1101"
"""The mark of a task that took more than two seconds: that says something of the machine."""
OF_CODE = (
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
)
pytestmark = [pytest.mark.devserver, pytest.mark.timeout(900)]


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[ServiceContext]:
    """A store with the plan, and a real server; no worker yet."""
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}", busy_seconds=600)
    store.create()
    load_plan(store, PLAN)
    server = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"),
        dev_server_log_level="error",
        data_converter=data_converter({}),
    )
    async with server:
        yield ServiceContext(store, server.client, TASK_QUEUE)
    store.close()


async def test_two_hundred_cases_outlive_two_releases_a_ramp_and_a_way_back(
    services: ServiceContext, tmp_path: Path
) -> None:
    client = services.client()
    address = client.service_client.config.target_host
    first, later = write_release(tmp_path / "first"), write_later_release(tmp_path / "later")
    old, new = build_of(first), build_of(later)
    assert old != new

    async with worker_of(first, tmp_path, address, deployment=""):
        before = await open_cases(services, range(FROM_BEFORE))
    async with AsyncExitStack() as running:
        await running.enter_async_context(worker_of(first, tmp_path, address))
        await until_known(services, old)
        await releases.promote(client, DEPLOYMENT, TASK_QUEUE, old)
        await claim(services, before)
        assert await builds_of(services, before) == {old: FROM_BEFORE}, "cases of unversioned workers move over"
        early = before + await open_cases(services, range(FROM_BEFORE, CASES // 2))

        await running.enter_async_context(worker_of(later, tmp_path, address))
        await until_known(services, new)
        ramped = await releases.ramp(client, DEPLOYMENT, TASK_QUEUE, new, 50)
        assert (ramped.status.ramping, ramped.status.percentage, ramped.held) == (new, 50, 0)
        everything = early + await open_cases(services, range(CASES // 2, CASES))
        await claim(services, [one for one in everything[::2] if one not in before])
        there = await builds_of(services, everything)
        assert there.total() == CASES and there[old] and there[new], "both releases work side by side"

        ended = await releases.roll_back(client, DEPLOYMENT, TASK_QUEUE)
        assert ended.status.ramping is None and ended.held
        claimed = claimed_cases(services.store)
        await claim(services, [one for one in everything if one not in claimed])
        await release_tasks(services, everything)
        there = await builds_of(services, everything)
        assert there[new] == ended.held and there[old] == CASES - ended.held
        assert (await status(services)).build(new).is_needed
        assert (await status(services)).build(new).held == ended.held, (
            "its workers are needed until a release knows their step"
        )

        promoted = await releases.promote(client, DEPLOYMENT, TASK_QUEUE, new)
        assert promoted.let_go == ended.held and promoted.held == 0
        await claim(services, everything)
        assert await builds_of(services, everything) == {new: CASES}
        assert not (await status(services)).build(old).is_needed

        back = await releases.roll_back(client, DEPLOYMENT, TASK_QUEUE)
        assert back.status.current == old and back.held == ended.held, (
            "those that took the step stay, the others go back"
        )
        await release_tasks(services, everything)

    assert await failed_tasks(services, everything) == Counter()
    with services.store.read() as s:
        assert [one for one in everything if journal.verify(s, one) is not None] == []
        told = Counter(entry.kind for one in everything for entry in journal.entries(s, one))
    assert told[EntryKind.TASK_CLAIMED] == 2 * CASES and told[EntryKind.TASK_RELEASED] == 2 * CASES
    assert told[EntryKind.REQUEST_RECEIVED] == CASES


async def status(services: ServiceContext) -> releases.ReleaseStatus:
    return await releases.release_status(services.client(), DEPLOYMENT, TASK_QUEUE)


async def until_known(services: ServiceContext, build: str) -> None:
    """Wait until the server knows the build and which steps it knows; the test's own time limit ends a wait in vain."""
    while True:
        with suppress(NotOnFile):
            if (await status(services)).build(build).patches is not None:
                return
        await asyncio.sleep(0.2)


async def open_cases(services: ServiceContext, numbers: Iterable[int]) -> list[str]:
    """Start cases as intake does, and wait until each has a task for the nurse."""
    asked = request(FUSION, known=FUSION_NOT_MET).model_copy(update={"received_at": edge_clock.now()})
    starts = []
    with services.store.begin() as s:
        for number in numbers:
            case_id = case_id_for(asked, installation_key(s), generation=number + 1)
            version = requests.save(s, case_id, asked)
            starts.append(AuthorizationStart(case_id=case_id, request_version=version, received_at=asked.received_at))
    await together(starts, lambda start: start_case(services, PRIOR_AUTHORIZATION, start))
    case_ids = [start.case_id for start in starts]
    await until_each(services.store, case_ids, bool)
    return case_ids


async def until_each(store: Store, case_ids: Iterable[str], holds: Callable[[Sequence[Task]], bool]) -> None:
    """Wait until it holds for the tasks of each case; the test's own time limit ends a wait in vain."""
    waiting = list(case_ids)
    while waiting:
        with store.read() as s:
            waiting = [one for one in waiting if not holds(tasks.of_case(s, one))]
        await asyncio.sleep(0.1)


def claimed_cases(store: Store) -> set[str]:
    with store.read() as s:
        return {one.case_id for one in tasks.worklist(s, assignee=NURSE)}


async def claim(services: ServiceContext, case_ids: Iterable[str]) -> None:
    named = list(case_ids)
    await together(named, lambda case_id: _send(services, case_id, ClaimTask))
    await until_each(services.store, named, lambda found: found[0].assignee == NURSE)


async def release_tasks(services: ServiceContext, case_ids: Iterable[str]) -> None:
    named = list(case_ids)
    await together(named, lambda case_id: _send(services, case_id, ReleaseTask))
    await until_each(services.store, named, lambda found: found[0].assignee is None)


async def _send(services: ServiceContext, case_id: str, kind: type[ClaimTask] | type[ReleaseTask]) -> None:
    message = kind(
        message_id=edge_clock.new_message_id(),
        at=edge_clock.now(),
        actor=Actor(kind="reviewer", id=NURSE),
        task_id=f"{case_id}-T1",
        reviewer_id=NURSE,
    )
    result = await send_message(services, case_id, message)
    assert result.kind in (CommandStatus.ACCEPTED, CommandStatus.QUEUED), result


async def together(items: Iterable[Any], act: Callable[[Any], Awaitable[None]]) -> None:
    """Do it for all of them, some at a time."""
    gate = asyncio.Semaphore(TOGETHER)

    async def one(item: Any) -> None:
        async with gate:
            await act(item)

    await asyncio.gather(*(one(item) for item in items))


async def builds_of(services: ServiceContext, case_ids: Iterable[str]) -> Counter[str]:
    """The number of cases whose last task ran under each build."""
    found: Counter[str] = Counter()
    for case_id in case_ids:
        described = await services.client().get_workflow_handle(case_id).describe()
        versioning = described.raw_description.workflow_execution_info.versioning_info
        found[versioning.deployment_version.build_id] += 1
    return found


async def failed_tasks(services: ServiceContext, case_ids: Iterable[str]) -> Counter[str]:
    """The workflow tasks in which code failed or did not fit the history, by their cause."""
    found: Counter[str] = Counter()
    for case_id in case_ids:
        history = await services.client().get_workflow_handle(case_id).fetch_history()
        for event in history.events:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                failure = event.workflow_task_failed_event_attributes
                if failure.cause in OF_CODE and BUSY not in failure.failure.message:
                    found[f"{WorkflowTaskFailedCause.Name(failure.cause)} {failure.failure.message[:60]}"] += 1
    return found
