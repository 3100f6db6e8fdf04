"""A worker dies between the journal and Temporal: the next one goes on, and nothing is lost or done twice."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from demo.time_skipping_lab import prepared_store
from domain.authorization.orders import AuthorizationResult
from domain.authorization.start import AuthorizationStart
from domain.requests.numbers import case_id_for
from engine import binaries, edge_clock, options
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from store import journal, letters, requests, tables
from store.installation import installation_key
from store.session import Store, open_store
from tests.paths import ROOT
from tests.workflows.care_requests import OXYGEN, OXYGEN_FACTS, request
from workflows.prior_authorization import PriorAuthorization

DEADLY = ("reserve:1", "record:1", "record:3")


@pytest.mark.devserver
@pytest.mark.timeout(400)
async def test_a_worker_that_dies_after_writing_the_journal_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"), data_converter=data_converter({})
    )
    async with environment:
        handle = await opened(store, environment)
        deaths = await work_until_done(handle, environment.client.service_client.config.target_host, tmp_path)
    assert deaths == len(DEADLY)
    with store.read() as s:
        assert journal.verify(s, handle.id) is None
        kinds = [entry.kind for entry in journal.entries(s, handle.id)]
        sent = letters.of_case(s, handle.id)
        reserved = s.execute(select(tables.benefit_reservations)).all()
    assert kinds.count("determination_made") == kinds.count("closed") == 1
    assert [(row.case_id, row.line_id) for row in reserved] == [(handle.id, "1")]
    assert len(sent) == 4 and all(letter.handed_over_at is not None for letter in sent)
    assert len(list((tmp_path / "outbox").rglob("*.html"))) == 4
    store.close()


async def opened(
    store: Store, environment: WorkflowEnvironment
) -> WorkflowHandle[PriorAuthorization, AuthorizationResult]:
    asked = request(OXYGEN, known=OXYGEN_FACTS).model_copy(update={"received_at": edge_clock.now()})
    with store.begin() as s:
        case_id = case_id_for(asked, installation_key(s))
        version = requests.save(s, case_id, asked)
    start = AuthorizationStart(case_id=case_id, request_version=version, received_at=asked.received_at)
    return await environment.client.start_workflow(
        PriorAuthorization.run, start, id=options.workflow_id(case_id), task_queue=TASK_QUEUE
    )


async def work_until_done(
    handle: WorkflowHandle[PriorAuthorization, AuthorizationResult], address: str, home: Path
) -> int:
    """Start one worker after the other until the case is done; how many of them died."""
    result = asyncio.create_task(handle.result())
    deaths = 0
    while not result.done():
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.workflows.dying_worker",
            str(home / "written"),
            *DEADLY,
            cwd=ROOT,
            env=os.environ | {"TEMPORAL_ADDRESS": address, "UMPIRE_HOME": str(home)},
        )
        ended = asyncio.create_task(worker.wait())
        await asyncio.wait([result, ended], return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            worker.terminate()
        deaths += await ended == 9
    assert (await result).status == "approved"
    return deaths
