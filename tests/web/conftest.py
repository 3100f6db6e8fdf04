"""Fixtures of pages: the application over a fresh store with the synthetic plan, and browsers that are signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from demo.time_skipping_lab import Lab, prepared_store, rulebook
from engine.settings import TASK_QUEUE
from engine.web_settings import Mode, WebSettings
from services.context import ServiceContext
from store.session import Store, open_store
from tests.web.browsers import WebClient
from web.app import build_app
from web.context import WebContext
from web.security import synthetic_people

SETTINGS = WebSettings("127.0.0.1", 9080, Mode.DEVELOPMENT, hosts=("umpire.test",))


@pytest.fixture
def plan_store(tmp_path: Path) -> Store:
    """A store with the synthetic plan, whose people have accounts. No worker and no Temporal server stand behind it."""
    (tmp_path / "umpire.db").write_bytes(_store_with_accounts())
    return open_store(f"sqlite:///{tmp_path / 'umpire.db'}")


@cache
def _store_with_accounts() -> bytes:
    """The file of such a store. Making the accounts takes longer than most tests of a page."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "umpire.db"
        path.write_bytes(prepared_store())
        store = open_store(f"sqlite:///{path}")
        with store.begin() as s:
            synthetic_people.create_accounts(s)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()
        return path.read_bytes()


@pytest.fixture
def web_context(plan_store: Store) -> WebContext:
    """The context over the store alone: reads work, and acts say that Temporal does not answer."""
    book = rulebook()
    services = ServiceContext(
        plan_store,
        None,
        TASK_QUEUE,
        lobs=book.lobs,
        facts=book.criteria.dictionary,
        deciders=tuple(book.review.deciders.values()),
    )
    return WebContext(SETTINGS, services, book)


@pytest.fixture
async def browse(web_context: WebContext) -> AsyncIterator[Callable[[str | None], WebClient]]:
    """Opens a client that keeps cookies, signed in as this account's subject (None: nobody)."""
    app = build_app(web_context)
    opened: list[WebClient] = []

    def open_client(subject: str | None) -> WebClient:
        client = WebClient(
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://umpire.test"), subject
        )
        opened.append(client)
        return client

    yield open_client
    for client in opened:
        await client.http.aclose()


async def lab_context(lab: Lab) -> WebContext:
    """The context of the pages over a lab: acts reach its cases, and its time is the lab's, as of this call."""
    services = await lab.services()
    with lab.store.begin() as s:
        synthetic_people.create_accounts(s)
    return WebContext(replace(SETTINGS, idle=timedelta(days=99)), services, lab.dependencies.rulebook)
