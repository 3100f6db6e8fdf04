"""On a real server: a run that only a retry policy or a timetable began anew is no continuation, and brings no state."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.common import RetryPolicy
from temporalio.testing import WorkflowEnvironment

from activities.integrations.eligibility import DirectoryEligibility
from activities.integrations.file_outbox import FileOutbox
from demo.time_skipping_lab import prepared_store, rulebook
from domain.journal import UMPIRE, EntryDraft, EntryKind
from domain.requests.numbers import case_id_for
from engine import binaries, edge_clock
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from store import journal, requests
from store.installation import installation_key
from store.session import open_store
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.test_forged_starts import plain, state
from tests.workflows.test_reset_workflows import count, until
from worker import Dependencies, WorkerLimits, build_worker

HOW: dict[str, dict[str, Any]] = {
    "retried": {"retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=100))},
    "by a timetable": {"cron_schedule": "@every 1s"},
}


@pytest.mark.devserver
@pytest.mark.timeout(120)
@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
async def test_what_a_start_carries_is_not_believed_either_when_the_server_repeats_it(
    how: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    now = edge_clock.now()
    asked = request(FUSION, known=FUSION_NOT_MET).model_copy(update={"received_at": now})
    with store.begin() as s:
        case_id = case_id_for(asked, installation_key(s))
        requests.save(s, case_id, asked)
    parts = Dependencies(store, rulebook(), DirectoryEligibility(store), FileOutbox(tmp_path / "outbox"))
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"), data_converter=data_converter({})
    )
    async with environment, build_worker(environment.client, parts, TASK_QUEUE, WorkerLimits()):
        client = environment.client
        says = "Determination: denied."
        entry = EntryDraft(seq=9, at=now, kind=EntryKind.DETERMINATION_MADE, actor=UMPIRE, summary=says)
        # What the journal of the true case will hold is easy to foresee, so that this entry would be its next one.
        forged = state(case_id, now, seq=9, pending=[entry.model_dump(mode="json")])
        handle = await client.start_workflow(
            "PriorAuthorization",
            args=[plain(case_id, now, carried=forged)],
            id=case_id,
            task_queue=TASK_QUEUE,
            run_timeout=timedelta(seconds=4),
            **how,
        )
        await until(client, case_id, lambda: count(store, case_id, "letter_handed_over") == 2)
        current = client.get_workflow_handle(case_id)
        while (await current.describe()).run_id == handle.first_execution_run_id:
            await client.get_workflow_handle(case_id).query("status")
        await until(client, case_id, lambda: count(store, case_id, "case_restarted") > 0)
        with store.read() as s:
            assert [one for one in journal.entries(s, case_id) if one.summary == says] == []
            assert journal.verify(s, case_id) is None
            assert journal.entries(s, case_id)[0].at == now
    store.close()
