"""A long stay with a review on every day: it stays small, and nothing is lost when it goes on in a new run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

import worker
from activities.case_records import CaseRecords
from activities.integrations.eligibility import DirectoryEligibility
from activities.integrations.file_outbox import FileOutbox
from demo.time_skipping_lab import Lab, laboratory, prepared_store, rulebook
from domain.authorization.start import AuthorizationStart
from domain.cases.messages import MessageResult, ReviewAnswered
from domain.cases.orders import CaseRun, RecordInput
from domain.cases.views import CaseStatus, LineView
from domain.discharge.start import DischargeStart
from domain.journal import UMPIRE, Actor, EntryDraft, EntryKind
from domain.requests.request import StayPurpose
from domain.stays.adt import AdtKind, PatientClass, StayEvent
from domain.stays.case import StayCase
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import ClinicalUpdate, StayMessage
from domain.stays.parts import DayStatus
from domain.stays.start import AdtEventReceived, StayStart
from domain.vocabulary import LineOutcome
from engine import binaries, edge_clock, options
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from store import journal
from store.session import Store, open_store
from tests.workflows.lab_stay import HOSPITAL, STAY, LabStay, new_stay
from worker import Dependencies, build_worker
from workflows.discharge_planning import DischargePlanning
from workflows.prior_authorization import PriorAuthorization
from workflows.steps.case import CaseWorkflow

FEW_EVENTS = 250
"""So long a history gets in these tests, so that a stay has many runs."""
MOST_CARRIED = 256 * 1024
MOST_OF_A_DAY = 1024
"""The most that a day may add to what is carried on, in bytes."""
NOTES = 3
MANY = 60


def approved_line(line_id: str) -> LineView:
    return LineView(
        line_id=line_id,
        code="0120",
        description="A day",
        route="approved",
        outcome=LineOutcome.APPROVED,
        decided_by="md.example",
    )


@workflow.defn(name="PriorAuthorization", sandboxed=False)
class ScriptedReview:
    """A review whose reviewers approve everything after an hour."""

    @workflow.run
    async def run(self, start: AuthorizationStart) -> str:
        parent = workflow.info().parent
        assert parent is not None
        await asyncio.sleep(3600)
        number = int(start.case_id.rpartition("-R")[2])
        lines = tuple(approved_line(str(n)) for n in (1, 2, 3))
        made = EntryDraft(
            seq=1,
            at=workflow.now(),
            kind=EntryKind.DETERMINATION_MADE,
            actor=UMPIRE,
            summary="Determination: approved.",
            data={"lines": [line.model_dump(mode="json") for line in lines]},
        )
        order = RecordInput(case_id=start.case_id, entries=(made,))
        await workflow.execute_activity_method(CaseRecords.record, order, **options.JOURNAL)
        answer = ReviewAnswered(
            message_id=f"{start.case_id}-answered",
            at=workflow.now(),
            actor=UMPIRE,
            case_id=start.case_id,
            purpose=StayPurpose.CONTINUED_STAY,
            round=number,
            status=CaseStatus.APPROVED,
            lines=(),
            decided_at=workflow.now(),
        )
        await workflow.get_external_workflow_handle(parent.workflow_id).signal("review_answered", answer)
        return answer.status.value


@workflow.defn(name="DischargePlanning", sandboxed=False)
class QuietPlan:
    """A discharge plan that listens."""

    @workflow.run
    async def run(self, start: DischargeStart) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    def tell_plan(self, message: dict[str, object]) -> None:
        """The stay changed."""


def is_long(process: CaseWorkflow[StayCase, StayMessage]) -> bool:
    """Long, and between two reviews: the test server's clock stops when a child ends after the run that started it."""
    return workflow.info().get_current_history_length() > FEW_EVENTS and process.case.round is None


@pytest.fixture
async def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lab]:
    """A lab whose reviews are scripted and whose histories count as long after a few events."""
    real = [one for one in worker.WORKFLOWS if one not in (PriorAuthorization, DischargePlanning)]
    monkeypatch.setattr(worker, "WORKFLOWS", [*real, ScriptedReview, QuietPlan])
    monkeypatch.setattr(CaseWorkflow, "should_continue_as_new", is_long)
    async with laboratory(tmp_path) as lab:
        yield lab


