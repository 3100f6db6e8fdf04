"""Translation of database errors into domain errors. A driver's message may quote a row, so only codes and constraint names
pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import Corrupt, UmpireError, Unavailable

_TRANSIENT_CLASSES = ("08", "25", "40", "53", "55", "57", "58")
"""SQLSTATE classes of transient errors: connection, transaction state (read-only after a failover), rollback, resources, not in
state, intervention, system."""


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Raise Unavailable or Corrupt in place of SQLAlchemy's errors; a value that cannot be stored raises its own."""
    try:
        yield
    except PoolTimeout:
        raise Unavailable("no free connection to the database") from None
    except DBAPIError as fault:
        raise _domain_error(fault) from None
    except StatementError as fault:
        raise (fault.orig or fault) from None
    except ConnectionError as fault:
        # A driver may let a connection that breaks while it reads through as it is, and SQLAlchemy does not know that one.
        raise Unavailable(f"the connection to the database broke ({type(fault).__name__})") from None


def _domain_error(fault: DBAPIError) -> UmpireError:
    state = getattr(fault.orig, "sqlstate", None)
    if state is not None:
        return _server_error(fault, state)
    detail = " ".join(str(fault.orig.args[0]).split()) if fault.orig is not None and fault.orig.args else None
    if fault.connection_invalidated or isinstance(fault, OperationalError | InterfaceError):
        return Unavailable(f"the database did not answer: {detail}")
    if isinstance(fault, IntegrityError):
        return Corrupt(f"the database refused a write: {detail}")
    return Corrupt(f"the database refused a statement ({type(fault.orig).__name__})")


def _server_error(fault: DBAPIError, state: str) -> UmpireError:
    """PostgreSQL's error by its SQLSTATE; its text passes only where it is our own, from a guard of a table."""
    if fault.connection_invalidated or state[:2] in _TRANSIENT_CLASSES:
        return Unavailable(f"the database did not answer (SQLSTATE {state})")
    told: Any = getattr(fault.orig, "diag", None)
    where = getattr(told, "constraint_name", None) or getattr(told, "table_name", None) or ""
    own_words = f": {told.message_primary}" if state == "P0001" else ""
    return Corrupt(f"the database refused a write (SQLSTATE {state} {where}){own_words}")
