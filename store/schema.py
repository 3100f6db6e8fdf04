"""The schema's version: upgrading to this release's, and refusing any other."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from domain.errors import Refusal, Refused, Unavailable

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_LOCK = 7_861_120_253


def upgrade(connection: Connection) -> None:
    """Run what is missing up to the newest migration, in the caller's transaction. Waits for another upgrade to end.

    Raises Refused when the database is of a newer release.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    _refuse_newer(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def check(connection: Connection) -> None:
    """Raise Refused unless the database is exactly at this release's version."""
    _refuse_newer(connection)
    found, wanted = version(connection), newest()
    if found != wanted:
        have = "has no tables yet" if found is None else f"is at version {found}"
        message = f"The database {have}; this release needs version {wanted}."
        raise _refused(message, "Run `umpire up`, or call Store.create(), to bring it up to date.")


def version(connection: Connection) -> str | None:
    """The version that the database is at; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The version that this release needs."""
    head = _scripts().get_current_head()
    assert head is not None
    return head


def prefer_wal(engine: Engine, patience: float) -> None:
    """Switch a SQLite file to write-ahead logging, which stays with the file. Waits up to `patience` seconds.

    SQLite does not wait for other connections in this one switch, so it is asked again until it works.
    """
    if engine.dialect.name != "sqlite":
        return
    until = time.monotonic() + patience
    while True:
        try:
            _switch_to_wal(engine)
            return
        except (sqlite3.OperationalError, OperationalError) as fault:
            if time.monotonic() > until:
                reason = getattr(fault, "orig", None) or fault
                raise Unavailable(f"the database file cannot be opened for writing: {reason}") from None
            time.sleep(0.02)


def _switch_to_wal(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        raw.close()


def _refuse_newer(connection: Connection) -> None:
    found = version(connection)
    if found is not None and found not in {script.revision for script in _scripts().walk_revisions()}:
        message = f"The database is at version {found}, which this release does not know: a newer one made it."
        raise _refused(message, f"Start that newer release, or restore a copy at version {newest()}.")


def _refused(message: str, way_out: str) -> Refused:
    return Refused((Refusal(rule="store.schema", message=message, way_out=way_out),))


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
