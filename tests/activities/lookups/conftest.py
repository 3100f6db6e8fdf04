"""A store with the directory of the example plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.time_skipping_lab import prepared_store
from store.session import Store, open_store
from tests.paths import SAMPLES

SAMPLE = SAMPLES / "plan" / "example_health.yaml"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    yield store
    store.close()
