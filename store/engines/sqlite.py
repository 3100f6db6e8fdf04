"""Engine for SQLite: a file of its owner's, and BEGIN IMMEDIATE for every transaction that writes."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from store.engines.private_files import make_private, make_private_folder
from store.engines.statements import is_writing, keep_nul_out, serialize_json


def sqlite_engine(address: URL, busy_seconds: float) -> Engine:
    """An engine for the file, which is made for its owner alone. Waits half of `busy_seconds` for other processes."""
    _make_private_database(Path(str(address.database)))
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=8,
        max_overflow=-1,
        connect_args={"timeout": busy_seconds / 2, "check_same_thread": False},
        json_serializer=serialize_json,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_on_sqlite)
    keep_nul_out(engine)
    return engine


def _make_private_database(path: Path) -> None:
    """A database is for its owner alone, and so are the files that SQLite puts beside it."""
    if not path.parent.exists():
        make_private_folder(path.parent)
    with suppress(PermissionError):  # another owner's file keeps the mode that its owner chose
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))
    for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        make_private(each)


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
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN")
