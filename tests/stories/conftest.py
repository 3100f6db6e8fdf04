"""A narrator that nobody hears."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo.story_printer import Narrator


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def narrator(out: Path) -> Narrator:
    return Narrator(Console(file=StringIO(), width=110), out)
