"""A message under a key that nobody here has stops no case: it is refused with an entry, and compliance asks for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.worker import Replayer

from demo.time_skipping_lab import Lab, laboratory
from domain.cases.tasks import TaskKind
from engine.client import data_converter
from services import case_client
from services.context import CommandStatus
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase
from worker import RUNNER, WORKFLOWS

pytestmark = pytest.mark.many

OURS, STRANGE = {"ours": bytes(range(32))}, {"strange": bytes(range(32, 64))}


def stranger(lab: Lab) -> Client:
    """A client with another keyring."""
    return Client(**lab.client.config() | {"data_converter": data_converter(STRANGE)})  # type: ignore[arg-type]


async def test_a_message_under_an_unknown_key_is_refused_and_stays_refused_when_the_key_comes(tmp_path: Path) -> None:
    async with laboratory(tmp_path, keyring=OURS) as lab:
        services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
        claimed = await services.claim(TaskKind.NURSE_REVIEW, "nurse.adams")
        handle = stranger(lab).get_workflow_handle(services.case_id)
        await handle.signal("claim_task", claimed)
        await lab.settle()
        (refused,) = services.entries("message_refused")
        assert refused.data["rules"] == ["message.unreadable"] and "key" in refused.summary
        task = services.task(TaskKind.CASE_TROUBLE)
        assert task.role == "compliance" and "claim_task" in task.why
        assert services.task(TaskKind.NURSE_REVIEW).assignee is None
        again = claimed.model_copy(update={"message_id": "again"})
        assert (await services.send(again)).accepted, "the case goes on"
        history = await lab.handle(services.case_id).fetch_history()
    for ring in (OURS, OURS | STRANGE):
        replayer = Replayer(workflows=WORKFLOWS, workflow_runner=RUNNER, data_converter=data_converter(ring))
        await replayer.replay_workflow(history)


async def test_what_a_case_has_read_waits_for_its_key_and_is_not_refused_when_the_key_is_gone(tmp_path: Path) -> None:
    async with laboratory(tmp_path, keyring=OURS | STRANGE) as lab:
        services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
        claimed = await services.claim(TaskKind.NURSE_REVIEW, "nurse.adams")
        await stranger(lab).get_workflow_handle(services.case_id).signal("claim_task", claimed)
        await lab.settle()
        assert services.task(TaskKind.NURSE_REVIEW).assignee == "nurse.adams"
        history = await lab.handle(services.case_id).fetch_history()
    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=RUNNER, data_converter=data_converter(OURS))
    with pytest.raises(RuntimeError, match="activation completion failed"):
        await replayer.replay_workflow(history)


async def test_an_update_under_an_unknown_key_is_refused_with_the_reason(tmp_path: Path) -> None:
    async with laboratory(tmp_path, keyring=OURS) as lab:
        services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
        claimed = await services.claim(TaskKind.NURSE_REVIEW, "nurse.adams")
        context = replace(await lab.services(), temporal=stranger(lab))
        answer = await case_client.send_message(context, services.case_id, claimed)
        assert answer.kind is CommandStatus.REFUSED and [one.rule for one in answer.refusals] == ["message.unreadable"]
        with pytest.raises(WorkflowUpdateFailedError):
            await stranger(lab).get_workflow_handle(services.case_id).execute_update("act", claimed)
        assert (await services.send(claimed)).accepted
