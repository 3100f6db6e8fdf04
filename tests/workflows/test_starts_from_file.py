"""A callback, a concern, a stay, a plan or a claim's review begins as its file says, whoever starts its number."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowExecutionStatus
from temporalio.worker import Worker

from demo.time_skipping_lab import Lab
from domain.case_numbers import plan_number
from domain.cases import restart
from domain.cases.views import CaseStatus
from domain.vocabulary import Channel
from engine import options
from engine.settings import TASK_QUEUE
from intake import claims
from services import case_client
from store import cases, journal
from tests.workflows.forged_starts import PROCESSES, Process, forged_starts, start_as_sent, unreadable_starts
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_claims import billed_line, claim
from tests.workflows.lab_stay import LabStay

pytestmark = pytest.mark.many

CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def as_json(process: Process, case_id: str, at: datetime) -> dict[str, Any]:
    return process.start(case_id, at).model_dump(mode="json")


def remarks(case: LabCase) -> list[str]:
    return [entry.summary for entry in case.entries("message_refused") if entry.summary.startswith("Refused: start - ")]


@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
async def test_whatever_starts_a_case_on_file_begins_it_as_it_is_on_file_and_is_remarked_upon(
    process: Process, lab: Lab
) -> None:
    received_at = await lab.now() - timedelta(hours=2)
    tried: dict[str, str] = {}
    example = as_json(process, "x", received_at)
    for number, what in enumerate((unreadable_starts(example) | forged_starts(example)).keys()):
        case_id = f"{process.prefix}{CODES[number] * 12}"
        start = process.start(case_id, received_at)
        lab.put_on_file(process.workflow, start, case_id)
        sent = start.model_dump(mode="json")
        await start_as_sent(lab, process, case_id, (unreadable_starts(sent) | forged_starts(sent))[what])
        tried[what] = case_id
    await lab.settle()
    for what, case_id in tried.items():
        case = LabCase(lab, case_id)
        assert case.view().received_at == received_at == case.entries()[0].at, what
        assert case.view().status is CaseStatus.OPEN and case.view().member_id == "MBR1000001", what
        assert len(remarks(case)) == 1, what
        assert (await lab.standing(case_id)).sentence


@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
async def test_a_start_of_a_number_that_is_not_on_file_keeps_no_later_start_from_beginning_its_case(
    process: Process, lab: Lab
) -> None:
    nothing, another = (f"{process.prefix}{code * 12}" for code in "AB")
    await start_as_sent(lab, process, nothing, [])
    await start_as_sent(lab, process, another, [as_json(process, another, await lab.now() - timedelta(days=400))])
    await lab.advance(hours=1)
    now = await lab.now()
    for case_id in (nothing, another):
        with lab.store.read() as s:
            assert cases.get(s, case_id) is None, "nothing begins before it is on file"
        await begin(lab, process, case_id, now)
    await lab.advance(minutes=2)
    for case in (LabCase(lab, nothing), LabCase(lab, another)):
        assert case.view().received_at == now == case.entries()[0].at
        assert len(remarks(case)) == 1


@workflow.defn(sandboxed=False)
class Stranger:
    """A workflow of somebody's own worker, which starts a case as its child."""

    @workflow.run
    async def run(self, name: str, start: dict[str, Any], case_id: str) -> None:
        abandon = workflow.ParentClosePolicy.ABANDON
        await workflow.start_child_workflow(name, start, id=case_id, task_queue=TASK_QUEUE, parent_close_policy=abandon)


async def start_as_child(lab: Lab, process: Process, case_id: str, start: dict[str, Any], parent: str) -> None:
    async with Worker(lab.client, task_queue="strangers", workflows=[Stranger]):
        arguments = [process.workflow, start, case_id]
        await lab.client.execute_workflow("Stranger", args=arguments, id=parent, task_queue="strangers")
    lab.handle(case_id)


async def test_a_case_that_a_stranger_starts_as_a_child_is_told_by_its_file_like_any_other(lab: Lab) -> None:
    process = PROCESSES["callback"]
    filed, unfiled = (f"{process.prefix}{code * 12}" for code in "AB")
    now = await lab.now()
    lab.put_on_file(process.workflow, process.start(filed, now), filed)
    for case_id in (filed, unfiled):
        forged = as_json(process, case_id, now - timedelta(days=400))
        await start_as_child(lab, process, case_id, forged, f"stranger-{case_id}")
    await lab.advance(minutes=2)
    with lab.store.read() as s:
        assert cases.get(s, unfiled) is None, "nothing begins before it is on file"
    later = await lab.now()
    await begin(lab, process, unfiled, later)
    await lab.advance(minutes=2)
    for case, at in ((LabCase(lab, filed), now), (LabCase(lab, unfiled), later)):
        assert case.view().received_at == at == case.entries()[0].at and len(remarks(case)) == 1


