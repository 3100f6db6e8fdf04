from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta, timezone

import pytest
from sqlalchemy import ColumnElement, Table, delete, insert, text, update
from sqlalchemy.orm import Session

from domain.errors import Corrupt
from domain.journal import GENESIS, Actor, chain_entry
from store import cases, journal, read_models, tables
from store.session import Store
from tests.store.samples import CASE, NOON, case_view, draft, drafts


@pytest.fixture
def written(store: Store) -> Store:
    with store.begin() as s:
        journal.extend(s, CASE, drafts(1, 5))
    return store


@contextmanager
def tampering(store: Store) -> Iterator[Session]:
    """A transaction of an attacker who is past the database's guards: only the chain is left to tell."""
    with store.begin() as s:
        if store.engine.dialect.name == "postgresql":
            s.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for guard in ("journal_no_update", "journal_no_delete", "journal_heads_no_delete"):
                s.execute(text(f"DROP TRIGGER IF EXISTS {guard}"))
        yield s


def _verify(store: Store) -> tuple[int, str]:
    with store.read() as s:
        fault = journal.verify(s, CASE)
        assert journal.verify_all(s) == [fault]
    assert fault is not None
    return fault.seq, fault.problem


def test_entries_come_back_as_they_were_written_and_the_chain_verifies(store: Store) -> None:
    with store.begin() as s:
        written = journal.extend(
            s, CASE, [draft(1, odd={"ü": [1.0, 1e300, 1e-7, -0.0, 10**20, None, "\u0000"]})]
        ).entries
        written += journal.extend(s, CASE, drafts(2, 4)).entries
    with store.read() as s:
        assert journal.entries(s, CASE) == written
        assert journal.entries(s, CASE, after=2) == written[2:]
        assert journal.verify(s, CASE) is None
        assert journal.verify_all(s) == []
        assert journal.head(s, CASE) == (4, written[-1].hash)
    assert written[0].prev_hash == GENESIS


def test_an_instant_in_another_zone_is_kept_in_utc_and_still_verifies(store: Store) -> None:
    chicago = draft(1).model_copy(update={"at": NOON.astimezone(timezone(timedelta(hours=-6)))})
    with store.begin() as s:
        journal.extend(s, CASE, [chicago])
        journal.extend(s, CASE, [chicago])
    with store.read() as s:
        entry = journal.entries(s, CASE)[0]
        assert entry.at == NOON and entry.at.utcoffset() == timedelta(0)
        assert journal.verify(s, CASE) is None


def test_a_nul_in_a_text_does_not_stop_a_case(store: Store) -> None:
    odd = draft(1, case=case_view(member_id="M\x001").model_dump(mode="json"), note="a\x00b", other="\\u0000")
    odd = odd.model_copy(update={"summary": "\x00", "actor": Actor(kind="provider", id="x\x00")})
    with store.begin() as s:
        read_models.record_entries(s, CASE, [odd])
        read_models.record_entries(s, CASE, [odd])
    with store.read() as s:
        (entry,) = journal.entries(s, CASE)
        assert (entry.summary, entry.data["note"], entry.data["other"]) == ("\ufffd", "a\x00b", "\\u0000")
        assert journal.verify(s, CASE) is None
        (found,) = cases.find(s, member_id="M\x001")
        assert found.member_id == "M\ufffd1"


def test_writing_the_same_entries_again_changes_nothing(store: Store) -> None:
    with store.begin() as s:
        first = journal.extend(s, CASE, drafts(1, 3)).entries
    with store.begin() as s:
        assert journal.extend(s, CASE, drafts(1, 3)).entries == first
        longer = journal.extend(s, CASE, drafts(2, 5)).entries
        assert journal.extend(s, CASE, []).entries == ()
    with store.read() as s:
        assert journal.entries(s, CASE) == first[:1] + longer


def test_another_content_under_a_taken_number_is_refused(store: Store) -> None:
    with store.begin() as s:
        journal.extend(s, CASE, drafts(1, 3))
    with pytest.raises(Corrupt, match="entry 2 is in the journal with another content"), store.begin() as s:
        journal.extend(s, CASE, [draft(2, note="another"), draft(3, note="n3"), draft(4)])
    with store.read() as s:
        assert len(journal.entries(s, CASE)) == 3


