"""Connections to PostgreSQL are ended in the middle of activities: each is tried again, nothing is lost or done twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from demo.time_skipping_lab import PLAN, Lab, laboratory
from domain.cases.views import CaseStatus
from store import journal, letters
from store.seed import load_plan
from store.session import Store, open_store
from tests.store import throwaway_postgres
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase

pytestmark = pytest.mark.postgres
ENDED_BEFORE = {2, 3, 5, 8, 9, 13, 21, 22, 23, 34, 40}
"""Commits of the worker that lose their connection; the first tries of a step, and repeats of it."""


@pytest.fixture
def store() -> Iterator[Store]:
    if (why := throwaway_postgres.unavailable_reason()) is not None:
        pytest.skip(why)
    with throwaway_postgres.cluster() as url:
        store = open_store(url.format(name="postgres"))
        store.create()
        load_plan(store, PLAN)
        yield store
        store.close()


@pytest.fixture
async def lab(tmp_path: Path, store: Store) -> AsyncIterator[Lab]:
    async with laboratory(tmp_path, store=store) as lab:
        yield lab


class Administrator:
    """Ends the connection of every transaction of `ENDED_BEFORE`, by their order, right before its commit."""

    def __init__(self, store: Store) -> None:
        self._store, self.commits, self.ended = store, 0, 0

    def __call__(self, connection: Connection) -> None:
        if connection.engine is self._store.engine:  # readers commit, too, and nothing hangs on it
            return
        self.commits += 1
        if self.commits in ENDED_BEFORE:
            self.ended += 1
            raw: Any = connection.connection.dbapi_connection
            with self._store.engine.connect() as other:
                other.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": raw.info.backend_pid})


@contextmanager
def administrator(store: Store) -> Iterator[Administrator]:
    acting = Administrator(store)
    event.listen(store.engine, "commit", acting)
    try:
        yield acting
    finally:
        event.remove(store.engine, "commit", acting)


async def test_a_case_whose_transactions_lose_their_connections_goes_on_as_if_nothing_had_happened(lab: Lab) -> None:
    with administrator(lab.store) as acting:
        case = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
        await lab.advance(minutes=5)
        await case.refer()
        await lab.advance(minutes=5)
        await case.send(await case.settled("held"))
        await lab.advance(minutes=5)
        await case.send(await case.denial())
        await lab.advance(minutes=5)
    assert acting.ended >= 5, "connections were ended"
    assert case.view().status is CaseStatus.DENIED
    with lab.store.read() as s:
        assert journal.verify_all(s) == []
        kinds = [entry.kind for entry in journal.entries(s, case.case_id)]
        written = letters.of_case(s, case.case_id)
    assert kinds.count("determination_made") == kinds.count("closed") == 1
    assert kinds.count("message_refused") == 0
    assert all(letter.handed_over_at is not None for letter in written)
    files = sorted(path.stem for path in lab.outbox.rglob("*.html"))
    assert len(files) == len(set(files)) == len(written)
