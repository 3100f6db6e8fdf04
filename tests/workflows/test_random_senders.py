"""Hundreds of signals, updates and starts that nobody would send: no case stops, and what is proper is done afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowUpdateFailedError
from temporalio.common import RawValue

from demo.time_skipping_lab import Lab
from domain.authorization.case import AuthorizationCase
from domain.callbacks.case import CallbackCase
from domain.cases.case import Case
from domain.cases.messages import ReleaseTask
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.concerns.case import QualityConcernCase
from domain.discharge.case import DischargeCase
from domain.retrospective.case import RetrospectiveCase
from domain.stays.case import StayCase
from store import directory, tasks
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.forged_starts import PROCESSES, Process, random_start, start_as_sent
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_claims import FUSION as BILLED_FUSION
from tests.workflows.lab_claims import claim, submit_claim
from tests.workflows.lab_stay import LabStay
from tests.workflows.lab_task_cases import start_callback, start_concern
from tests.workflows.test_hostile_messages import PROCESSES as MESSAGES
from tests.workflows.test_hostile_messages import random_message
from tests.workflows.test_signals_that_cannot_be_read import HOSTILE_ARGUMENTS

pytestmark = [pytest.mark.many, pytest.mark.timeout(300)]

SIGNALS, UPDATES, STARTS = 300, 60, 120
NAMES = ("withdrawn", "", "act", "__temporal_x", "ünïcode", "x" * 300)
RAW: list[list[Any]] = [
    [RawValue(Payload(metadata={"encoding": b"x/y"}, data=b"\xff"))],
    [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b'{"message_id": '))],
    [RawValue(Payload(data=b"{}"))] * 2,
]
STATES: dict[str, type[Case]] = {
    "authorization": AuthorizationCase,
    "stay": StayCase,
    "discharge plan": DischargeCase,
    "retrospective review": RetrospectiveCase,
    "concern": QualityConcernCase,
    "callback": CallbackCase,
}


async def authorization(lab: Lab) -> LabCase:
    return LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))


async def stay(lab: Lab) -> LabCase:
    one = LabStay(lab, "ST-AAAABBBBCCCC", "MBR1000001", await lab.now(), "America/Chicago")
    await one.admitted()
    return one


async def discharge_plan(lab: Lab) -> LabCase:
    start = PROCESSES["discharge plan"].start("DP-AAAABBBBCCCC", await lab.now())
    return LabCase(lab, await lab.begin("DischargePlanning", start, "DP-AAAABBBBCCCC"))


async def retrospective_review(lab: Lab) -> LabCase:
    line = BILLED_FUSION | {"place_of_service": "23"}
    return await submit_claim(lab, claim(line, member={"member_id": "MBR1000011"}, diagnoses=[{"code": "M41.26"}]))


OPENERS: dict[str, Callable[[Lab], Awaitable[LabCase]]] = {
    "authorization": authorization,
    "stay": stay,
    "discharge plan": discharge_plan,
    "retrospective review": retrospective_review,
    "concern": start_concern,
    "callback": start_callback,
}


def as_it_stands(lab: Lab, name: str, case_id: str) -> Case:
    """A case with the open tasks and the people on file, for messages about them."""
    with lab.store.read() as s:
        known = {task.task_id: task for task in tasks.of_case(s, case_id)}
        people = {who: found for who in ("nurse.adams", "md.ortho.chen") if (found := directory.reviewer(s, who))}
    return STATES[name].model_construct(tasks=known, reviewers=people)


def arguments(lab: Lab, name: str, case_id: str, chance: Random) -> tuple[str, list[Any]]:
    """A name and arguments: of a message that can be read, or of none."""
    process = MESSAGES[name]
    kind = chance.choice(list(process.signals.values()))
    named = str(kind.model_fields["type"].default)
    if chance.random() < 0.5:
        return chance.choice([named, *NAMES]) or "x", chance.choice([*HOSTILE_ARGUMENTS, *RAW])
    message = random_message(kind, as_it_stands(lab, name, case_id), process.forms, chance)
    return named, [message] if message is not None else [{"type": named}]


@pytest.mark.parametrize("name", OPENERS)
async def test_no_signal_and_no_update_stops_a_case(name: str, lab: Lab) -> None:
    chance = Random(20261130)
    case = await OPENERS[name](lab)
    received_at, handle = case.view().received_at, lab.handle(case.case_id)
    before, unreadable = len(case.entries()), 0
    for _ in range(SIGNALS):
        signal, given = arguments(lab, name, case.case_id, chance)
        if signal.startswith("__temporal"):
            continue  # the server and the SDK keep these names to themselves
        unreadable += given in HOSTILE_ARGUMENTS or given in RAW
        await handle.signal(signal, args=given)
    for _ in range(UPDATES):
        _, given = arguments(lab, name, case.case_id, chance)
        with pytest.raises(WorkflowUpdateFailedError) if given in RAW else _whatever():
            await handle.execute_update("act", args=given)
    await lab.settle()
    entries = case.entries()
    assert len([one for one in entries if one.kind == "message_refused"]) >= unreadable > 50
    assert len(entries) > before and case.view().received_at == received_at
    assert case.view().status is CaseStatus.OPEN, "nothing but a signed decision is adverse"
    assert not any("Determination: denied" in one.summary for one in entries)
    assert (await lab.standing(case.case_id)).sentence
    await do_something_proper(case)


class _whatever:
    """Accepted or refused, but answered."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, _: Any) -> bool:
        return kind is None or issubclass(kind, WorkflowUpdateFailedError)


async def do_something_proper(case: LabCase) -> None:
    """Do what people do every day: a task is taken or given back by who may, or an update comes from the hospital."""
    if isinstance(case, LabStay):
        assert (await case.update()).accepted
        return
    with case.lab.store.read() as s:
        open_tasks = [task for task in tasks.of_case(s, case.case_id) if task.is_open]
        staff = {one.reviewer_id: one for one in directory.reviewers(s)}
    for task in open_tasks:
        if task.assignee is not None:
            stamp = await case.stamp(task.assignee)
            back = ReleaseTask(**stamp, task_id=task.task_id, reviewer_id=task.assignee)
            assert (await case.send(back)).accepted
            return
        for who, person in staff.items():
            if task.role in person.roles and task.kind is not TaskKind.PHYSICIAN_REVIEW:
                assert (await case.send(await case.claim(task.kind, who))).accepted
                return
    raise AssertionError(f"nobody has anything to do: {open_tasks}")


@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
async def test_no_start_keeps_a_case_from_beginning_as_it_is_on_file(process: Process, lab: Lab) -> None:
    chance = Random(20261130)
    received_at = await lab.now() - timedelta(hours=2)
    numbers = [f"{process.prefix}{number:012d}" for number in range(STARTS)]
    for case_id in numbers:
        start = process.start(case_id, received_at)
        lab.put_on_file(process.workflow, start, case_id)
        await start_as_sent(lab, process, case_id, random_start(start.model_dump(mode="json"), chance))
    await lab.settle()
    for case_id in numbers:
        case = LabCase(lab, case_id)
        assert case.view().received_at == received_at == case.entries()[0].at, case_id
        assert case.view().status is CaseStatus.OPEN and case.view().member_id == "MBR1000001"
