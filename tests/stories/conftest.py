"""Fixtures of story tests: an output folder and a story printer without a terminal."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo.story_printer import StoryPrinter


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def narrator(out: Path) -> StoryPrinter:
    return StoryPrinter(Console(file=StringIO(), width=110), out)
