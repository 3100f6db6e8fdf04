"""Store of Umpire: one database engine, short transactions, and errors without health information.

SQLite (the embedded default): WAL, `synchronous=NORMAL`, and BEGIN IMMEDIATE for every writing transaction, so that no
reader ever has to become a writer and two processes cannot lock each other out. PostgreSQL: READ COMMITTED for writes,
one read-only snapshot for reads.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from domain.errors import Refused, RuleViolation, Unavailable
from domain.journal import canonical_json
from store import installation, schema
from store.errors import translate_database_errors
from store.nul_characters import replace_nul_in_json, replace_nul_in_parameters

BUSY_SECONDS = 30.0
"""Time that a person's command waits for its turn to write before it is told that the database is busy."""
WORKER_BUSY_SECONDS = 8.0
"""The same for a worker: shorter than the time that any of its activities has, so that no wait outlives its caller."""
_WRITES = "umpire_writes"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
log = logging.getLogger("umpire.store")


class Store:
    """A database that holds Umpire's tables. Safe to share between threads; one per process.

    A writer waits at most `busy_seconds` for its turn, in this process and among processes together.
    """

    def __init__(self, engine: Engine, busy_seconds: float = BUSY_SECONDS) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{_WRITES: True})
        self._checked = False
        # SQLite allows one writer at a time and polls for the lock; queueing here is fair and wakes at once.
        # Reentrant because such a lock knows its owner: whatever is thrown into a thread, at whatever instruction, the thread
        # can find out whether it holds the lock.
        self._turn = threading.RLock() if engine.dialect.name == "sqlite" else None
        self._busy_seconds = busy_seconds

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
        with translate_database_errors(), Session(self._engine) as s, s.begin():
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

    def close(self) -> None:
        """Close all connections. The store opens new ones if it is used again."""
        self._engine.dispose()

    def _check_once(self) -> None:
        if not self._checked:
            self.check()

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with self._write_turn(), translate_database_errors(), Session(self._writing) as s, s.begin():
            yield s

    @contextmanager
    def _write_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        try:
            # Inside the block: an activity that timed out gets its cancellation thrown into its thread, also right after
            # `acquire` has the lock. Taken before the block, it would then be held for good.
            if not self._turn.acquire(timeout=self._busy_seconds / 2):
                raise Unavailable(f"no turn to write within {self._busy_seconds / 2:.0f} s")
            yield
        finally:
            if _is_mine(self._turn):
                self._turn.release()


def open_store(url: str, busy_seconds: float = BUSY_SECONDS) -> Store:
    """The store at `url` (`sqlite:///file` or `postgresql://user:password@host/name`); nothing is read or created yet.

    A writer waits at most `busy_seconds` for its turn. Raises Refused for any other kind of address.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return Store(_sqlite(address, busy_seconds), busy_seconds)
    return Store(_postgresql(address), busy_seconds)


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
        case "postgresql" | "postgres" | "postgresql+pg8000":
            return address.set(drivername="postgresql+pg8000")
    raise _violation_error(f"The database address starts with '{address.drivername}://', or names no file.")


def _violation_error(message: str) -> Refused:
    way_out = "Set DATABASE_URL to sqlite:///path/to/file.db or to postgresql://user:password@host/name."
    return Refused((RuleViolation(rule="store.address", message=message, way_out=way_out),))


def _sqlite(address: URL, busy_seconds: float) -> Engine:
    _make_private_database(Path(str(address.database)))
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=8,
        max_overflow=-1,
        connect_args={"timeout": busy_seconds / 2, "check_same_thread": False},
        json_serializer=_json,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_on_sqlite)
    event.listen(engine, "before_cursor_execute", _without_nul, retval=True)
    return engine


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner alone (mode 0700); one that is there becomes so."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    make_private(folder)


def make_private(path: Path) -> None:
    """Take everybody else's rights on a file or folder away; nothing happens where there is none.

    What belongs to somebody else, or is everybody's folder (with the sticky bit, as /tmp), keeps its mode, with a remark.
    """
    try:
        found = path.stat()
        if not found.st_mode & _OTHERS:
            return
        if found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
            path.chmod(found.st_mode & stat.S_IRWXU)
            return
        reason = "it is everybody's folder" if found.st_mode & stat.S_ISVTX else "it belongs to another account"
    except FileNotFoundError:
        return
    except OSError as error:
        reason = (error.strerror or "its mode cannot be changed").lower()
    log.warning("%s is open to other accounts of this machine, and %s: its owner must close it.", path, reason)


def _make_private_database(path: Path) -> None:
    """A database is for its owner alone, and so are the files that SQLite puts beside it."""
    if not path.parent.exists():
        make_private_folder(path.parent)
    with suppress(PermissionError):  # another owner's file keeps the mode that its owner chose
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))
    for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        make_private(each)


def _postgresql(address: URL) -> Engine:
    engine = create_engine(address, hide_parameters=True, pool_pre_ping=True, json_serializer=_json)
    event.listen(engine, "connect", _set_up_postgresql)
    event.listen(engine, "begin", _begin_on_postgresql)
    event.listen(engine, "before_cursor_execute", _without_nul, retval=True)
    return engine


def _set_up_postgresql(connection: Any, _record: object) -> None:
    """Have no query compiled to machine code: each reads a few rows, and compiling takes longer than reading them."""
    cursor = connection.cursor()
    cursor.execute("SET jit = off")
    cursor.close()
    connection.commit()


def _json(value: Any) -> str:
    text = canonical_json(value).decode()
    return canonical_json(replace_nul_in_json(value)).decode() if "\\u0000" in text else text


def _without_nul(
    _connection: Connection, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    return statement, replace_nul_in_parameters(parameters)


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in (
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-16000",
        "temp_store=MEMORY",
        "recursive_triggers=ON",  # else INSERT OR REPLACE takes a guarded row away without its trigger
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_on_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _begin_on_postgresql(connection: Connection) -> None:
    if not _writes(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(_WRITES))
