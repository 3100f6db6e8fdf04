from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from activities.lookups.certified_days import certified_days, working_drg
from domain.errors import Corrupt
from domain.retrospective.parts import ProcessStage
from domain.vocabulary import ProcessKind
from store import read_models, retrospective_lessons, schema, stays_on_file, tables
from store.session import Store, open_store
from tests.store.samples import NOON, case_view, decided_days, draft, json, lesson_facts, sheet, stay_facts

STAY, REVIEW = "ST-TESTSTAY0001", "RR-TESTREVIEW01"
_FACTS = stay_facts(
    decided_days(1, 2),
    decided_days(3, 4, review="PA-1-R2"),
    decided_days(5, 5, answer="denied"),
    decided_days(6, 7, changed_by="PA-1-R3"),
)
_LESSONS = {"claim_number": "C1", "lessons": [lesson_facts(), lesson_facts(stage="discharge")]}


def _record(store: Store, case_id: str, **data: Any) -> None:
    view = case_view(case_id, process=ProcessKind.STAY)
    with store.begin() as s:
        read_models.record_entries(s, case_id, [draft(1, case=json(view)[0], **data)])


@pytest.mark.parametrize("data", [{"stay": _FACTS}, {"sheet": sheet("stay", _FACTS)}], ids=["facts", "summary alone"])
def test_days_stand_certified_whatever_another_release_put_into_the_summary(store: Store, data: dict[str, Any]) -> None:
    _record(store, STAY, **data)
    with store.read() as s:
        on_file = stays_on_file.get(s, STAY)
        found = list(certified_days(s, "MBR1"))
        assert working_drg(s, "MBR1", date(2026, 3, 1)) == "291"
        assert working_drg(s, "MBR1", date(2026, 3, 2)) is None
    assert on_file is not None and on_file.certified_through == date(2026, 3, 4)
    assert [(one.case_id, one.start, one.end) for one in found] == [(STAY, date(2026, 3, 1), date(2026, 3, 4))]


def test_what_the_entry_says_of_the_stay_counts_and_not_its_summary(store: Store) -> None:
    _record(store, STAY, stay=_FACTS, sheet={"process": "stay", "content": {"days": "as a sentence"}})
    with store.read() as s:
        assert len(list(certified_days(s, "MBR1"))) == 1


@pytest.mark.parametrize("missing", ["days", "working_drg", "admitted_at"])
def test_a_stay_that_cannot_be_read_is_an_error_and_never_a_stay_without_certified_days(
    store: Store, missing: str
) -> None:
    cut = {name: value for name, value in _FACTS.items() if name != missing}
    for data in ({"stay": cut}, {"sheet": sheet("stay", cut)}):
        with pytest.raises(Corrupt, match=f"entry 1: data.stay is no StayOnFile: {missing}"):
            _record(store, STAY, **data)


def test_a_row_that_cannot_be_read_is_an_error(store: Store) -> None:
    _record(store, STAY, stay=_FACTS)
    _record(store, REVIEW, sheet=sheet("retrospective_review", _LESSONS))
    with store.begin() as s:
        s.execute(update(tables.decided_days).values(answer="perhaps"))
        s.execute(update(tables.retrospective_lessons).values(stage="perhaps"))
    with store.read() as s:
        with pytest.raises(Corrupt, match=STAY):
            list(certified_days(s, "MBR1"))
        with pytest.raises(Corrupt, match=REVIEW):
            retrospective_lessons.all_lessons(s)


def test_lessons_are_listed_by_the_step_that_they_are_about(store: Store) -> None:
    _record(store, REVIEW, sheet=sheet("retrospective_review", _LESSONS))
    with store.read() as s:
        assert len(retrospective_lessons.all_lessons(s)) == 2
        found = retrospective_lessons.all_lessons(s, ProcessStage.DISCHARGE)
    assert [(one.case_id, one.claim_number, one.at) for one in found] == [(REVIEW, "C1", NOON)]


@pytest.mark.parametrize("without", ["days", "level_of_care", "lessons"])
def test_a_lesson_or_a_stay_without_its_parts_stops_the_upgrade(empty_url: str, without: str) -> None:
    store = _at_version_6(empty_url, without)
    with pytest.raises(Corrupt, match="summary"):
        store.create()
    store.close()


def test_an_upgrade_fills_the_tables_as_a_rebuild_from_the_journal_does(empty_url: str) -> None:
    store = _at_version_6(empty_url)
    store.create()
    filled = _rows(store)
    assert [len(rows) for rows in filled] == [1, 4, 2]
    for case_id, shown in _summaries().items():
        _record(store, case_id, sheet=shown)
    with store.begin() as s:
        read_models.rebuild(s)
    assert _rows(store) == filled
    store.close()


def _summaries() -> dict[str, dict[str, Any]]:
    return {STAY: sheet("stay", _FACTS), REVIEW: sheet("retrospective_review", _LESSONS)}


def _at_version_6(url: str, without: str | None = None) -> Store:
    """A store of the release before, with the summary of a stay and of a retrospective review."""
    store = open_store(url)
    schema.prefer_wal(store.engine, 5)
    with store._write() as s:
        schema.upgrade(s.connection(), "0006")
        for case_id, shown in _summaries().items():
            kept = {name: value for name, value in shown["content"].items() if name != without}
            row = {"case_id": case_id, "process": shown["process"], "sheet": shown | {"content": kept}}
            s.execute(insert(tables.sheets).values(row))
    return store


def _rows(store: Store) -> list[list[Any]]:
    made = (tables.stay_courses, tables.decided_days, tables.retrospective_lessons)
    with store.read() as s:
        return [[tuple(row) for row in s.execute(select(table).order_by(*table.primary_key))] for table in made]
