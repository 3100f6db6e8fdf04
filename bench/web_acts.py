"""Acts per second to a signed decision: the web server, a worker and the dev server as processes, and people at the pages.

Each case is a surgery whose criteria are not met. A nurse claims and refers it and records the call; a physician claims it,
opens its record, and signs with the password. Every act is a form sent by its page, so that reading pages is part of the time.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import httpx

from bench.load import percentile
from bench.processes import Server, WorkerProcess, rss_kib
from bench.worker_process import settings
from domain.vocabulary import Channel
from engine import embedded
from engine.client import connect
from engine.settings import TASK_QUEUE
from intake.submission import submit
from rulebook.rulebook import load_rulebook
from services.context import ServiceContext
from store import cases, documents, tasks
from store.seed import load_plan
from store.session import Store, open_store
from tests.web.browsers import WebClient
from web.security.synthetic_people import PASSWORD

_ROOT = Path(__file__).resolve().parent.parent
_REQUEST = _ROOT / "samples" / "requests" / "lumbar-fusion.json"
_PLAN = _ROOT / "samples" / "plan" / "example_health.yaml"
_FIRST_DAY = date(2027, 2, 1)
_NURSE, _PHYSICIAN = "nurse.adams", "md.ortho.chen"
_PATIENCE = 60.0
_LOOKS = 60
_ANSWER = re.compile(r'name="(answer\.[^"]+)"')
_TEXTS = {
    "asked.1": "Fusion of one joint of the lower spine.",
    "plain.1": "Medicare covers this surgery after 12 months of other treatment, such as physical therapy. "
    "The records that your doctor sent show 6 months of physical therapy so far.",
    "rule.1": "Spine fusion for a curve of the spine is covered after 12 months of other treatment.",
    "change.1": "Records that show 12 months of treatment without surgery.",
    "gap.1": "Six months of treatment are missing.",
}


@dataclass
class ActsMeasured:
    """Measurements of a run: acts done, seconds in all and of each case, milliseconds of each look at the page of a decided
    case, and KiB of the web process before and after."""

    acts: int = 0
    wall: float = 0
    signed: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    at_start: int = 0
    at_end: int = 0

    def told(self, in_flight: int) -> str:
        """The figures in words."""
        p50, p95 = percentile(self.signed, 0.5), percentile(self.signed, 0.95)
        shown = ", ".join(f"p{share * 100:.0f} {percentile(self.pages, share):.0f} ms" for share in (0.5, 0.95, 0.99))
        return (
            f"{len(self.signed)} decisions signed by pages, {in_flight} cases at a time: "
            f"{self.acts / self.wall:.1f} acts a second; from claim to signature p50 {p50:.1f} s, p95 {p95:.1f} s.\n"
            f"The page of a decided case, with journal, criteria, record and letters: {shown}.\n"
            f"Memory of the web process alone: {self.at_start / 1024:.0f} MiB at its start, {self.at_end / 1024:.0f} MiB after."
        )


async def measure_acts(home: Path, number: int, in_flight: int) -> ActsMeasured:
    """Sign so many decisions. Raises RuntimeError when a page refuses an act, TimeoutError when a case does not go on."""
    store = open_store(f"sqlite:///{home / 'umpire.db'}")
    store.create()
    load_plan(store, _PLAN)
    server = Server(home)
    worker, web = None, None
    try:
        client = await connect(settings(server.address, home))
        worker = WorkerProcess("cases", server.address, home, 16)
        services = ServiceContext(store, client, TASK_QUEUE, lobs=load_rulebook({}).lobs)
        opened = [await _open(services, one) for one in range(number + 1)]
        address, web = _start_web(server.address, home)
        await _until_answered(address)
        desk = _Desk(store, address)
        # The first case signs both people in, and finds modules not loaded and nothing compiled: it is no measure.
        await desk.sign(opened[0])
        found, waiting = ActsMeasured(at_start=rss_kib(web.pid)), iter(opened[1:])
        began = time.perf_counter()

        async def one_after_the_other() -> None:
            for case_id in waiting:
                since = time.perf_counter()
                done = await desk.sign(case_id)
                found.acts += done
                found.signed.append(time.perf_counter() - since)

        await asyncio.gather(*(one_after_the_other() for _ in range(in_flight)))
        found.wall = time.perf_counter() - began
        found.pages = [await desk.look_at(opened[0]) for _ in range(_LOOKS)]
        found.at_end = rss_kib(web.pid)
        return found
    finally:
        for process in (web, worker):
            if process is not None:
                process.terminate() if isinstance(process, subprocess.Popen) else process.stop()
        server.stop()
        store.close()


class _Desk:
    """A nurse and a physician, each with a browser."""

    def __init__(self, store: Store, address: str) -> None:
        self._store = store
        self._nurse, self._physician = (
            WebClient(httpx.AsyncClient(base_url=address, timeout=_PATIENCE), who) for who in (_NURSE, _PHYSICIAN)
        )

    async def sign(self, case_id: str) -> int:
        """Bring the case from the nurse's claim to a signed decision; the number of acts."""
        first, second = f"/tasks/{case_id}-T1", f"/tasks/{case_id}-T2"
        page, call = f"/cases/{case_id}", f"/cases/{case_id}/peer-to-peer"
        await _until(lambda: self._has_task(f"{case_id}-T1"))
        await _send(self._nurse, f"{first}/claim", page)
        said = {
            "outcome": "refer",
            "then": "only",
            "refer.recommendation": "6 of 12 months of treatment are documented.",
        }
        await _send(self._nurse, first, page, **said)
        await _until(lambda: self._has_task(f"{case_id}-T2"))
        told = {"result": "held", "person": "Dr. Okonjo", "phone": "704-555-0160", "said": "No more records."}
        await _send(self._nurse, f"{call}/result", call, **told)
        await _send(self._physician, f"{second}/claim", page)
        with self._store.read() as s:
            records = [one.document_id for one in documents.of_case(s, case_id)]
        for record in records:
            (await self._physician.get(f"{page}/documents/{record}")).raise_for_status()
        decision = f"{second}/decision"
        asked = set(_ANSWER.findall((await self._physician.get(decision)).text))
        answers = dict.fromkeys(asked, "not_met")
        notes = {name.replace("answer.", "note.", 1): "6 months of physical therapy are documented." for name in asked}
        signed = {"outcome.1": "denied", "free": "yes", "attested": "yes", "password": PASSWORD, **_TEXTS}
        await _send(self._physician, f"{decision}/sign", decision, **signed, **answers, **notes)
        await _until(lambda: self._is_decided(case_id))
        return 5 + len(records)

    async def look_at(self, case_id: str) -> float:
        """The milliseconds of one look at the case's page."""
        since = time.perf_counter()
        (await self._physician.get(f"/cases/{case_id}")).raise_for_status()
        return (time.perf_counter() - since) * 1e3

    def _has_task(self, task_id: str) -> bool:
        with self._store.read() as s:
            return tasks.get(s, task_id) is not None

    def _is_decided(self, case_id: str) -> bool:
        with self._store.read() as s:
            view = cases.get(s, case_id)
        return view is not None and view.decided_at is not None


