"""The demo: it fails loudly, keeps letters under readable names, and shows what the journal says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo import case_record, run, timeline
from demo.stories import STORIES, home_oxygen
from demo.stories.story import Story
from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab
from domain.journal import EntryKind


def console() -> Console:
    return Console(file=StringIO(), width=100)


def text_of(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@asynccontextmanager
async def _nowhere(_: Path) -> AsyncIterator[None]:
    yield None


def story_that(holds: bool) -> Story:
    async def tell(_: object, narrator: StoryPrinter) -> None:
        narrator.expect(holds, "two and two make four")

    return Story(folder="x", title="Arithmetic", intro=("A sum.",), open_lab=_nowhere, tell=tell)


@pytest.mark.parametrize(("holds", "code"), [(True, 0), (False, 1)])
def test_the_demo_ends_with_0_only_when_every_promise_holds(
    holds: bool, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "STORIES", (story_that(True), story_that(holds)))
    shown = console()
    assert run.main(tmp_path, shown) == code
    assert ("it does not hold that: two and two make four" in text_of(shown)) is not holds


def test_every_story_has_a_folder_and_an_introduction_of_its_own() -> None:
    assert [story.folder for story in STORIES] == sorted({story.folder for story in STORIES})
    assert all(len(story.intro) == 2 for story in STORIES)


async def test_the_timeline_tells_every_entry_of_the_journal_in_the_zone_of_the_case(lab: Lab, tmp_path: Path) -> None:
    shown = console()
    narrator = StoryPrinter(shown, tmp_path / "out")
    found = case_record.read_case_record(lab.store, await home_oxygen.tell(lab, narrator))
    told = timeline.timeline_lines(found)
    letters = [line for line in told if line.kind is EntryKind.LETTER_HANDED_OVER]
    assert {line.kind for line in told} == {entry.kind for entry in found.entries} - {EntryKind.LETTER_WRITTEN}
    assert [line.what for line in letters] == [
        "Letters out: acknowledgment to member and provider; approval to member and provider."
    ]
    text = text_of(shown)
    local = found.view.received_at.astimezone(found.zone)
    assert f"{local:%H:%M:%S}" in text and f"{local:%Z}" in text
    assert "Riverbend Clinic" in text and "1999999984" not in text
    assert "Saturation at rest of 88 or less" in text and "86 %" in text
    assert "✗" not in text
    kept = sorted(path.name for path in (tmp_path / "out" / "1-home-oxygen").glob("*.txt"))
    assert kept == [
        "1-acknowledgment-member.txt",
        "2-acknowledgment-provider.txt",
        "3-approval-member.txt",
        "4-approval-provider.txt",
    ]


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=7, hours=20, minutes=5), "7 d 20 h"),
        (timedelta(hours=3), "3 h"),
        (timedelta(minutes=59, seconds=30), "59 min 30 s"),
        (timedelta(seconds=-4), "4 s"),
        (timedelta(0), "0 s"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(length: timedelta, words: str) -> None:
    assert timeline.format_duration(length) == words
