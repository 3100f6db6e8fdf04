"""A store with the directory of the example plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import seed
from store.session import Store, open_store
from tests.paths import SAMPLES

SAMPLE = SAMPLES / "plan" / "example_health.yaml"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    store.create()
    seed.load_plan(store, SAMPLE)
    yield store
    store.close()
