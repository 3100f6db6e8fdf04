"""Demo runner: every story on the terminal, its letters in a folder. ``python -m demo.run [FOLDER]``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from demo.stories import STORIES
from demo.stories.story import Story
from demo.story_printer import StoryFailed, StoryPrinter


def main(out: Path = Path("out"), console: Console | None = None) -> int:
    """Run every story. The exit code: 0 when all expectations of the stories held, else 1."""
    console = console or Console()
    console.print("Umpire: stories from the life of cases", style="bold")
    console.print(
        "Each runs through the real workflow, worker, store and letters; only time is moved by hand.", style="dim"
    )
    started = time.monotonic()
    failed = asyncio.run(_tell_all(console, out))
    took = time.monotonic() - started
    console.print()
    if failed:
        console.print(f"{failed} of {len(STORIES)} stories did not hold ({took:.0f} s).", style="bold red")
        return 1
    console.print(f"All {len(STORIES)} stories held, in {took:.0f} s. The letters are in {out}/.", style="bold green")
    return 0


async def _tell_all(console: Console, out: Path) -> int:
    """Run every story; the number that failed."""
    narrator = StoryPrinter(console, out)
    failed = 0
    for number, story in enumerate(STORIES, 1):
        try:
            await _tell(narrator, story, number)
        except (StoryFailed, FileNotFoundError) as broken:  # a missing file is a program of the set-up
            failed += 1
            console.print(f"  ✗ {broken}", style="bold red")
    await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends
    return failed


async def _tell(narrator: StoryPrinter, story: Story, number: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="umpire-demo-") as folder,
        narrator.story(number, len(STORIES), story.title, story.intro),
    ):
        async with story.open_lab(Path(folder)) as lab:
            await story.tell(lab, narrator)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("out")))
