"""A run that a case starts as its child needs no file of its own; whoever takes the number of an ended case starts none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.case_records import CaseRecords
from domain.cases.orders import KeptCaseInput
from domain.cases.views import CaseStatus
from store import read_models
from store.session import Store, open_store
from tests.store.samples import CASE, NOON, case_view, draft

CHILD = "CB-AAAABBBBCCCC"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    made.create()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _no_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.case_records.LetterWriter", lambda rulebook: None)


def is_believed(store: Store, started_by: str | None, started_at: datetime | None = NOON) -> bool:
    records: Any = CaseRecords(store, None, None)  # type: ignore[arg-type]
    order = KeptCaseInput(case_id=CHILD, started_by=started_by, started_at=started_at)
    found: bool = ActivityEnvironment().run(records.read_kept_case, order).is_of_case
    try:
        ActivityEnvironment().run(records.await_start, order)
    except ApplicationError as error:
        assert not error.non_retryable, "it is tried again until something is on file"
        assert not found
    else:
        assert found
    return found


def put_parent(store: Store, **changes: Any) -> None:
    with store.begin() as s:
        row = case_view(**changes).model_dump(mode="json")
        read_models.record_entries(s, CASE, [draft(1, case=row)])


def test_the_child_of_an_open_case_begins_as_it_was_sent(store: Store) -> None:
    put_parent(store)
    assert is_believed(store, CASE)
    assert not is_believed(store, None) and not is_believed(store, CASE, None), "it is a child of nobody"


def test_whoever_has_the_number_of_no_case_starts_none(store: Store) -> None:
    assert not is_believed(store, CASE)


def test_whoever_takes_the_number_of_an_ended_case_starts_none_but_its_last_children_begin(store: Store) -> None:
    put_parent(store, status=CaseStatus.COMPLETED, closed_at=NOON)
    assert not is_believed(store, CASE, NOON + timedelta(seconds=1))
    assert is_believed(store, CASE, NOON - timedelta(seconds=1)), "the case ended before its child took the first step"
