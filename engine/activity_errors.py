"""Errors of activities as Temporal sees and logs them: without health information, and never the end of a case.

A case whose activity failed for good would fail with it and be lost. So everything is tried again, until the database is back,
the data is mended or a better release runs; each attempt is logged.
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
def translated() -> Iterator[None]:
    """Turn any error into an ApplicationError that may be logged.

    Messages of domain errors hold no health information. Those of others may quote what they failed on, so only their type
    and place are told, and they do not travel along as a cause.
    """
    try:
        yield
    except UmpireError as error:
        raise ApplicationError(str(error), type=error.code) from None
    except ApplicationError:
        raise
    except Exception as error:
        raise ApplicationError(f"{type(error).__name__} at {place(error)}", type="unexpected") from None


def place(error: Exception) -> str:
    """The last line of our own code on the way to the error, as file:line."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename]
    last = (own or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
