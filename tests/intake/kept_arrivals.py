"""A service context with a store and the synthetic plan, and no Temporal: arrivals are kept and interpreted, and wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.time_skipping_lab import prepared_store
from domain.stays.timeline import StayTimeline, build_timeline
from services.context import ServiceContext
from store import adt_messages
from store.session import open_store

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


@contextmanager
def keeping(folder: Path, **changes: Any) -> Iterator[ServiceContext]:
    """A service context on a fresh store; its clock stands still unless another one is given."""
    (folder / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{folder / 'umpire.db'}")
    yield ServiceContext(store, None, "none", **({"clock": lambda: NOW} | changes))
    store.close()


def course_of(services: ServiceContext, stay_id: str) -> StayTimeline:
    """The course of a stay, by every message that was kept for it."""
    with services.store.read() as s:
        return build_timeline([row.event for row in adt_messages.of_stay(s, stay_id)], {})