@pytest.mark.many
@pytest.mark.parametrize("days", [30, 120])
async def test_a_stay_with_a_review_on_every_day_stays_small_and_loses_nothing(ward: Lab, days: int) -> None:
    stay = await new_stay(ward)
    await stay.tell(AdtKind.ADMIT, patient_class=PatientClass.INPATIENT, unit="Med-Surg")
    for number in range(days):
        await burst(stay, number)
        await ward.advance(days=1)
    await stay.discharged()

    runs = await histories(ward)
    assert len(runs) > days // 6, "the stay should have gone on in new runs"
    heard = [entry.data["event"]["event_id"] for entry in stay.entries("stay_event")]
    assert {f"N{number}-{n}" for number in range(days) for n in range(NOTES)} <= set(heard)
    assert len(heard) == len(set(heard)), "an event was taken in twice"
    assert len(stay.entries("update_received")) == days, "an update was lost or heard twice"
    with ward.store.read() as s:
        assert journal.verify(s, stay.case_id) is None

    answers = [stay.answer(stay.day(number)) for number in range(days)]
    assert answers == [(DayStatus.CERTIFIED, LevelOfCare.INPATIENT_WARD)] * days
    rounds = stay.entries("round_opened")
    assert days // 2 <= len(rounds) == len(stay.entries("round_answered"))

    sizes = carried(runs)
    assert max(sizes) < MOST_CARRIED
    later = sizes[len(sizes) // 2 :]
    assert later[-1] - later[0] < MOST_OF_A_DAY * days, "a stay grows by the answers of its days and no more"
    await replays(runs)


async def burst(stay: LabStay, number: int) -> None:
    """One day's messages, all at once: the update, and the hospital's notes that change nothing."""
    now, lab = await stay.lab.now(), stay.lab
    handle = lab.client.get_workflow_handle(options.workflow_id(stay.case_id))
    actor = Actor(kind="provider", id=HOSPITAL)
    update = ClinicalUpdate(
        message_id=f"U{number}", at=now, actor=actor, update_id=await stay.keep({}), through=stay.day(number)
    )
    told = [note(f"N{number}-{n}", now) for n in range(NOTES)]
    await asyncio.gather(
        handle.signal("clinical_update", update), *(handle.signal("tell_stay", message) for message in told)
    )


async def histories(lab: Lab) -> list[WorkflowHistory]:
    """The histories of all runs of the stay, the first one first."""
    workflow_id, found = options.workflow_id(STAY), []
    run_id: str | None = (await lab.client.get_workflow_handle(workflow_id).describe()).run_id
    while run_id:
        history = await lab.client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        found.append(history)
        run_id = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return found[::-1]


def carried(runs: list[WorkflowHistory]) -> list[int]:
    """The bytes with which each run was started."""
    starts = [run.events[0].workflow_execution_started_event_attributes for run in runs]
    return [sum(len(payload.data) for payload in start.input.payloads) for start in starts]


async def replays(runs: list[WorkflowHistory]) -> None:
    replayer = Replayer(workflows=worker.WORKFLOWS, workflow_runner=worker.RUNNER, data_converter=data_converter({}))
    for run in runs:
        await replayer.replay_workflow(run)


# -- messages that come while it goes on -------------------------------------------------------------------------------


@pytest.mark.devserver
async def test_what_a_hospital_says_while_a_stay_goes_on_in_a_new_run_is_heard_once(tmp_path: Path) -> None:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    dependencies = Dependencies(store, rulebook(), DirectoryEligibility(store), FileOutbox(tmp_path / "outbox"))
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"),
        dev_server_extra_args=["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=60"],
        data_converter=data_converter({}),
    )
    async with environment, build_worker(environment.client, dependencies, TASK_QUEUE):
        now = edge_clock.now()
        start = StayStart(
            stay_id=STAY, received_at=now, member_id="MBR1000001", facility_npi=HOSPITAL, facility="Meridian"
        )
        with store.begin() as s:
            journal.keep_start(s, STAY, CaseRun(workflow="ConcurrentReview", start=start.model_dump_json()))
        handle = await environment.client.start_workflow(
            "ConcurrentReview",
            start,
            id=options.workflow_id(STAY),
            task_queue=TASK_QUEUE,
            start_signal="tell_stay",
            start_signal_args=[note("N0", now)],
        )
        handle = environment.client.get_workflow_handle(handle.id)
        first = (await handle.describe()).run_id
        for number in range(1, MANY):
            message = note(f"N{number}", edge_clock.now())
            if number % 4 == 0:
                answer = await handle.execute_update("act", message, id=message.message_id, result_type=MessageResult)
                assert answer.accepted
            else:
                await handle.signal("tell_stay", message)
        # An answer comes before the journal has it. The test's timeout ends this.
        while len(heard(store)) < MANY:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        # The new run begins when nothing is left to do, which is after the last of them was written down.
        while (await handle.describe()).run_id == first:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        with store.read() as s:
            assert journal.verify(s, STAY) is None
    assert sorted(heard(store)) == sorted(f"N{number}" for number in range(MANY))
    store.close()


def note(event_id: str, at: datetime) -> AdtEventReceived:
    """An update of the hospital that changes nothing, or, the first time, lets the stay begin."""
    event = StayEvent(
        event_id=event_id,
        kind=AdtKind.UPDATE,
        happened_at=at,
        recorded_at=at,
        patient_class=PatientClass.INPATIENT,
        unit="Med-Surg",
        facility="MERIDIAN",
    )
    return AdtEventReceived(message_id=event_id, at=at, actor=Actor(kind="provider", id=HOSPITAL), event=event)


def heard(store: Store) -> list[str]:
    with store.read() as s:
        found = journal.entries(s, STAY)
    return [str(entry.data["event"]["event_id"]) for entry in found if entry.kind == "stay_event"]
