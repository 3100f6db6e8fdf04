from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text

from domain.coverage.directory import Member, Provider
from domain.errors import Refused, Unavailable
from domain.vocabulary import ProcessKind
from store import cases, directory, installation, requests, schema, tables
from store.cases import CaseSelection
from store.migrations import every_table
from store.session import Store, open_store
from store.worklist import tables as worklist_tables
from tests.paths import ROOT
from tests.store.samples import CASE, NOON, case_view, request


def test_the_migrations_make_exactly_the_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, every_table.metadata) == []


def test_the_versions_by_file_name_are_the_migrations_chain() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(revisions)) == schema.known_versions()


def test_creating_again_keeps_everything(empty_url: str) -> None:
    store = open_store(empty_url)
    store.create()
    with store.read() as s:
        key = installation.installation_key(s)
    store.create()
    with store.read() as s:
        assert installation.installation_key(s) == key
    assert len(key) == 32
    store.close()


def test_three_processes_may_create_the_same_store_at_once(empty_url: str) -> None:
    script = (
        "import sys; from store.session import open_store; from store import installation\n"
        "store = open_store(sys.argv[1]); store.create()\n"
        "with store.read() as s: sys.stdout.write(installation.installation_key(s).hex())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, empty_url], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    told = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], [err.decode()[-500:] for _, err in told]
    assert len({out for out, _ in told}) == 1


def test_an_empty_database_is_refused_with_the_way_out(empty_url: str) -> None:
    store = open_store(empty_url)
    with pytest.raises(Refused, match="has no tables yet") as refused, store.read():
        pass
    assert "Store.create()" in refused.value.refusals[0].way_out
    with pytest.raises(Refused, match="has no tables yet"), store.begin():
        pass
    store.close()


def test_a_newer_database_is_left_alone(empty_url: str) -> None:
    store = open_store(empty_url)
    store.create()
    with store.begin() as s:
        s.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for use in (store.check, store.create):
        with pytest.raises(Refused, match="at version 9999, which this release does not know"):
            use()
    store.close()


def test_an_older_database_is_refused_until_it_is_upgraded(empty_url: str) -> None:
    store = open_store(empty_url)
    schema.prefer_wal(store.engine, 5)
    with store._write() as s:
        schema.upgrade(s.connection(), "0001")
    with pytest.raises(Refused, match=f"is at version 0001; this release needs version {schema.newest_version()}"):
        store.check()
    store.create()
    store.check()
    store.close()


def test_an_upgrade_carries_the_requests_along(empty_url: str) -> None:
    store = open_store(empty_url)
    schema.prefer_wal(store.engine, 5)
    content = request(trace_numbers=("urn:t|1",)).model_dump(mode="json")
    row = {"case_id": CASE, "version": 1, "submission_id": "a|1", "requesting_npi": "1999999984", "request": content}
    with store._write() as s:
        schema.upgrade(s.connection(), "0002")
        s.execute(insert(tables.requests).values(row))
    store.create()
    with store.read() as s:
        assert requests.find_by_trace_number(s, "urn:t|1", "1999999984") == CASE
    store.close()


def test_an_upgrade_lets_everybody_on_file_be_found(empty_url: str) -> None:
    store = open_store(empty_url)
    schema.prefer_wal(store.engine, 5)
    address = ("1 Elm Street",)
    member = Member(
        member_id="M1", family_name="O'Ex", given_name="Ample", birth_date=date(1950, 1, 2), address=address
    )
    clinic = Provider(npi="1215000013", name="Lakeside Spine", specialties=(), network={})
    asked = request().model_dump(mode="json") | {"servicing_provider": {"npi": clinic.npi, "name": clinic.name}}
    row = {"case_id": CASE, "version": 1, "submission_id": "a|1", "requesting_npi": "1999999984", "request": asked}
    stay = case_view("CR-1", process=ProcessKind.STAY, requesting_npi=clinic.npi)
    views = [
        {"case_id": view.case_id, "status": "open", "lob": "", "member_id": "M1", "view": view.model_dump(mode="json")}
        for view in (case_view(CASE), stay)
    ]
    with store._write() as s:
        schema.upgrade(s.connection(), "0022")
        s.execute(insert(tables.members).values(member_id="M1", member=member.model_dump(mode="json")))
        s.execute(insert(tables.providers).values(npi=clinic.npi, provider=clinic.model_dump(mode="json")))
        s.execute(insert(tables.requests).values(row))
        s.execute(insert(tables.cases), views)
    store.create()
    with store.read() as s:
        for words in ("m1", "1950-01-02", "ex am"):
            assert directory.find_members(s, words, 5) == (member,)
        assert directory.find_providers(s, "spine", 5) == (clinic,)
        named = cases.select_cases(s, CaseSelection(provider=clinic.npi))
    assert {view.case_id for view in named} == {CASE, "CR-1"}
    store.close()


def test_a_failed_upgrade_leaves_nothing(empty_url: str) -> None:
    store = open_store(empty_url)
    schema.prefer_wal(store.engine, 5)
    with pytest.raises(ZeroDivisionError), store._write() as s:
        schema.upgrade(s.connection())
        _ = 1 / 0
    with pytest.raises(Refused, match="has no tables yet"):
        store.check()
    store.close()


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_an_address_of_another_kind_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Refused, match="DATABASE_URL") as refused:
        open_store(url)
    assert "secret" not in str(refused.value)


def test_the_shown_address_hides_the_password() -> None:
    assert "secret" not in open_store("postgresql://u:secret@h/d").display_url


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    store = open_store("postgresql://u:secret@127.0.0.1:1/d")
    with pytest.raises(Unavailable) as refused, store.read():
        pass
    assert "secret" not in str(refused.value)


def test_instants_come_back_in_utc_and_naive_ones_are_refused(store: Store) -> None:
    moscow = datetime(2026, 3, 2, 15, 0, 0, 999999, tzinfo=timezone(timedelta(hours=3)))
    values = {
        "case_id": CASE,
        "task_id": "T",
        "role": "nurse",
        "status": "open",
        "due_at": moscow,
        "task": {"a": [1.5, None]},
        "clock_stopped": False,
        **dict.fromkeys(("kind", "roles", "professions", "specialties", "process", "lob", "state", "urgency"), ""),
    }
    with store.begin() as s:
        s.execute(insert(worklist_tables.tasks).values(values))
        row = s.execute(select(worklist_tables.tasks)).one()
    assert row.due_at == moscow and row.due_at.tzinfo is UTC
    assert row.task == {"a": [1.5, None]}
    with pytest.raises(ValueError, match="without a time zone"), store.begin() as s:
        s.execute(insert(worklist_tables.tasks).values({**values, "task_id": "U", "due_at": NOON.replace(tzinfo=None)}))


@pytest.mark.parametrize("units", ["0.1", "12345678901234567890.0000000001", "-3", "0", "1.50"])
def test_decimals_are_exact(store: Store, units: str) -> None:
    row = {"case_id": CASE, "line_id": "1", "benefit_id": "B", "units": Decimal(units)}
    with store.begin() as s:
        s.execute(insert(tables.benefit_reservations).values(row))
        assert s.execute(select(tables.benefit_reservations.c.units)).scalar_one() == Decimal(units)


def test_a_decimal_that_is_no_number_is_refused(store: Store) -> None:
    row = {"case_id": CASE, "line_id": "1", "benefit_id": "B", "units": Decimal("NaN")}
    with pytest.raises(ValueError, match="finite"), store.begin() as s:
        s.execute(insert(tables.benefit_reservations).values(row))
