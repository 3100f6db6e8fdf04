"""A demo story: its title, its introduction, the lab it needs, and the function that runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SAMPLES_SENT = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Story:
    """`open_lab` makes the lab in an empty folder; `tell(lab, narrator)` runs the story in it.

    `folder` is where the letters go, below the demo's output folder.
    """

    folder: str
    title: str
    intro: tuple[str, ...]
    open_lab: Callable[[Path], AbstractAsyncContextManager[Any]]
    tell: Callable[[Any, StoryPrinter], Awaitable[Any]]


def sample_request(name: str) -> bytes:
    """A sample request, as a provider would send it."""
    return (SAMPLES / "requests" / f"{name}.json").read_bytes()


def sample_record(name: str) -> bytes:
    """A sample record, as a provider would send it later."""
    return (SAMPLES / "records" / f"{name}.json").read_bytes()


async def skip_to_monday(lab: Lab, zone: str, hour: int, minute: int) -> None:
    """Skip to the next Monday at a local time, so that a story takes the same days whenever it runs.

    The samples were sent in November 2026; what they report would lie in the future of an earlier day.
    """
    now = max(await lab.now(), SAMPLES_SENT).astimezone(ZoneInfo(zone))
    monday = now + timedelta(days=-now.weekday() % 7)
    start = monday.replace(hour=hour, minute=minute, second=0, microsecond=0)
    await lab.advance_to(start if start > now else start + timedelta(days=7))