@pytest.mark.parametrize("numbers", [(3,), (1, 3), (2, 1), (1, 1)])
def test_a_gap_or_a_wrong_order_is_refused(store: Store, numbers: tuple[int, ...]) -> None:
    with pytest.raises(Corrupt, match="was given"), store.begin() as s:
        journal.extend(s, CASE, [draft(number) for number in numbers])


@pytest.mark.parametrize("table", [tables.journal, tables.journal_heads])
def test_the_database_refuses_to_delete_from_the_journal(store: Store, table: Table) -> None:
    with store.begin() as s:
        journal.extend(s, CASE, drafts(1, 2))
    with pytest.raises(Corrupt, match="append-only|never taken away"), store.begin() as s:
        s.execute(delete(table))
    with store.read() as s:
        assert journal.verify(s, CASE) is None


def test_the_database_refuses_to_change_the_journal(store: Store) -> None:
    with store.begin() as s:
        journal.extend(s, CASE, drafts(1, 2))
    with pytest.raises(Corrupt, match="append-only"), store.begin() as s:
        s.execute(update(tables.journal).values(summary="another story"))
    with pytest.raises(Corrupt, match="moves forward"), store.begin() as s:
        s.execute(update(tables.journal_heads).values(seq=1))


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "another story"},
        {"data": '{"note":"forged"}'},
        {"actor_id": "somebody"},
        {"kind": "closed"},
        {"at": NOON},
        {"hash": "0" * 64},
    ],
)
def test_a_tampered_row_is_found(written: Store, change: dict[str, object]) -> None:
    with tampering(written) as s:
        s.execute(update(tables.journal).where(tables.journal.c.seq == 3).values(**change))
    seq, problem = _verify(written)
    assert seq == 3 and problem


@pytest.mark.parametrize("change", [{"kind": "no such kind"}, {"data": "{"}, {"data": "[]"}])
def test_a_row_that_cannot_be_read_is_a_fault_and_no_crash(written: Store, change: dict[str, object]) -> None:
    with tampering(written) as s:
        s.execute(update(tables.journal).where(tables.journal.c.seq == 4).values(**change))
    assert _verify(written) == (4, "cannot be read")


def test_a_missing_row_is_found(written: Store) -> None:
    _delete(written, tables.journal.c.seq == 2)
    assert _verify(written) == (2, "entry 2 is missing")


def test_a_cut_off_tail_is_found(written: Store) -> None:
    _delete(written, tables.journal.c.seq > 3)
    assert _verify(written) == (4, "entries 4 to 5 are missing")


def test_a_whole_journal_taken_away_is_found(written: Store) -> None:
    _delete(written, tables.journal.c.seq > 0)
    assert _verify(written) == (1, "the whole journal is missing")


def test_a_journal_taken_away_with_its_head_is_found_by_its_case(written: Store) -> None:
    with tampering(written) as s:
        read_models.record_entries(s, CASE, [draft(6, case=case_view().model_dump(mode="json"))])
        s.execute(delete(tables.journal))
        s.execute(delete(tables.journal_heads))
    assert _verify(written) == (1, "the whole journal is missing")


def test_an_entry_added_past_the_head_is_found(written: Store) -> None:
    with tampering(written) as s:
        forged = chain_entry(CASE, draft(6), journal.head(s, CASE).hash)
        s.execute(insert(tables.journal), [journal._row(forged)])
    assert _verify(written) == (6, "the chain does not end at its recorded head")


def test_a_cut_off_tail_is_not_silently_written_anew(written: Store) -> None:
    _delete(written, tables.journal.c.seq > 3)
    with pytest.raises(Corrupt, match="missing from the journal"), written.begin() as s:
        journal.extend(s, CASE, drafts(4, 6))


def test_an_instant_that_is_none_is_a_fault_and_no_crash(written: Store) -> None:
    if written.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL keeps nothing but instants in the column")
    with tampering(written) as s:
        s.execute(text("UPDATE journal SET at = 'yesterday' WHERE seq = 5"))
    assert _verify(written) == (5, "cannot be read")


def test_another_program_cannot_change_the_file_by_accident(written: Store) -> None:
    if written.engine.dialect.name == "postgresql":
        pytest.skip("the file is SQLite's")
    with closing(sqlite3.connect(str(written.engine.url.database))) as raw:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute("UPDATE journal SET summary = 'another story'")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute("DELETE FROM journal")


def _delete(store: Store, condition: ColumnElement[bool]) -> None:
    with tampering(store) as s:
        s.execute(delete(tables.journal).where(condition))
