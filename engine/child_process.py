"""Child process with its own log that ends together with this process."""

from __future__ import annotations

import asyncio
import ctypes
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_LOG_BYTES = 20 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec a child of a process with threads must not load a library.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ChildProcess:
    """A program that runs beside this process, in a session of its own: Ctrl-C reaches only the parent, which then stops
    its children in order."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name, self.log = name, log
        self._command, self._environment = list(command), environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it (again). Its output goes to the end of its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
                umask=0o077,  # its files are for their owner alone, as are ours
                preexec_fn=_end_with_parent if _LIBC is not None else None,
            )

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def ended(self) -> int | None:
        """The exit code, once it has ended; negative when a signal ended it."""
        return self._process.poll() if self._process is not None else None

    async def stop(self, grace_seconds: float) -> None:
        """Stop it: SIGTERM first, SIGKILL when the grace period is over."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        until = asyncio.get_running_loop().time() + grace_seconds
        while process.poll() is None:
            if asyncio.get_running_loop().time() > until:
                process.kill()
            await asyncio.sleep(0.05)
        self._process = None

    def log_tail(self, lines: int = 8) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def _end_with_parent() -> None:
    """The kernel ends the child when its parent is killed: an orphan would hold the port and the state file."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
