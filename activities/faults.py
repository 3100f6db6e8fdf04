"""Domain errors as Temporal sees them: what waiting mends is retried, what it cannot mend is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from domain.errors import UmpireError


@contextmanager
def translated() -> Iterator[None]:
    """Turn an UmpireError into an ApplicationError of its code. Messages of domain errors hold no health information."""
    try:
        yield
    except UmpireError as error:
        raise ApplicationError(str(error), type=error.code, non_retryable=not error.retryable) from error
