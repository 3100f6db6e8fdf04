"""A callback that hears much goes on in a new run, and nothing that it was told is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.integrations.eligibility import DirectoryEligibility
from activities.integrations.file_outbox import FileOutbox
from demo.time_skipping_lab import prepared_store, rulebook
from domain.callbacks.policy import CallTopic
from domain.callbacks.start import CallbackStart
from domain.cases.messages import ClaimTask, CompleteTask, ReleaseTask
from domain.cases.orders import CaseRun
from domain.cases.tasks import TaskOutcome
from domain.journal import Actor
from engine import binaries, edge_clock
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from store import journal
from store.session import open_store
from tests.workflows.lab_task_cases import ANSWERED
from worker import Dependencies, build_worker

FEW_EVENTS = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40"]
CALL = "CB-AAAABBBBCCCC"
ADAMS = Actor(kind="reviewer", id="nurse.adams")


@pytest.mark.devserver
async def test_a_callback_goes_on_in_a_new_run_and_ends_there(tmp_path: Path) -> None:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    dependencies = Dependencies(store, rulebook(), DirectoryEligibility(store), FileOutbox(tmp_path / "outbox"))
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"),
        dev_server_extra_args=FEW_EVENTS,
        data_converter=data_converter({}),
    )
    async with environment, build_worker(environment.client, dependencies, TASK_QUEUE):
        start = CallbackStart(
            case_id=CALL,
            received_at=edge_clock.now(),
            from_whom="member",
            member_id="MBR1000001",
            about=CallTopic.CLINICAL_REVIEW,
            message_document="0" * 64,
        )
        with store.begin() as s:
            journal.keep_start(s, CALL, CaseRun(workflow="Callback", start=start.model_dump_json()))
        first = await environment.client.start_workflow("Callback", start, id=CALL, task_queue=TASK_QUEUE)
        handle = environment.client.get_workflow_handle(CALL)
        task = f"{CALL}-T1"
        for number in range(20):
            kind = ReleaseTask if number % 2 else ClaimTask
            message = kind(
                message_id=f"m{number}", at=edge_clock.now(), actor=ADAMS, task_id=task, reviewer_id="nurse.adams"
            )
            await handle.execute_update("act", message, id=message.message_id)
        described = await handle.describe()
        while described.run_id == first.first_execution_run_id:  # the test's timeout ends this
            await asyncio.sleep(0.05)
            described = await handle.describe()
        record = CompleteTask(
            message_id="last",
            at=edge_clock.now(),
            actor=ADAMS,
            task_id=task,
            reviewer_id="nurse.adams",
            outcome=TaskOutcome.DONE,
            form=ANSWERED,
        )
        await handle.execute_update("act", record, id=record.message_id)
        assert await handle.result() == "completed"
    with store.read() as s:
        assert journal.verify(s, CALL) is None
        kinds = [entry.kind for entry in journal.entries(s, CALL)]
    assert (kinds.count("task_claimed"), kinds.count("task_released")) == (10, 10)
    store.close()
