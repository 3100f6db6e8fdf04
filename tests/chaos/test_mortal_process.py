"""The deaths of a chaos run happen where they are said to happen: before a commit nothing is there, after it everything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.time_skipping_lab import PLAN
from store import directory
from store.session import open_store
from tests.paths import ROOT


@pytest.mark.devserver
@pytest.mark.parametrize(("told", "written"), [("SIGUSR1", False), ("SIGUSR2", True)])
def test_a_process_dies_in_the_middle_of_its_write_or_right_after_it(tmp_path: Path, told: str, written: bool) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    store.create()
    command = f"import signal; from tests.chaos import mortal_process as m; m.remember_signal(signal.{told}, None); "
    command += f"m.main('umpire', ['store', 'load', {str(PLAN)!r}])"
    environment = os.environ | {"UMPIRE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, env=environment, timeout=60)
    with store.read() as s:
        assert bool(directory.reviewers(s)) is written
    store.close()
    assert done.returncode == -signal.SIGKILL
