"""The work of every worker beside its tasks: kept arrivals go on, lost cases come back, and its health is the proof of work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from demo.time_skipping_lab import Lab
from domain.vocabulary import Channel
from engine import edge_clock
from engine.embedded import find_free_port
from engine.health import HealthServer, Pulse
from intake.submission import submit
from services.context import SubmissionStatus
from store import installation
from tests.paths import SAMPLES
from tests.test_worker import asked
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase
from worker import watch_over_cases


@asynccontextmanager
async def watched(lab: Lab) -> AsyncIterator[None]:
    watching = asyncio.create_task(watch_over_cases(await lab.services(), 0.01, 0.01))
    yield
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_a_request_kept_while_temporal_was_away_is_started_by_a_worker(lab: Lab) -> None:
    away = replace(await lab.services(), temporal=None)

    raw = (SAMPLES / "requests" / "home-oxygen-complete.json").read_bytes()
    kept = await submit(away, raw, Channel.FHIR_PAS)
    assert kept.kind is SubmissionStatus.STORED and kept.case_id is not None
    async with watched(lab):
        while not LabCase(lab, kept.case_id).entries("request_received"):
            await lab.now()
    assert LabCase(lab, kept.case_id).view().received_at == kept.received_at


async def test_a_case_whose_workflow_was_terminated_is_brought_back_by_a_worker(lab: Lab) -> None:
    services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    await lab.handle(services.case_id).terminate()
    async with watched(lab):
        while not services.entries("case_restarted"):
            await lab.now()


async def test_a_round_that_fails_does_not_end_the_watch(lab: Lab) -> None:
    services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    await lab.handle(services.case_id).terminate()
    context = await lab.services()
    failures = iter([True])

    def clock_that_fails_once():  # type: ignore[no-untyped-def]
        if next(failures, False):
            raise OSError
        return context.clock()

    watching = asyncio.create_task(watch_over_cases(replace(context, clock=clock_that_fails_once), 0.01, 0.0))
    while not services.entries("case_restarted"):
        await lab.now()
    watching.cancel()


async def test_health_is_503_until_there_is_proof_of_work_and_again_when_there_is_none() -> None:
    works = False

    async def beat() -> None:
        if not works:
            raise OSError

    port, pulse = find_free_port(), Pulse("store", beat, every=0.01, lasts=0.2)
    async with HealthServer(port, (), [pulse]):
        assert b"503" in (first := await asked(port, "/healthz")) and b"not working: store" in first
        works = True
        while b"200 OK" not in await asked(port, "/healthz"):
            pass
        works = False
        while b"503" not in await asked(port, "/healthz"):
            pass


def test_a_heartbeat_is_a_write_and_the_last_one_stays(lab: Lab) -> None:

    for _ in range(2):
        with lab.store.begin() as s:
            installation.record_heartbeat(s, edge_clock.now())
    with lab.store.read() as s:
        assert installation.get(s, "heartbeat")
