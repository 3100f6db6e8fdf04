"""Workers die while a stay opens a review and hears its answer: one review, one answer, and no day is lost."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from demo.time_skipping_lab import prepared_store
from domain.cases.orders import CaseRun
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.journal import Actor
from domain.stays.adt import AdtKind, PatientClass, StayEvent
from domain.stays.messages import UPDATE_CONTENT_TYPE, ClinicalUpdate, StayEvidence
from domain.stays.start import AdtEventReceived, StayStart
from engine import binaries, edge_clock, options
from engine.client import data_converter
from engine.settings import TASK_QUEUE
from store import case_summaries, cases, documents, journal, requests
from store.session import Store, open_store
from tests.paths import ROOT
from tests.workflows.lab_stay import HOSPITAL, STAY

KEPT_AND_NOT_STARTED = "open_review:1"
REVIEW = "PA-" + STAY.removeprefix("ST-") + "-R1"
WARD = {"ip.order": True, "ip.expected_midnights": 3, "ip.expectation_factors_documented": True}


@pytest.mark.devserver
async def test_workers_that_die_while_a_round_is_opened_and_answered_lose_no_day(tmp_path: Path) -> None:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"), data_converter=data_converter({})
    )
    deadly = (KEPT_AND_NOT_STARTED, "record:2", "record:4", "record:6")
    async with environment:
        now = edge_clock.now()
        await tell(environment.client, store, now)
        deaths = await work_until_answered(store, environment.client, tmp_path, deadly)
    assert deaths == len(deadly)
    with store.read() as s:
        for case_id in (STAY, REVIEW):
            assert journal.verify(s, case_id) is None
        kinds = [entry.kind for entry in journal.entries(s, STAY)]
        reviews = [view.case_id for view in cases.find(s) if view.case_id.startswith("PA-")]
        determined = [entry.kind for entry in journal.entries(s, REVIEW)].count("determination_made")
        version = requests.load(s, REVIEW).version
        sheet = case_summaries.get(s, STAY)
    assert kinds.count("round_opened") == kinds.count("round_answered") == determined == version == 1
    assert reviews == [REVIEW]
    assert sheet is not None
    days = sheet.content["days"]
    assert [(row["answer"], row["review"]) for row in days] == [("certified", REVIEW)], "one answer for its days"
    store.close()


async def tell(client: Client, store: Store, now: datetime) -> None:
    """An admission, and the update with which its first days are approved by rule."""
    actor = Actor(kind="provider", id=HOSPITAL)
    admitted = StayEvent(
        event_id="E1",
        kind=AdtKind.ADMIT,
        happened_at=now,
        recorded_at=now,
        patient_class=PatientClass.INPATIENT,
        unit="Med-Surg",
        facility="MERIDIAN",
    )
    start = StayStart(stay_id=STAY, received_at=now, member_id="MBR1000001", facility_npi=HOSPITAL, facility="Meridian")
    with store.begin() as s:
        journal.keep_start(s, STAY, CaseRun(workflow="ConcurrentReview", start=start.model_dump_json()))
    handle = await client.start_workflow(
        "ConcurrentReview",
        start,
        id=options.workflow_id(STAY),
        task_queue=TASK_QUEUE,
        start_signal="tell_stay",
        start_signal_args=[AdtEventReceived(message_id="E1", at=now, actor=actor, event=admitted)],
    )
    source = FactSource(kind=SourceKind.DOCUMENT, reference="update")
    judged = FactSource(kind=SourceKind.CLINICIAN_JUDGMENT, reference="round", recorded_by="md.hosp.laurent")
    today = now.astimezone(ZoneInfo("America/Chicago")).date()
    facts = (
        *(Fact(id=name, value=value, effective=today, source=source) for name, value in WARD.items()),
        Fact(id="ip.hospital_care_needed", value=True, effective=today, source=judged),
    )
    with store.begin() as s:
        content = StayEvidence(facts=facts).model_dump_json().encode()
        update_id = documents.put(s, content, "Clinical update", UPDATE_CONTENT_TYPE, now).document_id
    update = ClinicalUpdate(message_id="U1", at=now, actor=actor, update_id=update_id)
    await client.get_workflow_handle(handle.id).signal("clinical_update", update)


async def work_until_answered(store: Store, client: Client, home: Path, deadly: tuple[str, ...]) -> int:
    """Start one worker after the other until the stay has heard its answer and all have died that should."""
    address = client.service_client.config.target_host
    deaths = 0
    while deaths < len(deadly) or not answered(store):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.workflows.dying_worker",
            str(home / "done"),
            *deadly,
            cwd=ROOT,
            env=os.environ | {"TEMPORAL_ADDRESS": address, "UMPIRE_HOME": str(home)},
        )
        ended = asyncio.create_task(process.wait())
        while not ended.done() and not (answered(store) and deaths == len(deadly)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        if not ended.done():
            process.terminate()
        deaths += await ended == 9
    return deaths


def answered(store: Store) -> bool:
    """Whether the stay's sheet says that its days have an answer."""
    with store.read() as s:
        sheet = case_summaries.get(s, STAY)
    return sheet is not None and bool(sheet.content["days"])
