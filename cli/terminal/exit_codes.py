"""Exit codes of the commands, and their description for the help page."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the commands."""

    OK = 0
    BROKEN = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    UNREACHABLE = 5
    NOT_READABLE = 6
    STORED = 7
    INTERRUPTED = 130


EXIT_CODES_HELP = (
    "Exit codes: 0 done; 1 internal error (also: a journal that does not verify); 2 usage; 3 refused by a rule; "
    "4 not found; 5 Temporal, a worker or the database does not answer; 6 a document, form or rulebook is not readable; "
    "7 stored: nothing is lost, and processing continues automatically when Temporal or a worker is back; "
    "130 stopped by Ctrl-C."
)
