"""Connections to PostgreSQL: no question before use, yet a server that ends them all stops nobody for long."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import event, text

from domain.errors import Refused, Unavailable
from store import installation, journal, read_models
from store.session import Store, open_store
from tests.store.samples import CASE, drafts

ADDRESS = "postgresql://umpire@db.example.com/umpire"
OTHERS = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


@pytest.fixture
def backend() -> str:
    return "postgres"


@pytest.fixture
def own_store(store_url: str) -> Iterator[Store]:
    """A store with a pool of its own on the database of `store`."""
    opened = open_store(f"{store_url}&application_name=counted", connections=3)
    yield opened
    opened.close()


def end_connections(store: Store) -> int:
    """End every other connection to the database, as its administrator may; the number of them."""
    with store.engine.connect() as connection:
        ended = connection.execute(text(f"select pg_terminate_backend(pid) from ({OTHERS}) others")).all()
        while connection.execute(text(OTHERS)).all():
            connection.rollback()
    return len(ended)


def connection_names(store: Store) -> list[str]:
    query = f"select application_name from pg_stat_activity where pid in ({OTHERS})"
    with store.engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


@pytest.mark.postgres
def test_connections_that_were_ended_while_idle_are_replaced_and_nobody_notices(store: Store, own_store: Store) -> None:
    with own_store.begin() as s:
        journal.extend(s, CASE, drafts(1, 1))
    assert end_connections(store) >= 1
    with own_store.begin() as s:
        journal.extend(s, CASE, drafts(2, 2))
    with own_store.read() as s:
        assert journal.head(s, CASE).seq == 2


@pytest.mark.postgres
def test_a_connection_that_is_ended_in_a_transaction_is_an_outage_and_takes_the_whole_transaction_with_it(
    store: Store, own_store: Store
) -> None:
    with pytest.raises(Unavailable), own_store.begin() as s:
        read_models.record_entries(s, CASE, drafts(1, 3))
        end_connections(store)
        journal.head(s, CASE)
    with own_store.begin() as s:
        assert journal.head(s, CASE).seq == 0
        read_models.record_entries(s, CASE, drafts(1, 3))
    with own_store.read() as s:
        assert journal.verify(s, CASE) is None and journal.head(s, CASE).seq == 3


@pytest.mark.postgres
def test_a_transaction_costs_its_statements_and_no_question_whether_the_connection_lives(own_store: Store) -> None:
    said: list[str] = []

    @event.listens_for(own_store.engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement)

    with own_store.read() as s:
        journal.head(s, CASE)
    said.clear()
    with own_store.begin() as s:
        journal.head(s, CASE)
    with own_store.read() as s:
        journal.head(s, CASE)
    assert len(said) == 2 and all("journal_heads" in statement for statement in said)


@pytest.mark.postgres
def test_a_reader_cannot_write_and_the_writer_after_it_on_the_same_connection_can(own_store: Store) -> None:
    with pytest.raises(Unavailable, match="25006"), own_store.read() as s:
        journal.extend(s, CASE, drafts(1, 1))
    with own_store.begin() as s:
        journal.extend(s, CASE, drafts(1, 1))
        assert s.execute(text("show transaction_isolation")).scalar_one() == "read committed"
    with own_store.read() as s:
        assert s.execute(text("show transaction_isolation")).scalar_one() == "repeatable read"


@pytest.mark.postgres
def test_a_process_keeps_as_many_connections_as_it_was_given_and_its_other_threads_wait(
    store: Store, own_store: Store
) -> None:
    turn, failed = threading.Barrier(3), []

    def work(number: int) -> None:
        try:
            with own_store.begin() as s:
                if number < 3:
                    turn.wait(30)  # three at once hold all there are
                journal.extend(s, f"{CASE}{number}", drafts(1, 1))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert connection_names(store).count("counted") == 3


@pytest.mark.postgres
def test_an_address_as_earlier_releases_wrote_it_still_opens_the_store(store_url: str) -> None:
    folder = store_url.partition("host=")[2].partition("&")[0].replace("%2F", "/")
    before, _, _ = store_url.replace("postgresql+psycopg", "postgresql+pg8000").partition("?")
    opened = open_store(f"{before}?unix_sock={folder}/.s.PGSQL.5432")
    with opened.read() as s:
        assert installation.installation_key(s)
    opened.close()


@pytest.mark.postgres
def test_statements_are_not_prepared_for_a_pooler_that_changes_connections(store: Store, store_url: str) -> None:
    counts = []
    for option in ("&prepare_threshold=0", "&prepare_threshold=none"):
        opened = open_store(store_url + option)
        with opened.read() as s:
            journal.head(s, CASE)
            counts.append(s.execute(text("select count(*) from pg_prepared_statements")).scalar_one())
        opened.close()
    assert counts[0] > 0 and counts[1] == 0


def test_options_of_the_address_reach_the_servers_library_as_they_are() -> None:
    given = {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "target_session_attrs": "read-write"}
    store = open_store(f"{ADDRESS}?" + "&".join(f"{name}={value}" for name, value in given.items()))
    _, used = store.engine.dialect.create_connect_args(store.engine.url)
    assert used.items() >= given.items()


@pytest.mark.parametrize(
    ("option", "named"), [("sslmood=require", "sslmood"), ("prepare_threshold=often", "number or")]
)
def test_an_option_that_nobody_knows_is_refused_by_its_name(option: str, named: str) -> None:
    with pytest.raises(Refused, match=named):
        open_store(f"{ADDRESS}?{option}")
