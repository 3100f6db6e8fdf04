"""Version of the database schema: upgrades to this release's version, and rejection of any other.

Alembic does the upgrades and is imported only then: every command of the command line opens the store, few upgrade it.
Migrations are numbered files, so the newest is the last by name.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

from domain.errors import Refused, RuleViolation, Unavailable

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_VERSIONS = "alembic_version"
_LOCK = 7_861_120_253


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the missing migrations up to the newest (or up to `to`), in the caller's transaction.

    Waits for another upgrade to end. Raises Refused when the database is of a newer release.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if version(connection) == newest_version():
        return
    _reject_newer(connection)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def check_version(connection: Connection) -> None:
    """Raise Refused unless the database is exactly at this release's version."""
    found, wanted = version(connection), newest_version()
    if found == wanted:
        return
    _reject_newer(connection)
    have = "has no tables yet" if found is None else f"is at version {found}"
    message = f"The database {have}; this release needs version {wanted}."
    raise _violation_error(message, "Run `umpire up`, or call Store.create(), to bring it up to date.")


def version(connection: Connection) -> str | None:
    """The version that the database is at; None when it is empty."""
    if not inspect(connection).has_table(_VERSIONS):
        return None
    return connection.execute(text(f"select version_num from {_VERSIONS}")).scalar_one_or_none()


def known_versions() -> tuple[str, ...]:
    """The versions that this release knows, oldest first."""
    return tuple(sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def newest_version() -> str:
    """The version that this release needs."""
    return known_versions()[-1]


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


def _reject_newer(connection: Connection) -> None:
    found = version(connection)
    if found is not None and found not in known_versions():
        message = f"The database is at version {found}, which this release does not know: a newer one made it."
        raise _violation_error(message, f"Start that newer release, or restore a copy at version {newest_version()}.")


def _violation_error(message: str, way_out: str) -> Refused:
    return Refused((RuleViolation(rule="store.schema", message=message, way_out=way_out),))
