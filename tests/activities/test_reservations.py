"""Two cases that draw on one benefit limit: only one of them gets the last units, and nothing is taken twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.case_records import CaseRecords
from domain.authorization.orders import Reservation, ReserveInput
from domain.coverage.directory import BenefitLimit, Coverage, Member
from domain.vocabulary import Lob
from store import benefits, directory
from store.session import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    made.create()
    limit = BenefitLimit(benefit_id="B", codes=("E0424",), limit=Decimal(10), unit="units", used=Decimal(4))
    member = Member(member_id="M", family_name="F", given_name="G", birth_date=date(1950, 1, 1), address=("A",))
    with made.begin() as s:
        directory.put_member(s, member)
        directory.put_coverage(
            s,
            Coverage(
                coverage_id="C",
                member_id="M",
                plan_id="P",
                plan_name="Plan",
                lob=Lob.MEDICAID,
                state="IL",
                zone="America/Chicago",
                effective=date(2026, 1, 1),
                benefits=(limit,),
            ),
        )
    yield made
    made.close()


def reserve(store: Store, case_id: str, *wanted: tuple[str, int, bool], back: tuple[str, ...] = ()) -> tuple[str, ...]:
    order = ReserveInput(
        case_id=case_id,
        reservations=tuple(
            Reservation(line_id=line, benefit_id="B", units=Decimal(units), within_limit=within)
            for line, units, within in wanted
        ),
        given_back=back,
    )
    records = CaseRecords(store, None, None)  # type: ignore[arg-type]
    return ActivityEnvironment().run(records.reserve, order).refused


def left(store: Store) -> Decimal:
    with store.read() as s:
        return benefits.remaining(s, "B")


@pytest.fixture(autouse=True)
def _no_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.case_records.LetterWriter", lambda rulebook: None)


def test_the_second_case_finds_the_limit_used_up(store: Store) -> None:
    assert reserve(store, "PA-1", ("1", 4, True)) == ()
    assert reserve(store, "PA-2", ("1", 4, True)) == ("1",)
    assert left(store) == 2


def test_a_reservation_made_again_takes_nothing_more(store: Store) -> None:
    for _ in range(3):
        assert reserve(store, "PA-1", ("1", 6, True)) == ()
    assert left(store) == 0


def test_two_lines_of_one_case_share_the_limit(store: Store) -> None:
    assert reserve(store, "PA-1", ("1", 4, True), ("2", 4, True)) == ("2",)
    assert left(store) == 2


def test_an_exception_by_a_physician_may_go_beyond_and_is_counted(store: Store) -> None:
    assert reserve(store, "PA-1", ("1", 20, False)) == ()
    assert left(store) == -14


def test_what_a_lost_task_reserved_is_given_back_when_the_case_wants_it_no_more(store: Store) -> None:
    """The worker died before its task was complete; looked up again, the case goes another way and knows of no units."""
    reserve(store, "PA-1", ("1", 4, True))
    reserve(store, "PA-2", ("1", 1, True))
    assert reserve(store, "PA-1") == ()
    assert left(store) == 5


def test_what_is_not_wanted_any_more_is_given_back(store: Store) -> None:
    reserve(store, "PA-1", ("1", 4, True), ("2", 2, True))
    assert reserve(store, "PA-1", ("2", 1, True), back=("1",)) == ()
    assert left(store) == 5
