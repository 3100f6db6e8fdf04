"""Helpers of intake tests: a service context on the lab's clock, and the sample requests as bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from demo.time_skipping_lab import Lab
from engine.settings import TASK_QUEUE
from services.context import ServiceContext
from store import cases, inbox, journal, requests, tables
from store.inbox import InboxItem
from tests.paths import SAMPLES

SAMPLES = SAMPLES / "requests"


async def context_of(lab: Lab, **changes: Any) -> ServiceContext:
    """A service context whose stamps are the lab's time."""
    now = await lab.now()
    services = ServiceContext(lab.store, lab.client, TASK_QUEUE, clock=lambda: now, patience=timedelta(seconds=20))
    return replace(services, **changes)


async def settle(lab: Lab) -> None:
    """Let every case do what it can do now."""
    with lab.store.read() as s:
        for case_id in s.scalars(select(tables.requests.c.case_id).distinct()).all():
            lab.handle(case_id)
    await lab.settle()


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def plain(name: str = "lumbar-fusion", **changes: Any) -> bytes:
    """A plain sample with other values."""
    return json.dumps({**json.loads(sample(name)), **changes}).encode()


def inbox_item(lab: Lab, inbox_id: int) -> InboxItem:
    with lab.store.read() as s:
        return inbox.get(s, inbox_id)


def journal_kinds(lab: Lab, case_id: str) -> list[str]:
    """The kinds of the journal's entries, in order."""
    with lab.store.read() as s:
        return [entry.kind.value for entry in journal.entries(s, case_id)]


def status(lab: Lab, case_id: str) -> str:
    with lab.store.read() as s:
        view = cases.get(s, case_id)
    assert view is not None
    return view.status.value


def versions(lab: Lab, case_id: str) -> int:
    with lab.store.read() as s:
        return requests.load(s, case_id).version


NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
