"""The end of a process that may have talked to Temporal."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from typing import NoReturn

_CORE = "temporalio.bridge.temporal_sdk_bridge"


def leave(code: int) -> NoReturn:
    """End the process with this exit code, after everything printed and logged is out.

    Where Temporal's core was loaded, the interpreter is not taken down around it: a thread of the core that returns in that
    moment aborts the process with a fatal error and exit code 134, after the right answer was printed.
    """
    if _CORE not in sys.modules:
        sys.exit(code)
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # whoever read it has closed it
            stream.flush()
    os._exit(code)
