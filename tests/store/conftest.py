"""Fixtures of store tests on both databases: a fresh store for each test, copied from one that was migrated once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from store.migrations.every_table import metadata
from store.session import Store, open_store
from tests.store import throwaway_postgres

_numbers = count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "umpire.db"
    store = open_store(f"sqlite:///{path}")
    store.create()
    store.close()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a throw-away server, with `{name}` in place of the database's name."""
    if (why := throwaway_postgres.unavailable_reason()) is not None:
        pytest.skip(why)
    with throwaway_postgres.cluster() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """One migrated database for all tests: emptying it is ten times faster than making another."""
    _administer(postgres_url, "CREATE DATABASE umpire_shared")
    store = open_store(postgres_url.format(name="umpire_shared"))
    store.create()
    yield store
    store.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    url, name = request.getfixturevalue("postgres_url"), f"umpire_{next(_numbers)}"
    _administer(url, f"CREATE DATABASE {name}")
    yield url.format(name=name)
    _administer(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A migrated store without content."""
    if backend == "postgres":
        shared: Store = request.getfixturevalue("postgres_store")
        yield shared
        _empty(shared)
        return
    path = tmp_path / "umpire.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture
def store_url(store: Store) -> str:
    """The address of `store`, for another process."""
    return store.engine.url.render_as_string(hide_password=False)


def _empty(store: Store) -> None:
    tables = [table.name for table in reversed(metadata.sorted_tables) if table.name != "settings"]
    deletes = " ".join(f"DELETE FROM {name};" for name in tables)
    with store.begin() as s:
        s.execute(text("SET LOCAL session_replication_role = replica"))  # past the guards
        s.execute(text(f"DO $$ BEGIN {deletes} END $$"))


def _administer(url: str, statement: str) -> None:
    address = url.format(name="postgres").replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
