"""Statements that differ between SQLite and PostgreSQL: upsert, insert-if-new, and a named lock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Insert

Row = Mapping[str, Any]


def upsert(s: Session, table: Table, rows: Sequence[Row]) -> None:
    """Insert each row; where its primary key is taken, replace all other columns. Every row names every column."""
    if rows:
        s.execute(_upsert_statement(table, _dialect(s)), rows)


def insert_new(s: Session, table: Table, row: Row) -> bool:
    """Insert the row unless its primary key is taken; True when it was inserted."""
    result = s.execute(_insert_new_statement(table, _dialect(s)), row)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def insert_missing(s: Session, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose primary keys are not taken."""
    if rows:
        s.execute(_insert_new_statement(table, _dialect(s)), rows)


def acquire_named_lock(s: Session, name: str) -> None:
    """Acquire the lock `name`: wait until no other transaction holds it, and hold it until this one ends.

    Costs nothing on SQLite, where a writing transaction is alone from its first statement on.
    """
    if _dialect(s) == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        s.execute(text("select pg_advisory_xact_lock(:number)"), {"number": number})


def server_instant(s: Session) -> datetime | None:
    """The instant (UTC) by the database server's clock; None for SQLite, which has no clock but its machine's."""
    if _dialect(s) != "postgresql":
        return None
    at: datetime = s.execute(text("select clock_timestamp()")).scalar_one()
    return at.astimezone(UTC)


def _dialect(s: Session) -> str:
    return s.get_bind().dialect.name


@cache
def _upsert_statement(table: Table, dialect: str) -> Insert:
    keys = [column.name for column in table.primary_key]
    if dialect == "postgresql":
        on_pg = postgresql.insert(table)
        return on_pg.on_conflict_do_update(index_elements=keys, set_=_non_key_columns(table, on_pg.excluded))
    on_sqlite = sqlite.insert(table)
    return on_sqlite.on_conflict_do_update(index_elements=keys, set_=_non_key_columns(table, on_sqlite.excluded))


@cache
def _insert_new_statement(table: Table, dialect: str) -> Insert:
    insert: Insert
    if dialect == "postgresql":
        insert = postgresql.insert(table).on_conflict_do_nothing()
    else:
        insert = sqlite.insert(table).on_conflict_do_nothing()
    return insert.execution_options(preserve_rowcount=True)  # kept for UPDATE and DELETE alone, unless it is asked for


def _non_key_columns(table: Table, excluded: Any) -> dict[str, Any]:
    return {column.name: excluded[column.name] for column in table.columns if not column.primary_key}
