"""A store on PostgreSQL comes back from pg_dump: on a new Temporal server its cases go on, and no letter comes twice."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from activities.integrations.eligibility import DirectoryEligibility
from activities.integrations.file_outbox import FileOutbox
from demo.time_skipping_lab import PLAN
from domain.authorization.start import AuthorizationStart
from domain.cases.tasks import TaskKind
from domain.requests.numbers import case_id_for
from engine import binaries, edge_clock
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from engine.workflow_names import PRIOR_AUTHORIZATION
from rulebook.rulebook import load_rulebook
from services.case_client import start_case
from services.commands.reconciliation import ReconciledStatus, reconcile
from services.context import ServiceContext
from store import cases, journal, letters, requests, tasks
from store.installation import installation_key
from store.seed import load_plan
from store.session import Store, open_store
from tests.store import throwaway_postgres
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, OXYGEN, OXYGEN_FACTS, request
from worker import Dependencies, build_worker

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(240)]
PATIENCE = timedelta(seconds=60)


@asynccontextmanager
async def running(store: Store, outbox: Path) -> AsyncIterator[ServiceContext]:
    """A new Temporal server, with a worker on this store."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"), data_converter=data_converter({})
    ) as environment:
        parts = Dependencies(store, load_rulebook(), DirectoryEligibility(store), FileOutbox(outbox))
        async with build_worker(environment.client, parts, TASK_QUEUE):
            yield ServiceContext(store, environment.client, TASK_QUEUE)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE.total_seconds()):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # the database does not notify; it has to be polled


async def opened(services: ServiceContext, *asked: object) -> str:
    filed = request(asked[0], known=asked[1]).model_copy(update={"received_at": edge_clock.now()})  # type: ignore[arg-type]
    with services.store.begin() as s:
        case_id = case_id_for(filed, installation_key(s))
        version = requests.save(s, case_id, filed)
    start = AuthorizationStart(case_id=case_id, request_version=version, received_at=filed.received_at)
    await start_case(services, PRIOR_AUTHORIZATION, start)
    return case_id


def at_the_nurse(store: Store, case_id: str) -> bool:
    with store.read() as s:
        waits = any(task.kind is TaskKind.NURSE_REVIEW for task in tasks.of_case(s, case_id))
        return waits and all(letter.handed_over_at for letter in letters.of_case(s, case_id))


def is_closed(store: Store, case_id: str) -> bool:
    with store.read() as s:
        view = cases.get(s, case_id)
        return view is not None and view.closed_at is not None


def command(url: str, program: str, *words: str) -> None:
    """Run one of PostgreSQL's own programs, as docs/operations.md shows."""
    folder = throwaway_postgres.binaries()
    assert folder is not None
    socket = url.partition("host=")[2].partition("&")[0]
    environment = os.environ | {"PGHOST": socket, "PGPORT": str(throwaway_postgres.PORT), "PGUSER": "umpire"}
    done = subprocess.run([str(folder / program), *words], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_a_dumped_store_goes_on_under_a_new_server_and_no_letter_comes_twice(
    postgres_url: str, tmp_path: Path
) -> None:
    command(postgres_url, "createdb", "umpire_before")
    store = open_store(postgres_url.format(name="umpire_before"))
    store.create()
    load_plan(store, PLAN)
    dump = str(tmp_path / "umpire.dump")
    async with running(store, tmp_path / "outbox") as services:
        waiting, done = await opened(services, FUSION, FUSION_NOT_MET), await opened(services, OXYGEN, OXYGEN_FACTS)
        await until(lambda: at_the_nurse(store, waiting) and is_closed(store, done))
        command(postgres_url, "pg_dump", "--format=custom", "--file", dump, "umpire_before")
    with store.read() as s:
        before = {case_id: journal.entries(s, case_id) for case_id in (waiting, done)}
        key = installation_key(s)
    store.close()
    mailed = {path.name: path.read_bytes() for path in (tmp_path / "outbox").rglob("*") if path.is_file()}
    assert mailed

    command(postgres_url, "createdb", "umpire_after")
    command(postgres_url, "pg_restore", "--dbname", "umpire_after", "--exit-on-error", dump)
    restored = open_store(postgres_url.format(name="umpire_after"))
    restored.create()
    async with running(restored, tmp_path / "outbox") as services:
        found = await reconcile(services, server_was_lost=True)
        assert [(one.case_id, one.status) for one in found] == [(waiting, ReconciledStatus.RESTARTED)]
        await until(lambda: _has_restarted(restored, waiting))
        assert await reconcile(services) == (), "every open case has its workflow"
    with restored.read() as s:
        assert installation_key(s) == key, "the same request is the same case, before and after"
        assert journal.verify_all(s) == []
        for case_id, entries in before.items():
            assert journal.entries(s, case_id)[: len(entries)] == entries
    assert {path.name: path.read_bytes() for path in (tmp_path / "outbox").rglob("*") if path.is_file()} == mailed
    with pytest.raises(Exception, match="append-only"), restored.begin() as s:
        s.execute(text("update journal set summary = 'x'"))
    restored.close()


def _has_restarted(store: Store, case_id: str) -> bool:
    with store.read() as s:
        return any(entry.kind == "case_restarted" for entry in journal.entries(s, case_id))
