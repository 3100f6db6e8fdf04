"""Benchmark `python -m bench.web` (`make bench-web`): how fast pages are at 100,000 open and 1,000,000 finished tasks.

The data is loaded straight into the read models of a store of its own: a file of SQLite, or a PostgreSQL server of its own for
the run where the machine has its binaries. Pages are asked from the application in this process, through the whole of it
(session, rights, queries, template), one after another, so that the figures are those of the server and not of a load on it.
Before that, decisions are signed by the pages of a web server of its own (`bench.web_acts`).
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx

from bench.load import percentile
from bench.report import table
from bench.web_acts import measure_acts
from bench.web_data import DataSize, load_read_models
from engine.edge_clock import now
from engine.settings import TASK_QUEUE
from engine.web_settings import Mode, WebSettings
from rulebook.rulebook import Rulebook, load_rulebook
from services.context import ServiceContext
from store.seed import load_plan
from store.session import Store, open_store
from tests.store import throwaway_postgres
from tests.web.browsers import WebClient
from web.app import build_app
from web.context import WebContext
from web.security import synthetic_people

PLAN = Path(__file__).resolve().parent.parent / "samples" / "plan" / "example_health.yaml"
QUICK, FULL = DataSize(2_000, 5_000, 500), DataSize(100_000, 1_000_000, 50_000)
AIM_MS = 100.0
PAGES: Mapping[str, tuple[str, str]] = {
    "worklist, all I may do": ("nurse.adams", "/worklist"),
    "worklist, mine": ("nurse.adams", "/worklist?who=mine"),
    "worklist, unassigned": ("nurse.adams", "/worklist?who=open"),
    "worklist, team": ("supervisor.bell", "/worklist?who=team"),
    "worklist, unassigned, of a supervisor": ("supervisor.bell", "/worklist?who=open"),
    "worklist of a physician": ("md.ortho.chen", "/worklist"),
    "worklist of a role with little work": ("compliance.ortiz", "/worklist"),
    "worklist, line of business": ("nurse.adams", "/worklist?lob=medicaid"),
    "worklist, kind": ("supervisor.bell", "/worklist?who=team&kind=missed_clock"),
    "worklist, urgency and State": ("nurse.adams", "/worklist?urgency=expedited&state=NY"),
    "worklist, specialty": ("supervisor.bell", "/worklist?who=team&specialty=dermatology"),
    "worklist, filters that nothing matches": ("nurse.adams", "/worklist?state=WY&lob=chip"),
    "worklist, a member": ("nurse.adams", "/worklist?who=team&q={member}"),
    "worklist, a page deep in it": ("nurse.adams", "/worklist?after={deep}"),
    "worklist, the last pages": ("supervisor.bell", "/worklist?who=team&after={last}"),
    "worklist, refresh": ("nurse.adams", "/worklist?part=rows"),
    "case": ("nurse.adams", "/cases/{case}"),
    "find, a case number": ("nurse.adams", "/find?q={case}"),
    "find, a member's name": ("nurse.adams", "/find?q={name}"),
    "find, a provider with many cases": ("nurse.adams", "/find?q={provider}"),
    "worklist, a provider": ("supervisor.bell", "/worklist?who=team&q={provider}"),
    "inbox": ("intake.kim", "/inbox"),
    "oversight, clocks at risk": ("supervisor.bell", "/oversight/clocks"),
}
"""The pages that are asked for: by whom, and at which address."""


def main(argv: list[str] | None = None) -> None:
    """The command. Exit code 1 when a page is not answered."""
    parser = argparse.ArgumentParser(prog="python -m bench.web", description="How fast pages are with a lot of work.")
    parser.add_argument("--quick", action="store_true", help="2,000 open and 5,000 finished tasks: less than a minute")
    parser.add_argument("--open", type=int, help="number of open tasks")
    parser.add_argument("--finished", type=int, help="number of finished tasks")
    parser.add_argument("--rounds", type=int, default=60, help="times that each page is asked for; 0: none")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one database instead of both")
    parser.add_argument("--acts", type=int, default=20, help="decisions that are signed by pages; 0 for none")
    parser.add_argument("--in-flight", type=int, default=4, help="cases at a time on the way to their signature")
    given = parser.parse_args(argv)
    if given.acts:
        _say(_sign(given.acts, given.in_flight))
    if given.rounds == 0:
        return
    plain = QUICK if given.quick else FULL
    size = DataSize(given.open or plain.open_tasks, given.finished or plain.finished_tasks, plain.members)
    book = load_rulebook({})
    for name, url in _databases(given.only):
        with url as address:
            if address is None:
                _say(f"{name}: {throwaway_postgres.unavailable_reason()}; left out.")
                continue
            _say(asyncio.run(_measure(name, address, size, given.rounds, book)))


def _sign(number: int, in_flight: int) -> str:
    home = Path(tempfile.mkdtemp(prefix="umpire-bench-web-"))
    try:
        return asyncio.run(measure_acts(home, number, in_flight)).told(in_flight) + "\n"
    except (TimeoutError, RuntimeError) as error:
        sys.exit(f"bench: {str(error) or 'a case did not go on in time'}")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _databases(only: str | None) -> Iterator[tuple[str, AbstractContextManager[str | None]]]:
    for name, address in (("SQLite", _file()), ("PostgreSQL", _server())):
        if only in (None, name.lower()):
            yield name, address


async def _measure(name: str, url: str, size: DataSize, rounds: int, book: Rulebook) -> str:
    store = open_store(url)
    store.create()
    load_plan(store, PLAN)
    started = time.perf_counter()
    places = load_read_models(store, size, now())
    with store.begin() as s:
        synthetic_people.create_accounts(s)
    seconds = time.perf_counter() - started
    rows = await _ask_all(store, book, places, rounds)
    store.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    title = f"{name}: {size.open_tasks:,} open and {size.finished_tasks:,} finished tasks, loaded in {seconds:.0f} s"
    worst = max(float(row[3]) for row in rows)
    busiest = max(float(row[6]) for row in rows)
    verdict = (
        f"The slowest p95 is {worst:.0f} ms, of processor time {busiest:.0f} ms; the aim is {AIM_MS:.0f} ms. "
        f"Memory of this process, which also made the data: {memory:.0f} MiB."
    )
    shown = table(("page", "status", "p50 ms", "p95 ms", "p99 ms", "CPU p50", "CPU p95", "KB"), rows)
    return f"{title}\n\n{shown}\n\n{verdict}\n"


async def _ask_all(store: Store, book: Rulebook, places: Mapping[str, str], rounds: int) -> list[tuple[str, ...]]:
    deciders = tuple(book.review.deciders.values())
    services = ServiceContext(
        store, None, TASK_QUEUE, lobs=book.lobs, facts=book.criteria.dictionary, deciders=deciders
    )
    app = build_app(WebContext(WebSettings("127.0.0.1", 9080, Mode.DEVELOPMENT), services, book))
    rows: list[tuple[str, ...]] = []
    clients: dict[str, WebClient] = {}
    for page, (who, address) in PAGES.items():
        if who not in clients:
            http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")
            clients[who] = WebClient(http, who)
        rows.append(await _ask(clients[who], page, address.format(**places), rounds))
    for client in clients.values():
        await client.http.aclose()
    return rows


async def _ask(client: WebClient, page: str, address: str, rounds: int) -> tuple[str, ...]:
    answer = await client.get(address)
    taken: list[float] = []
    busy: list[float] = []
    for _ in range(rounds):
        started, worked = time.perf_counter(), time.process_time()
        await client.http.get(address)
        taken.append((time.perf_counter() - started) * 1000)
        busy.append((time.process_time() - worked) * 1000)
    told: Sequence[float] = [
        *(percentile(taken, share) for share in (0.5, 0.95, 0.99)),
        *(percentile(busy, share) for share in (0.5, 0.95)),
    ]
    size = len(answer.content) / 1000
    return (page, str(answer.status_code), *(f"{one:.1f}" for one in told), f"{size:.0f}")


@contextmanager
def _file() -> Iterator[str | None]:
    home = Path(tempfile.mkdtemp(prefix="umpire-bench-web-"))
    try:
        yield f"sqlite:///{home / 'umpire.db'}"
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _server() -> Iterator[str | None]:
    if throwaway_postgres.unavailable_reason() is not None:
        yield None
        return
    with throwaway_postgres.cluster() as address:
        yield address.format(name="postgres")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
