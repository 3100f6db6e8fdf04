"""Benchmark command `python -m bench.cli`: CPU time of small commands, as ratios to the imports that no command can avoid.

Baseline and commands take turns in one run, so that another load of the machine meets all of them alike.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from store.session import open_store

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 9
_UMPIRE = "from cli.main import main; main({words!r})"
PROGRAMS = {
    "import pydantic, sqlalchemy, typer": "import pydantic, sqlalchemy, typer",
    "umpire --help": _UMPIRE.format(words=["--help"]),
    "umpire cases": _UMPIRE.format(words=["cases"]),
    "umpire worklist": _UMPIRE.format(words=["worklist"]),
}
GOALS = {"umpire --help": 3.0, "umpire cases": 5.0}


def main() -> None:
    """Print the median CPU time of each program, and its median ratio to the baseline of the same round."""
    with tempfile.TemporaryDirectory(prefix="umpire-bench-") as home:
        store = open_store(f"sqlite:///{Path(home) / 'umpire.db'}")
        store.create()
        store.close()
        for program in PROGRAMS.values():
            _cpu_seconds(program, home)  # compiles the modules and warms the caches
        rounds = [[_cpu_seconds(program, home) for program in PROGRAMS.values()] for _ in range(ROUNDS)]
    for place, name in enumerate(PROGRAMS):
        seconds = median(one[place] for one in rounds)
        ratio = median(one[place] / one[0] for one in rounds)
        goal = f"  (goal: at most {GOALS[name]:.0f}x)" if name in GOALS else ""
        sys.stdout.write(f"{name:36} {seconds * 1e3:6.0f} ms CPU  {ratio:5.2f}x{goal}\n")


def _cpu_seconds(program: str, home: str) -> float:
    """CPU time of a Python process of its own, user and system."""
    environment = {**os.environ, "UMPIRE_HOME": home}
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: a command failed: {program}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
