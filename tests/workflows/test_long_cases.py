"""A case with a long life goes on in a new run, and no message is lost on the way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.integrations.eligibility import DirectoryEligibility
from activities.integrations.file_outbox import FileOutbox
from demo.time_skipping_lab import prepared_store, rulebook
from domain.authorization.start import AuthorizationStart
from domain.cases.messages import NoteDuplicate
from domain.journal import Actor
from domain.requests.numbers import case_id_for
from engine import binaries, edge_clock, options
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from store import journal, requests
from store.installation import installation_key
from store.session import Store, open_store
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from worker import Dependencies, build_worker
from workflows.prior_authorization import PriorAuthorization

FEW_EVENTS = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40"]


@pytest.mark.devserver
async def test_messages_survive_the_hand_over_to_a_new_run(tmp_path: Path) -> None:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    dependencies = Dependencies(store, rulebook(), DirectoryEligibility(store), FileOutbox(tmp_path / "outbox"))
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"),
        dev_server_extra_args=FEW_EVENTS,
        data_converter=data_converter({}),
    )
    async with environment, build_worker(environment.client, dependencies, TASK_QUEUE):
        asked = request(FUSION, known=FUSION_NOT_MET).model_copy(update={"received_at": edge_clock.now()})
        with store.begin() as s:
            case_id = case_id_for(asked, installation_key(s))
            version = requests.save(s, case_id, asked)
        start = AuthorizationStart(case_id=case_id, request_version=version, received_at=asked.received_at)
        first = await environment.client.start_workflow(
            PriorAuthorization.run, start, id=options.workflow_id(case_id), task_queue=TASK_QUEUE
        )
        handle = environment.client.get_workflow_handle_for(PriorAuthorization.run, options.workflow_id(case_id))
        for number in range(40):
            message = NoteDuplicate(
                message_id=f"m{number}", at=edge_clock.now(), actor=Actor(kind="provider", id="p"), inbox_id=number
            )
            if number % 2:
                await handle.execute_update(PriorAuthorization.act, message, id=message.message_id)
            else:
                await handle.signal("note_duplicate", message)
        assert (await handle.query(PriorAuthorization.status)).status == "open"
        described = await handle.describe()
        # An answer comes before the journal has it, and the new run after that. The test's timeout ends this.
        while described.run_id == first.first_execution_run_id or len(_heard(store, case_id)) < 40:
            await asyncio.sleep(0.05)
            described = await handle.describe()
        with store.read() as s:
            assert journal.verify(s, case_id) is None
    assert sorted(_heard(store, case_id)) == list(range(40))
    store.close()


def _heard(store: Store, case_id: str) -> list[int]:
    with store.read() as s:
        entries = journal.entries(s, case_id)
    return [int(str(entry.data["inbox_id"])) for entry in entries if entry.kind == "duplicate_received"]
