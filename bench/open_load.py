"""Load of `bench.open`: cases at the nurse, stays with their plans, people who claim, and the questions that lists ask."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from bench import requests
from bench.stays import open_stay
from domain.vocabulary import Channel, Role
from engine import edge_clock
from intake.submission import submit
from services.commands import case_actions
from services.context import CommandStatus, ServiceContext
from services.principals import Principal
from services.queries import case_lists, worklists
from store import directory, tables
from store.cases import CaseSelection
from store.session import Store
from store.worklist import tables as worklist_tables

NURSE = "nurse.adams"
EXPEDITED_HOURS = 72
STAY_EVERY = 10
"""One stay, with its discharge plan, for so many cases."""
_SAMPLE = json.loads(
    (Path(__file__).resolve().parent.parent / "samples" / "requests" / "lumbar-fusion.json").read_text(encoding="utf-8")
)
_MEMBER = "MBR1000011"


def member_id(number: int) -> str:
    return f"MBR8{number:06d}"


def fill_members(store: Store, numbers: range) -> None:
    """Members like the one of the sample request, each with a coverage of their own."""
    with store.begin() as s:
        member = directory.member(s, _MEMBER)
        (coverage,) = directory.coverages(s, _MEMBER)
        assert member is not None
        for number in numbers:
            mine = member_id(number)
            directory.put_member(s, member.model_copy(update={"member_id": mine}))
            directory.put_coverage(s, coverage.model_copy(update={"member_id": mine, "coverage_id": f"COV-{mine}"}))


async def open_case(services: ServiceContext, number: int, received_at: datetime | None = None) -> str:
    """Submit the sample in the name of member `number`; expedited, and received then, if an instant (UTC) is given."""
    own: dict[str, object] = {
        "submission_id": f"OPEN-{number:07d}",
        "trace_numbers": [f"OPEN-{number:07d}"],
        "member": {**_SAMPLE["member"], "member_id": member_id(number)},
    }
    if received_at is not None:
        own["urgency"] = {"urgency": "expedited", "asked_by": "provider", "physician_statement": True}
    outcome = await submit(services, json.dumps(_SAMPLE | own).encode(), Channel.API, None, received_at)
    if outcome.case_id is None:
        raise RuntimeError(f"a request did not become a case: {outcome.says} {'; '.join(map(str, outcome.problems))}")
    return outcome.case_id


async def open_stay_of(services: ServiceContext, number: int) -> None:
    """Open a stay under observation that asks nothing within days, and with it its plan."""
    await open_stay(services.client(), services.store, number, edge_clock.now() + timedelta(days=2), 24 * 3)


async def in_flight(many: int, numbers: Sequence[int], operation: Callable[[int], Awaitable[object]]) -> None:
    """Run the operation for each number, so many at once."""
    waiting = iter(numbers)

    async def one_after_the_other() -> None:
        for number in waiting:
            await operation(number)

    await asyncio.gather(*(one_after_the_other() for _ in range(many)))


async def claim_and_release(services: ServiceContext, task_id: str, took: list[float]) -> None:
    """A nurse's claim of a task and its return; the milliseconds of each. Raises RuntimeError when one is refused."""
    for act in (case_actions.claim_task, case_actions.release_task):
        began = time.perf_counter()
        done = await act(services, task_id, NURSE)
        took.append((time.perf_counter() - began) * 1e3)
        if done.kind is CommandStatus.REFUSED:
            raise RuntimeError(f"{task_id}: {'; '.join(map(str, done.refusals))}")


def nurse_tasks(store: Store, limit: int, urgent: bool = False) -> list[str]:
    """Open tasks of nurses, of standard cases unless urgent ones are asked for."""
    t = worklist_tables.tasks
    wanted = [
        t.c.status == "open",
        t.c.role == Role.NURSE.value,
        t.c.urgency == ("expedited" if urgent else "standard"),
    ]
    with store.read() as s:
        return list(s.scalars(select(t.c.task_id).where(*wanted).order_by(t.c.task_id).limit(limit)))


def look_at_lists(store: Store) -> Iterator[tuple[str, float, float]]:
    """Ask each list for a page as a person does; its name, and the milliseconds by the clock and of this thread's CPU."""
    reader = Principal("bench", "Bench", "", reviewer_id=NURSE, roles=frozenset({Role.NURSE}))
    views = [(f"worklist, {view.value}", view) for view in worklists.WorkView]
    for name, view in views:
        with store.read() as s:
            began, cpu = time.perf_counter(), time.thread_time()
            worklists.load_worklist(s, reader, view, worklists.WorkFilters(), (), edge_clock.now())
            yield name, (time.perf_counter() - began) * 1e3, (time.thread_time() - cpu) * 1e3
    for name, wanted in (("cases", CaseSelection()), ("cases of a member", CaseSelection(member=member_id(7)))):
        with store.read() as s:
            began, cpu = time.perf_counter(), time.thread_time()
            case_lists.list_cases(s, wanted, 50, reader)
            yield name, (time.perf_counter() - began) * 1e3, (time.thread_time() - cpu) * 1e3


def count_entries(store: Store, kind: str, like: str = "%") -> int:
    """The journal's entries of a kind whose summary is like this."""
    j = tables.journal
    with store.read() as s:
        query = select(func.count()).select_from(j).where(j.c.kind == kind, j.c.summary.like(like))
        return int(s.execute(query).scalar_one())


def store_bytes(store: Store) -> int:
    """The size of the store on the disk."""
    database = store.engine.url.database
    if store.engine.dialect.name == "sqlite":
        return sum(Path(f"{database}{end}").stat().st_size for end in ("", "-wal") if Path(f"{database}{end}").exists())
    with store.read() as s:
        return int(s.execute(text("select pg_database_size(current_database())")).scalar_one())


def fill_plan(store: Store, cases: int) -> None:
    """The sample plan, members of so many cases, and those of the stays."""
    requests.fill_store(store, cases // STAY_EVERY + 2)
    for first in range(0, cases, 1000):
        fill_members(store, range(first, min(first + 1000, cases)))


def count_stays(store: Store) -> int:
    """The open cases that are stays or discharge plans."""
    c = tables.sheets
    with store.read() as s:
        return int(s.execute(select(func.count()).select_from(c)).scalar_one())
