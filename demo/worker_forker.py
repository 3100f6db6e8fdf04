"""Starter of worker processes: ``python -m demo.worker_forker LOGFILE ARGUMENTS``, with the settings in its environment.

Each line on standard input starts a worker, whose process id is written to standard output. A worker runs the same code
as ``python worker.py ARGUMENTS``; it is forked here because everything is imported already, so that it starts as quickly
as under a warm supervisor. All workers end with this process.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import traceback
from pathlib import Path

import worker


def main(log: Path, arguments: list[str]) -> None:
    """Start workers until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no worker is waited for: a killed one is gone at once
    started: list[int] = []
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _run_worker(log, arguments)
        started.append(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in started:
        if _is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def _run_worker(log: Path, arguments: list[str]) -> None:
    """Run as a worker until the end of the process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor, target in ((0, Path(os.devnull)), (1, log), (2, log)):
        handle = os.open(target, os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, descriptor)
    faulthandler.enable()
    try:
        worker.main(arguments)
    except BaseException:  # no code of the forker may run on here, and the log must hold the cause
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
