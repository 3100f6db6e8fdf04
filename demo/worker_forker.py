"""Where worker processes come from: ``python -m demo.nursery LOGFILE ARGUMENTS``, with the settings in its environment.

Each line on standard input starts one, whose process id is the answer. A worker is a process of its own and runs what
``python worker.py ARGUMENTS`` runs; it is forked from here only because here everything has been imported already, so that
the next one is there as quickly as from a supervisor that keeps its image warm. All of them end with the nursery.
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
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a worker: what was killed is gone at once
    started: list[int] = []
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _work(log, arguments)
        started.append(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in started:
        if _is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def _work(log: Path, arguments: list[str]) -> None:
    """Be a worker, and nothing else, until the end of the process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor, target in ((0, Path(os.devnull)), (1, log), (2, log)):
        handle = os.open(target, os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, descriptor)
    faulthandler.enable()
    try:
        worker.main(arguments)
    except BaseException:  # nothing of the nursery may go on in this process, and what ended it has to stand in the log
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
