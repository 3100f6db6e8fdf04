"""Nothing of a member is in logs, ids, or the history that Temporal keeps when payloads are encrypted."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import WorkflowUpdateFailedError

from demo.time_skipping_lab import laboratory
from domain.cases.tasks import TaskKind, TaskOutcome
from store import directory, journal, letters
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase

SECRETS = ("Zabrowskaya", "Quintessa", "MBR1000011", "0SG00A0", "M41.26", "walks with two canes")


@pytest.mark.parametrize("keyring", [{"test": bytes(range(32))}, None])
async def test_nothing_of_a_member_is_in_logs_or_ids_nor_in_an_encrypted_history(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, keyring: dict[str, bytes] | None
) -> None:
    caplog.set_level(logging.INFO)  # as the worker logs; the SDK itself would quote payloads at DEBUG
    async with laboratory(tmp_path, keyring=keyring) as lab:
        with lab.store.begin() as s:
            member = directory.member(s, "MBR1000011")
            assert member is not None
            renamed = member.model_copy(update={"family_name": "Zabrowskaya", "given_name": "Quintessa"})
            directory.put_member(s, renamed)
        line = FUSION.model_copy(update={"diagnoses": ("M41.26",)})
        services = LabCase(lab, await lab.open(request(line, known=FUSION_NOT_MET)))
        refer = {"recommendation": "She walks with two canes; twelve months are not documented."}
        denied = await services.completion(
            TaskKind.NURSE_REVIEW, "nurse.adams", TaskOutcome.DECIDE, note=refer["recommendation"]
        )
        with pytest.raises(WorkflowUpdateFailedError):
            await lab.act(services.case_id, denied)
        await services.send(await services.completion(TaskKind.NURSE_REVIEW, "nurse.adams", TaskOutcome.REFER, **refer))
        await services.send(await services.settled("held"))
        await services.send(await services.denial())
        assert services.view().status == "denied"
        history = (await lab.handle(services.case_id).fetch_history()).to_json()
        with lab.store.read() as s:
            written = "".join(letter.rendered.text for letter in letters.of_case(s, services.case_id))
            told = "".join(entry.summary for entry in journal.entries(s, services.case_id))
    assert "Zabrowskaya" in written and "walks with two canes" in told, "the case was about this member"
    logged = "\n".join(f"{entry.getMessage()} {entry.exc_text or ''} {entry.__dict__}" for entry in caplog.records)
    for secret in SECRETS:
        assert secret not in logged
        assert secret not in history
        assert secret not in services.case_id
    clear = b"".join(payloads(json.loads(history)))
    assert len(clear) > 10_000, "the payloads were looked into"
    readable = [secret for secret in SECRETS if secret.encode() in clear]
    assert bool(readable) is (keyring is None), "with a keyring nothing can be read; without one, this test could"
    assert not {"Zabrowskaya", "Quintessa"} & set(readable), "names never travel, encrypted or not"


def payloads(part: object) -> Iterator[bytes]:
    """The content of every payload in a history, as far as it can be read without a key."""
    if isinstance(part, dict):
        if isinstance(part.get("data"), str) and "metadata" in part:
            yield base64.b64decode(part["data"])
        for value in part.values():
            yield from payloads(value)
    elif isinstance(part, list):
        for value in part:
            yield from payloads(value)
