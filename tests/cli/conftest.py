"""Fixture of command line tests: a terminal in the lab."""

from __future__ import annotations

import pytest

from demo.time_skipping_lab import Lab
from tests.cli.terminal import Terminal


@pytest.fixture
async def terminal(lab: Lab) -> Terminal:
    return Terminal(lab)
