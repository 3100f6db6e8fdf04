"""Writers take turns: whatever happens to a thread, the next one gets its turn."""

from __future__ import annotations

import ctypes
import threading
from pathlib import Path

import pytest

import worker
from domain.errors import Unavailable
from engine import options
from store import inbox
from store.session import WORKER_BUSY_SECONDS, Store, open_store


class Thrown(BaseException):
    """The exception that the engine throws into the thread of an activity that timed out."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}", busy_seconds=4.0)
    store.create()
    return store


def throw_into(thread: threading.Thread) -> None:
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Thrown))


def write_once(store: Store) -> None:
    try:
        with store.begin() as s:
            inbox.unread(s)
    except Thrown:
        pass


def test_a_thread_that_is_cancelled_while_it_waits_for_its_turn_leaves_the_turn_to_the_next(store: Store) -> None:
    """The exception arrives just as the lock is handed over: the case in which a worker could never write again."""
    for _ in range(20):
        waiting = threading.Thread(target=write_once, args=(store,))
        with store.begin():
            waiting.start()
            while not waiting.is_alive():
                pass
            throw_into(waiting)
        waiting.join(timeout=30)
        assert not waiting.is_alive()
    with store.begin() as s:
        assert inbox.unread(s) == ()


def test_a_turn_that_is_not_had_in_time_is_said_to_be_missing_and_holds_nothing(store: Store) -> None:
    failed: list[Exception] = []

    def wait_for_it() -> None:
        try:
            with store.begin():
                pass
        except Unavailable as error:
            failed.append(error)

    with store.begin():
        late = threading.Thread(target=wait_for_it)
        late.start()
        late.join(timeout=30)
    assert [str(error) for error in failed] == ["no turn to write within 2 s"]
    with store.begin() as s:
        assert inbox.unread(s) == ()


def test_no_wait_for_a_turn_is_longer_than_the_time_of_the_activity_that_waits() -> None:
    for given in (options.JOURNAL, options.STORE, options.ELIGIBILITY, options.DELIVERY):
        assert given["start_to_close_timeout"].total_seconds() > WORKER_BUSY_SECONDS


def test_nothing_is_thrown_into_the_thread_of_an_activity_that_reads_or_writes_the_store(store: Store) -> None:
    """It ends by itself: its waits are short, and what it wrote it writes again in the same way."""
    dependencies = worker.Dependencies(store, worker.load_rulebook(), None, None)  # type: ignore[arg-type]
    definitions = {
        activity.__name__: vars(activity.__func__)["__temporal_activity_definition"]  # type: ignore[attr-defined]
        for activity in worker.bound_activities(dependencies)
    }
    thrown = [name for name, definition in definitions.items() if not definition.no_thread_cancel_exception]
    assert thrown == ["deliver"], "a carrier that hangs may be interrupted: a letter goes out once by its key"
