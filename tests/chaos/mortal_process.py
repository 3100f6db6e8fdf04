"""A process of Umpire that dies where it is told to: SIGUSR1, in the middle of its next write; SIGUSR2, right after it.

``python -m tests.chaos.mortal_process worker|umpire ARGUMENT...`` runs the worker or a command as it always runs.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

_told: set[int] = set()


def remember_signal(number: int, _frame: object) -> None:
    _told.add(number)


def die_in_the_middle(connection: Any) -> None:
    """Called before a commit is sent: everything is written, and nothing of it is committed."""
    if signal.SIGUSR1 in _told and connection.get_execution_options().get("umpire_writes"):
        os.kill(os.getpid(), signal.SIGKILL)


def die_right_after(session: Any) -> None:
    """Called after a commit: the database has it, and nobody has been told."""
    if signal.SIGUSR2 in _told and session.get_bind().get_execution_options().get("umpire_writes"):
        os.kill(os.getpid(), signal.SIGKILL)


def main(program: str, arguments: list[str]) -> None:
    signal.signal(signal.SIGUSR1, remember_signal)
    signal.signal(signal.SIGUSR2, remember_signal)
    # Imported only now: a process that is told to die while it loads remembers it.
    from sqlalchemy import Engine, event
    from sqlalchemy.orm import Session

    event.listen(Engine, "commit", die_in_the_middle)
    event.listen(Session, "after_commit", die_right_after)
    if program == "worker":
        import worker

        worker.main(arguments)
    else:
        import cli.main

        sys.argv = ["umpire", *arguments]
        cli.main.main()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
