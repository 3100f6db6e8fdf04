"""Fixtures of all tests: a lab for workflows, and Hypothesis with a fixed seed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from demo.time_skipping_lab import Lab, laboratory

settings.register_profile("umpire", derandomize=True, deadline=None)
settings.load_profile("umpire")


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """A fresh lab: server, store, plan, worker; time moved by hand."""
    async with laboratory(tmp_path) as lab:
        yield lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long courses have time on a busy machine; a limit of their own stays."""
    for item in items:
        if item.get_closest_marker("many") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(400))
