"""Verifying and rebuilding go on after a kill, give the same, and read again only what changed, if one asks for that."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from domain.journal import ChainBreak
from services.upkeep import case_walk, verification
from store import read_models, tables
from store.session import Store
from tests.store.samples import CASE, NOON, draft, drafts
from tests.store.test_read_models import _full

CASES = [f"{CASE}{number:02d}" for number in range(12)]
BROKEN = CASES[3]


class Killed(BaseException):
    """A kill in the middle."""


@pytest.fixture(autouse=True)
def short_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_walk, "PORTION", 2)


@pytest.fixture
def filled(store: Store) -> Store:
    with store.begin() as s:
        for case_id in CASES:
            read_models.record_entries(s, case_id, [_full(case_id, 1), *drafts(2, 3)])
    return store


def break_chain(store: Store, case_id: str = BROKEN) -> None:
    with store.begin() as s:
        if store.engine.dialect.name == "sqlite":
            for guard in ("journal_no_update", "journal_no_delete"):
                s.execute(text(f"DROP TRIGGER IF EXISTS {guard}"))
        else:
            s.execute(text("SET LOCAL session_replication_role = replica"))
        s.execute(update(tables.journal).where(tables.journal.c.case_id == case_id).values(summary="changed"))


def verify(store: Store, home: Path, **more: Any) -> verification.Verified:
    given = {"now": NOON, "changed": False, "anew": False, "tell": lambda *_: None} | more
    return verification.verify_journals(store, home, started_before=NOON, **given)


def killed_after(portions: int) -> Any:
    told: list[int] = []

    def tell(_step: str, done: int, _of: int) -> None:
        told.append(done)
        if len(told) == portions:
            raise Killed

    return tell


def lists(store: Store) -> list[list[Any]]:
    with store.read() as s:
        queries = [select(table).order_by(*table.primary_key) for table in read_models.READ_MODELS]
        return [[tuple(row) for row in s.execute(query)] for query in queries]


def test_a_verification_that_was_killed_goes_on_and_finds_the_same(filled: Store, tmp_path: Path) -> None:
    break_chain(filled)
    whole = verify(filled, tmp_path / "whole")
    for _ in range(2):
        with pytest.raises(Killed):
            verify(filled, tmp_path / "killed", tell=killed_after(2))
    resumed = verify(filled, tmp_path / "killed")
    assert (resumed.faults, resumed.cases) == (whole.faults, whole.cases) == (whole.faults, len(CASES))
    assert [fault.case_id for fault in resumed.faults] == [BROKEN]
    assert resumed.went_on_after == 8 and whole.went_on_after == 0
    assert sorted(path.name for path in (tmp_path / "killed").iterdir()) == [verification.VERIFIED]


def test_a_line_that_a_kill_cut_off_is_read_again(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        verify(filled, tmp_path, tell=killed_after(3))
    partial = tmp_path / verification.VERIFYING
    partial.write_bytes(partial.read_bytes()[:-20])
    resumed = verify(filled, tmp_path)
    assert (resumed.went_on_after, resumed.cases, resumed.faults) == (4, len(CASES), ())
    assert len(verify(filled, tmp_path, changed=True).faults) == 0


@pytest.mark.parametrize(("later", "anew"), [(timedelta(days=2), False), (timedelta(0), True)])
def test_an_old_walk_and_one_that_is_not_wanted_begin_from_the_start(
    filled: Store, tmp_path: Path, later: timedelta, anew: bool
) -> None:
    with pytest.raises(Killed):
        verify(filled, tmp_path, tell=killed_after(2))
    assert verify(filled, tmp_path, now=NOON + later, anew=anew).went_on_after == 0


def test_a_case_that_was_opened_meanwhile_is_verified_too(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        verify(filled, tmp_path, tell=killed_after(3))
    early = "PA-0"
    with filled.begin() as s:
        read_models.record_entries(s, early, [_full(early, 1), *drafts(2, 2)])
    break_chain(filled, early)
    assert [fault.case_id for fault in verify(filled, tmp_path).faults] == [early]


def test_only_changed_journals_are_read_again_if_one_asks_for_that_and_broken_ones_always(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_chain(filled)
    verify(filled, tmp_path)
    with filled.begin() as s:
        read_models.record_entries(s, CASES[7], [draft(4)])
    seen: list[str] = []
    check = verification.verify_case

    def noting(s: Session, case_id: str) -> list[ChainBreak]:
        seen.append(case_id)
        return check(s, case_id)

    monkeypatch.setattr(verification, "verify_case", noting)
    found = verify(filled, tmp_path, changed=True)
    assert seen == [BROKEN, CASES[7]]
    assert (found.unchanged, found.cases) == (len(CASES) - 2, len(CASES))
    assert [fault.case_id for fault in found.faults] == [BROKEN]
    seen.clear()
    verify(filled, tmp_path, changed=True)
    assert seen == [BROKEN], "what was not read again is still known"
    seen.clear()
    verify(filled, tmp_path)
    assert seen == CASES


def test_a_journal_that_was_cut_off_to_an_older_entry_is_read_again(filled: Store, tmp_path: Path) -> None:
    verify(filled, tmp_path)
    with filled.begin() as s:
        if filled.engine.dialect.name == "sqlite":
            for guard in ("journal_no_delete", "journal_heads_no_delete", "journal_heads_forward"):
                s.execute(text(f"DROP TRIGGER IF EXISTS {guard}"))
        else:
            s.execute(text("SET LOCAL session_replication_role = replica"))
        for table in (tables.journal, tables.journal_heads):
            s.execute(delete(table).where(table.c.case_id == BROKEN))
    assert [fault.case_id for fault in verify(filled, tmp_path, changed=True).faults] == [BROKEN]


def test_a_rebuild_that_was_killed_goes_on_and_gives_the_same_lists(filled: Store, tmp_path: Path) -> None:
    live = lists(filled)
    with filled.begin() as s:
        s.execute(update(tables.cases).values(status="denied"))
        stray = dict(s.execute(select(tables.case_lines).limit(1)).mappings().one())
        s.execute(delete(tables.case_lines))
        s.execute(tables.case_lines.insert(), stray | {"case_id": "PA-NO-JOURNAL"})

    def rebuild(tell: Any) -> verification.Rebuilt:
        return verification.rebuild_lists(filled, tmp_path, NOON, tell)

    for portions in (2, 7, 2):
        with pytest.raises(Killed):
            rebuild(killed_after(portions))
        assert len(lists(filled)[0]) >= len(CASES), "no list is without a case meanwhile"
    assert rebuild(lambda *_: None) == verification.Rebuilt((), len(CASES))
    assert lists(filled) == live
    assert list(tmp_path.glob("*.jsonl")) == []


def test_nothing_is_rebuilt_while_a_journal_does_not_verify(filled: Store, tmp_path: Path) -> None:
    break_chain(filled)
    with filled.begin() as s:
        s.execute(delete(tables.case_lines))
    changed = lists(filled)
    assert [f.case_id for f in verification.rebuild_lists(filled, tmp_path, NOON, lambda *_: None).faults] == [BROKEN]
    assert lists(filled) == changed


def test_the_file_of_another_store_is_not_taken_for_this_one(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        verify(filled, tmp_path, tell=killed_after(2))
    partial = tmp_path / verification.VERIFYING
    assert case_walk.read_walk(partial, "another") is None
    walk = case_walk.begin_walk(filled, partial, NOON)
    assert walk.is_resumed and isinstance(walk.begun_at, datetime) and len(walk.heads) == 4
