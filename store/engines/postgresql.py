"""Engine for PostgreSQL: psycopg, a pool with a connection for each thread, READ COMMITTED to write, one snapshot to read.

No connection is asked whether it lives before it is used, which would cost a round trip for each transaction. A server that
went away closed its connections, and the machine knows that without asking: a closed one is replaced before use. One that
breaks while it is used is an outage (Unavailable): an activity is tried again, a person is told.
"""

from __future__ import annotations

import select
from typing import Any

from psycopg import IsolationLevel, OperationalError, ProgrammingError
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DisconnectionError

from store.engines.statements import is_writing, keep_nul_out, serialize_json


def postgresql_engine(address: URL, connections: int, patience: float) -> Engine:
    """An engine with at most `connections` connections, opened when needed and then kept.

    Who finds none free waits `patience` seconds. Query options of the address (`sslmode`, `sslrootcert`,
    `application_name` …) go to libpq as they are; `prepare_threshold` is psycopg's own: after so many executions a
    statement is prepared, `none` never prepares, for a pooler that hands each transaction another connection. Raises
    ArgumentError for an option that nobody knows.
    """
    address, driver_options = _libpq_address(address), _driver_options(address)
    try:
        make_conninfo(**{name: str(value) for name, value in address.query.items()})
    except ProgrammingError as error:
        raise ArgumentError(" ".join(str(error).split())) from None
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=patience,
        pool_use_lifo=True,
        connect_args=_defaults(address, patience) | driver_options,
        json_serializer=serialize_json,
        use_native_hstore=False,
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "checkout", _replace_closed)
    event.listen(engine, "begin", _begin)
    keep_nul_out(engine)
    return engine


def _libpq_address(address: URL) -> URL:
    """The address in libpq's words; a socket file, as earlier releases named it, becomes its folder and port."""
    query = dict(address.query)
    query.pop("prepare_threshold", None)
    socket = query.pop("unix_sock", None)
    if isinstance(socket, str):
        folder, _, port = socket.rpartition("/.s.PGSQL.")
        query |= {"host": folder, "port": port}
    return address.set(drivername="postgresql+psycopg", query=query)


def _defaults(address: URL, patience: float) -> dict[str, Any]:
    """Options that the address may replace: a server that says nothing more is noticed within a minute, not after hours."""
    usual = {
        "application_name": "umpire",
        "connect_timeout": max(2, int(patience)),
        "keepalives_idle": 20,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 50_000,
    }
    return {name: value for name, value in usual.items() if name not in address.query}


def _driver_options(address: URL) -> dict[str, Any]:
    match address.query.get("prepare_threshold"):
        case None:
            return {}
        case "none":
            return {"prepare_threshold": None}
        case str(number) if number.isascii() and number.isdecimal():
            return {"prepare_threshold": int(number)}
    raise ArgumentError("prepare_threshold: expected a number or none")


def _set_up(dbapi_connection: Any, _record: object) -> None:
    """Have no query compiled to machine code: each reads a few rows, and compiling takes longer than reading them."""
    with dbapi_connection.cursor() as cursor:
        cursor.execute("SET jit = off")
    dbapi_connection.commit()


def _replace_closed(dbapi_connection: Any, _record: object, _proxy: object) -> None:
    """Let the pool replace an idle connection on which something has come in: its end, or what it says before it ends."""
    ready = select.poll()
    try:
        ready.register(dbapi_connection.fileno(), select.POLLIN)
    except OperationalError:  # closed from this side
        raise DisconnectionError from None
    if ready.poll(0):
        raise DisconnectionError


def _begin(connection: Connection) -> None:
    """Begin with the one statement that psycopg sends by itself, which then carries isolation and access mode."""
    raw: Any = connection.connection.dbapi_connection
    reading = not is_writing(connection)
    if bool(raw.read_only) is not reading:
        raw.read_only = reading or None
        raw.isolation_level = IsolationLevel.REPEATABLE_READ if reading else None
