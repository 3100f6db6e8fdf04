"""A time has one call and a case one time, whoever asks at the same moment."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from store.portal import slots
from store.portal.slots import Booking
from store.session import Store

NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
MONDAY = NOW + timedelta(days=6)


def booking(case_id: str) -> Booking:
    return Booking(case_id=case_id, person="Dr. A", phone="1", booked_by="provider:1", booked_at=NOW)


def offered(store: Store, *minutes: int) -> list[int]:
    with store.begin() as s:
        made = slots.offer(s, "md", [MONDAY + timedelta(minutes=one) for one in minutes], 20, "md", NOW)
    return [one.slot_id for one in made]


def test_of_two_who_book_one_time_at_once_one_gets_it(store: Store) -> None:
    (slot,) = offered(store, 0)
    start, got = threading.Barrier(2), []

    def ask(case_id: str) -> None:
        start.wait()
        with store.begin() as s:
            got.append((case_id, slots.book(s, slot, booking(case_id))))

    people = [threading.Thread(target=ask, args=(name,)) for name in ("PA-1", "PA-2")]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(won for _case, won in got) == [False, True]
    with store.read() as s:
        kept = slots.get(s, slot)
    assert kept is not None and kept.case_id == next(case_id for case_id, won in got if won)


def test_a_case_moves_to_another_time_and_gives_up_the_first(store: Store) -> None:
    first, second = offered(store, 0, 20)
    with store.begin() as s:
        assert slots.book(s, first, booking("PA-1")) and slots.book(s, second, booking("PA-1"))
        assert slots.book(s, first, booking("PA-2"))
        assert not slots.book(s, first, booking("PA-1")), "taken: the case keeps what it had"
        mine = slots.of_case(s, "PA-1")
    assert mine is not None and mine.slot_id == second
    with store.begin() as s:
        assert not slots.withdraw(s, second) and slots.of_case(s, "PA-1") is not None
        slots.release(s, "PA-1")
        assert slots.withdraw(s, second)


def test_times_of_a_physician_do_not_overlap(store: Store) -> None:
    assert len(offered(store, 0, 10, 20)) == 2
    assert offered(store, 5, 20) == []
    with store.read() as s:
        assert [one.starts_at for one in slots.free(s, ["md"], NOW, MONDAY)] == [MONDAY]
