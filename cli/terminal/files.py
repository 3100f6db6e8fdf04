"""Input files of commands."""

from __future__ import annotations

import sys
from pathlib import Path

from domain.errors import NotReadable, ValidationIssue

STDIN = "-"


def read_content(name: str) -> bytes:
    """Read a file, or standard input. Raises NotReadable when it cannot be opened."""
    try:
        return sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except OSError as wrong:
        reason = (wrong.strerror or "cannot be opened").lower()
        problem = ValidationIssue(path=name, rule="file", message=reason, expected="a file that can be read")
        raise NotReadable((problem,)) from None