async def test_a_child_without_a_file_is_believed_where_its_parent_is_an_open_case(lab: Lab) -> None:
    process = PROCESSES["callback"]
    child, orphan, parent, ahead = (f"{process.prefix}{code * 12}" for code in "ABCD")
    now = await lab.now()
    await lab.begin(process.workflow, process.start(parent, now), parent)
    await lab.handle(parent).terminate()
    lab.put_on_file(process.workflow, process.start(ahead, now), ahead)
    for number, starter in ((child, parent), (orphan, ahead)):
        await start_as_child(lab, process, number, as_json(process, number, now - timedelta(hours=1)), starter)
    await lab.settle()
    case = LabCase(lab, child)
    assert case.view().received_at == now - timedelta(hours=1) and not remarks(case)
    assert not LabCase(lab, orphan).entries(), "a case that has not begun has started none"


async def begin(lab: Lab, process: Process, case_id: str, at: datetime) -> None:
    """Start the case as intake does."""
    start: Any = process.start(case_id, at)
    await case_client.start_case(await lab.services(), process.workflow, start)


async def test_a_run_that_calls_itself_a_restart_begins_nothing_that_is_not_on_file(lab: Lab) -> None:
    process = next(iter(PROCESSES.values()))
    case_id = f"{process.prefix}{'C' * 12}"
    start = as_json(process, case_id, await lab.now() - timedelta(days=400))
    memo = {restart.MEMO: "terminated"}
    await lab.client.start_workflow(process.workflow, start, id=case_id, task_queue=TASK_QUEUE, memo=memo)
    await lab.advance(hours=1)
    with lab.store.read() as s:
        assert journal.entries(s, case_id) == ()


async def test_an_honest_start_is_not_remarked_upon(lab: Lab) -> None:
    for process in PROCESSES.values():
        case_id = f"{process.prefix}{CODES[0] * 12}"
        await lab.begin(process.workflow, process.start(case_id, await lab.now()), case_id)
        assert LabCase(lab, case_id).entries() and not remarks(LabCase(lab, case_id)), process.workflow


async def test_a_claim_that_was_kept_is_reviewed_from_its_receipt_however_its_review_is_started(lab: Lab) -> None:
    services = dataclasses.replace(await lab.services(), temporal=None)
    given: Sequence[Sequence[Any]] = ([], ["begin"], [{"received_at": "2020-01-01T00:00:00Z"}], [None, None])
    begun = []
    for number, arguments in enumerate(given):
        kept = await claims.submit_claim(services, claim(billed_line(), claim_number=f"C-{number}"), Channel.API)
        assert kept.case_id is not None
        await start_as_sent(lab, Process("RetrospectiveReview", "RR-"), kept.case_id, arguments)
        begun.append(LabCase(lab, kept.case_id))
    await lab.settle()
    for case in begun:
        assert case.view().received_at == services.clock() and len(remarks(case)) == 1


async def test_a_run_of_another_process_under_the_number_of_a_case_goes_on_as_that_case(lab: Lab) -> None:
    case_id = f"CB-{CODES[0] * 12}"
    for wrong in ("ConcernProcess", "PriorAuthorization"):
        number = case_id if wrong == "ConcernProcess" else case_id.replace("A", "B")
        await lab.client.start_workflow(wrong, id=options.workflow_id(number), task_queue=TASK_QUEUE)
        lab.handle(number)
        await lab.settle()
        now = await lab.now()
        await begin(lab, PROCESSES["callback"], number, now)
        await lab.advance(minutes=2)
        assert LabCase(lab, number).view().process == "callback"
        assert LabCase(lab, number).view().received_at == now
        described = await lab.handle(number).describe()
        assert (described.workflow_type, described.status) == ("Callback", WorkflowExecutionStatus.RUNNING)


async def test_a_discharge_plan_that_somebody_started_first_begins_with_the_stay_that_it_accompanies(lab: Lab) -> None:
    stay = LabStay(lab, "ST-AAAABBBBCCCC", "MBR1000001", await lab.now(), "America/Chicago")
    plan = plan_number(stay.case_id)
    await start_as_sent(lab, PROCESSES["discharge plan"], plan, [None])
    await lab.settle()
    await stay.admitted()
    await lab.advance(minutes=2)
    begun = LabCase(lab, plan)
    assert begun.view().member_id == "MBR1000001" and len(remarks(begun)) == 1


async def test_a_case_whose_run_was_ended_goes_on_as_it_stood_whoever_starts_it(lab: Lab) -> None:
    process = PROCESSES["callback"]
    case_id = f"CB-{CODES[0] * 12}"
    await lab.begin(process.workflow, process.start(case_id, await lab.now()), case_id)
    case = LabCase(lab, case_id)
    before = case.entries()
    await lab.handle(case_id).terminate()
    await lab.advance(hours=1)
    await start_as_sent(lab, process, case_id, [])
    await lab.settle()
    assert case.entries()[: len(before)] == before and case.entries("case_restarted")
    assert case.view().status is CaseStatus.OPEN
