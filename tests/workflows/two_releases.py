"""Worker processes of two releases: this one, and a later one with a step that this one does not know."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.paths import ROOT

DEPLOYMENT = "umpire"
NEW_STEP = "test-nurse-looked-up-again"
_FOLDERS = (
    "domain",
    "engine",
    "workflows",
    "activities",
    "rulebook",
    "store",
    "templates",
    "interop",
    "intake",
    "services",
)
_BEFORE = "        before, seq = snapshots.take(self.case), self.case.seq\n"
_STEP = f"""        if workflow.patched("{NEW_STEP}"):
            await self.load_reviewers(("nurse.adams",))
"""


def write_release(folder: Path) -> Path:
    """The code of this release in a folder of its own, where nothing changes it."""
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "worker.py", folder)
    return folder


def write_later_release(folder: Path) -> Path:
    """The same with one more step before each message, behind a patch."""
    write_release(folder)
    path = folder / "workflows" / "steps" / "case.py"
    text = path.read_text()
    assert text.count(_BEFORE) == 1, "the step is inserted where a message is processed"
    path.write_text(text.replace(_BEFORE, _STEP + _BEFORE))
    return folder


def build_of(folder: Path) -> str:
    """The build id of the release in the folder."""
    ask = "from engine.release import build_id; print(build_id())"
    done = subprocess.run([sys.executable, "-c", ask], cwd=folder, env=_environment(folder), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


@asynccontextmanager
async def worker_of(folder: Path, home: Path, address: str, deployment: str = DEPLOYMENT) -> AsyncIterator[Process]:
    """A worker process of the release in the folder, on the store in `home`; it ends with the block."""
    environment = _environment(folder) | {
        "TEMPORAL_ADDRESS": address,
        "UMPIRE_HOME": str(home),
        "UMPIRE_DEPLOYMENT": deployment,
    }
    command = (sys.executable, str(folder / "worker.py"), "--grace", "5")
    with (home / f"{folder.name}.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _environment(folder: Path) -> dict[str, str]:
    return dict(os.environ) | {"PYTHONPATH": str(folder)}
