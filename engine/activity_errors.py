"""Errors of activities as Temporal sees and logs them: without health information, and never the end of a case.

A case whose activity failed permanently would fail with it and be lost. So everything is retried until the database is back,
the data is repaired or a fixed release runs; each attempt is logged.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from temporalio.exceptions import ApplicationError

from domain.errors import UmpireError

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn any error into an ApplicationError that may be logged.

    Messages of domain errors hold no health information. Those of other errors may quote the data they failed on, so only
    their type and location are passed on, and they are not attached as the cause.
    """
    try:
        yield
    except UmpireError as error:
        raise ApplicationError(str(error), type=error.code) from None
    except ApplicationError:
        raise
    except Exception as error:
        raise ApplicationError(f"{type(error).__name__} at {error_location(error)}", type="unexpected") from None


def error_location(error: Exception) -> str:
    """The last line of Umpire's own code in the traceback, as file:line."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename]
    last = (own or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
