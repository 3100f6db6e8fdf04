"""Store of Umpire: one database engine, short transactions, and errors without health information.

SQLite (the embedded default): WAL, `synchronous=NORMAL`, and BEGIN IMMEDIATE for every writing transaction, so that no
reader ever has to become a writer and two processes cannot lock each other out. PostgreSQL: READ COMMITTED for writes,
one read-only snapshot for reads.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from domain.errors import Refused, RuleViolation, Unavailable
from store import installation, schema
from store.engines.core_session import CoreSession
from store.engines.sqlite import sqlite_engine
from store.engines.statements import WRITES
from store.errors import translate_database_errors

BUSY_SECONDS = 30.0
"""Time that a person's command waits for its turn to write before it is told that the database is busy."""
WORKER_BUSY_SECONDS = 8.0
"""The same for a worker: shorter than the time that any of its activities has, so that no wait outlives its caller."""
CONNECTIONS = 16
"""Connections to a database server that a process keeps at most, when it does not say how many threads it has."""


class Store:
    """A database that holds Umpire's tables. Safe to share between threads; one per process.

    A writer waits at most `busy_seconds` for its turn, in this process and among processes together.
    """

    def __init__(self, engine: Engine, busy_seconds: float = BUSY_SECONDS) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{WRITES: True})
        self._checked = False
        # SQLite allows one writer at a time and polls for the lock; queueing here is fair and wakes at once.
        # Reentrant because such a lock knows its owner: whatever is thrown into a thread, at whatever instruction, the thread
        # can find out whether it holds the lock.
        self._turn = threading.RLock() if engine.dialect.name == "sqlite" else None
        self._busy_seconds = busy_seconds
        self.on_turn: Callable[[float], None] | None = None
        """Told how many seconds each writer waited for its turn; set by who serves metrics."""

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def display_url(self) -> str:
        """The address without its password, for people and logs."""
        return self._engine.url.render_as_string(hide_password=True)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A writing transaction: committed at the end of the block, rolled back when it raises.

        Never open one inside another. Raises Unavailable when the database cannot be reached or stays busy, Corrupt
        when it rejects a write, Refused when its schema is not that of this release.
        """
        self._check_once()
        with self._write() as s:
            yield s

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A reading transaction over one consistent snapshot. Raises as `begin` does."""
        self._check_once()
        with translate_database_errors(), CoreSession(self._engine) as s, s.begin():
            yield s

    def create(self) -> None:
        """Upgrade the schema to this release and create the installation's key. Safe at any time, in many processes."""
        schema.prefer_wal(self._engine, self._busy_seconds)
        with self._write() as s:
            schema.upgrade(s.connection())
            installation.make_installation_key(s)
        self._checked = True

    def check(self) -> None:
        """Raise Refused unless the database has the schema of this release."""
        with translate_database_errors(), self._engine.connect() as connection:
            schema.check_version(connection)
        self._checked = True

    def compact(self) -> None:
        """Give back the space of rows that are gone, so that nothing of them is left in the file of SQLite.

        A database server does it by itself (autovacuum). Raises Unavailable while others use the file.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with translate_database_errors():
            raw = self._engine.raw_connection()
            try:
                raw.cursor().execute("VACUUM")
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.OperationalError as fault:
                raise Unavailable(f"the database file is in use: {fault}") from None
            finally:
                raw.close()

    def close(self) -> None:
        """Close all connections. The store opens new ones if it is used again."""
        self._engine.dispose()

    def _check_once(self) -> None:
        if not self._checked:
            self.check()

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with self._write_turn(), translate_database_errors(), CoreSession(self._writing) as s, s.begin():
            yield s

    @contextmanager
    def _write_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        asked_at = time.monotonic()
        try:
            # Inside the block: an activity that timed out gets its cancellation thrown into its thread, also right after
            # `acquire` has the lock. Taken before the block, it would then be held for good.
            if not self._turn.acquire(timeout=self._busy_seconds / 2):
                raise Unavailable(f"no turn to write within {self._busy_seconds / 2:.0f} s")
            if self.on_turn is not None:
                self.on_turn(time.monotonic() - asked_at)
            yield
        finally:
            if _is_mine(self._turn):
                self._turn.release()


def open_store(url: str, busy_seconds: float = BUSY_SECONDS, connections: int = CONNECTIONS) -> Store:
    """The store at `url` (`sqlite:///file` or `postgresql://user:password@host/name`); nothing is read or created yet.

    A writer waits at most `busy_seconds` for its turn. A server gets at most so many connections from this process.
    Raises Refused for any other kind of address.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return Store(sqlite_engine(address, busy_seconds), busy_seconds)
    from store.engines.postgresql import postgresql_engine  # a command on a file loads no driver for a server

    try:
        return Store(postgresql_engine(address, connections, busy_seconds), busy_seconds)
    except ArgumentError as error:
        raise _violation_error(f"The database address has an option that cannot be used: {error}.") from None


def _is_mine(lock: Any) -> bool:
    """Whether this thread holds the reentrant lock: the question that `threading.Condition` asks it, too."""
    return bool(lock._is_owned())


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise _violation_error("The database address is not a URL.") from None
    match address.drivername:
        case "sqlite" | "sqlite+pysqlite" if address.database and address.database != ":memory:":
            return address
        case "postgresql" | "postgres" | "postgresql+psycopg" | "postgresql+pg8000":
            return address
    raise _violation_error(f"The database address starts with '{address.drivername}://', or names no file.")


def _violation_error(message: str) -> Refused:
    way_out = "Set DATABASE_URL to sqlite:///path/to/file.db or to postgresql://user:password@host/name."
    return Refused((RuleViolation(rule="store.address", message=message, way_out=way_out),))
