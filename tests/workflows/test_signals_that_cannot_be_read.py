"""No signal stops a case: what cannot be read, is too large or fails is refused with an entry, and the case goes on."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from demo.time_skipping_lab import Lab
from domain import limits
from domain.authorization import message_effects
from domain.authorization.messages import SettlePeerToPeer, WithdrawRequest
from domain.cases.concern_notes import NoteConcern
from domain.cases.messages import ClaimTask
from domain.cases.tasks import TaskKind
from domain.journal import UMPIRE, Actor
from domain.vocabulary import AskedBy, Channel
from tests.interop.fhir.bundles import as_bytes
from tests.interop.plain.test_requests import plain
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase

SECRET = "Zabrowskaya walks with two canes"
HOSTILE_ARGUMENTS: list[list[Any]] = [
    [],
    [None],
    [b"\x00\xff" + SECRET.encode()],
    [SECRET],
    [42],
    [[1, 2]],
    [{}],
    [{"type": "claim_task"}],
    [{"message_id": 1, "at": "yesterday", "actor": None, "note": SECRET}],
    [{}, {}],
    [None, None, None],
]


async def reviewed_case(lab: Lab) -> LabCase:
    return LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))


async def send(lab: Lab, case_id: str, name: str, *arguments: Any) -> None:
    await lab.handle(case_id).signal(name, args=list(arguments))


@pytest.mark.parametrize("name", ["complete_task", "note_concern", "withdraw", "not_a_signal"])
async def test_a_signal_that_cannot_be_read_is_refused_in_the_journal_and_the_case_goes_on(lab: Lab, name: str) -> None:
    services = await reviewed_case(lab)
    for arguments in HOSTILE_ARGUMENTS:
        await send(lab, services.case_id, name, *arguments)
    await lab.settle()
    refused = services.entries("message_refused")
    assert [entry.data["message_type"] for entry in refused] == [name] * len(HOSTILE_ARGUMENTS)
    assert all(entry.data["rules"] == ["message.unreadable"] for entry in refused)
    assert SECRET not in "".join(entry.model_dump_json() for entry in refused)
    assert (await services.refer()).accepted, "the case goes on"
    assert services.task(TaskKind.PHYSICIAN_REVIEW).is_open


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-14))),
        datetime(2190, 1, 1, tzinfo=UTC),
    ],
)
async def test_a_concern_noted_at_an_impossible_time_is_refused(lab: Lab, at: datetime) -> None:
    services = await reviewed_case(lab)
    note = NoteConcern(message_id="QC-1", at=at, actor=UMPIRE, concern_id="QC-1")
    await send(lab, services.case_id, "note_concern", note)
    await lab.settle()
    assert len(services.entries("message_refused")) == 1 and not services.entries("concern_raised")
    assert (await services.refer()).accepted


@pytest.mark.many
async def test_texts_that_outgrow_a_payload_are_refused_and_many_messages_at_once_are_journaled(lab: Lab) -> None:
    services = await reviewed_case(lab)
    stamp = await services.stamp("nurse.adams")
    for number in range(5):
        huge = stamp | {"message_id": f"{number}" + "x" * 1_300_000}
        await send(lab, services.case_id, "claim_task", ClaimTask(**huge, task_id="T", reviewer_id="nurse.adams"))
    whole = SettlePeerToPeer(**stamp | {"message_id": "long"}, result="held", note="n" * 1_300_000)
    await send(lab, services.case_id, "settle_peer_to_peer", whole)
    reason = WithdrawRequest(**stamp | {"message_id": "w"}, by=AskedBy.PROVIDER, why="w" * 1_300_000)
    await send(lab, services.case_id, "withdraw", reason)
    await lab.settle()
    refused = services.entries("message_refused")
    assert [entry.data["rules"] for entry in refused] == [["message.limits"]] * 7
    assert all(len(entry.model_dump_json()) < 2_000 for entry in refused)
    assert (await services.refer()).accepted


async def test_a_message_on_which_the_code_fails_leaves_only_its_refusal(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = await reviewed_case(lab)
    carry_out = message_effects.receive_message

    def fail(case: Any, message: Any, now: datetime, **more: Any) -> Any:
        if message.type != "settle_peer_to_peer":
            return carry_out(case, message, now, **more)
        case.note("withdrawn", now, "half done")
        case.owed_letters.append("withdrawn")
        raise OverflowError(SECRET)

    monkeypatch.setattr(message_effects, "receive_message", fail)
    assert await services.refused(await services.settled("held")) == {"message.failed"}
    refused = services.entries("message_refused")
    assert [entry.data["rules"] for entry in refused] == [["message.failed"]]
    assert SECRET not in refused[0].model_dump_json() and not services.entries("withdrawn")
    assert (await services.refer()).accepted


@pytest.mark.many
async def test_some_hundred_random_signals_do_not_stop_a_case(lab: Lab) -> None:
    chance = random.Random(20260302)
    services = await reviewed_case(lab)
    names = ["complete_task", "claim_task", "note_concern", "take_extension", "add_documents", "withdrawn", "", "act"]
    for _ in range(300):
        await send(lab, services.case_id, chance.choice(names) or "x", *chance.choice(HOSTILE_ARGUMENTS))
    await lab.settle()
    assert len(services.entries("message_refused")) == 300
    assert (await services.refer()).accepted


@pytest.mark.many
async def test_the_largest_request_that_the_door_accepts_becomes_a_case(lab: Lab) -> None:
    first = plain()["lines"][0]
    lines = [first | {"line_id": str(number), "description": "d" * 900} for number in range(1, 1_000)]
    outcome = await lab.submit(as_bytes(plain(lines=lines)), Channel.API)
    assert outcome.case_id is not None, outcome.says
    assert LabCase(lab, outcome.case_id).entries("request_received")


def test_an_identifier_a_number_and_a_year_have_limits_in_one_place() -> None:
    stamp = {"message_id": "m", "at": datetime(2026, 3, 2, tzinfo=UTC), "actor": Actor(kind="reviewer", id="x")}
    assert not limits.message_violations(ClaimTask(**stamp, task_id="T", reviewer_id="x"))
    for wrong in (
        ClaimTask(**stamp, task_id="T" * 201, reviewer_id="x"),
        ClaimTask(**stamp | {"at": datetime(1899, 12, 31, tzinfo=UTC)}, task_id="T", reviewer_id="x"),
        ClaimTask(**stamp | {"actor": Actor(kind="reviewer", id="x" * 201)}, task_id="T", reviewer_id="x"),
    ):
        assert [broken.rule for broken in limits.message_violations(wrong)] == ["message.limits"]