async def _send(client: WebClient, address: str, page: str, **fields: object) -> None:
    answer = await client.post(address, page, **fields)
    if answer.status_code != 303:
        why = re.sub(r"<[^>]*>|\s+", " ", answer.text)
        raise RuntimeError(
            f"{address.rsplit('/', 1)[-1]} was answered {answer.status_code}: {' '.join(why.split())[:2000]}"
        )


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def _open(services: ServiceContext, number: int) -> str:
    """Submit the sample with a number and days of its own; the number of its case."""
    asked = json.loads(_REQUEST.read_text(encoding="utf-8"))
    day = (_FIRST_DAY + timedelta(days=number)).isoformat()
    lines = [{**line, "start": day, "end": day} for line in asked["lines"]]
    own = {"submission_id": f"BENCH-{number:06}", "trace_numbers": [f"BENCH-{number:06}"], "lines": lines}
    outcome = await submit(services, json.dumps(asked | own).encode(), Channel.API)
    if outcome.case_id is None:
        raise RuntimeError(f"a request did not become a case: {outcome.says}")
    return outcome.case_id


def _start_web(temporal: str, home: Path) -> tuple[str, subprocess.Popen[bytes]]:
    """The web server as a process of its own, and its address."""
    port = str(embedded.find_free_port())
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    own = {
        "TEMPORAL_ADDRESS": temporal,
        "UMPIRE_HOME": str(home),
        "UMPIRE_WEB_PORT": port,
        "UMPIRE_MODE": "development",
    }
    with (home / "web.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "web"], env=kept | own, cwd=_ROOT, stdout=log, stderr=log)
    return f"http://127.0.0.1:{port}", process


async def _until_answered(address: str) -> None:
    async with asyncio.timeout(_PATIENCE), httpx.AsyncClient(base_url=address) as http:
        while True:
            try:
                await http.get("/sign-in")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
