from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

from sqlalchemy import func, select

from domain.vocabulary import ArrivalKind, Channel
from store import inbox, journal, read_models, requests, tables
from store.session import Store, open_store
from tests.paths import ROOT
from tests.store.samples import CASE, NOON, draft, drafts, request

CASES, ENTRIES = 3, 8


def write_cases(url: str, who: str) -> None:
    """One process's work: receive, and write `CASES` journals entry by entry, with a late retry of each."""
    store = open_store(url)
    for seq in range(1, ENTRIES + 1):
        for number in range(CASES):
            with store.begin() as s:
                inbox.receive(s, who.encode(), NOON, Channel.API, kind=ArrivalKind.REQUEST)
                read_models.record_entries(s, f"PA-{who}-{number}", [draft(seq)])
            with store.begin() as s:
                read_models.record_entries(s, f"PA-{who}-{number}", [draft(seq)])
    store.close()


def _process(url: str, who: str) -> subprocess.Popen[bytes]:
    script = "import sys; from tests.store.test_concurrency import write_cases; write_cases(*sys.argv[1:])"
    return subprocess.Popen([sys.executable, "-c", script, url, who], cwd=ROOT, stderr=subprocess.PIPE)


def test_two_processes_write_and_nothing_is_lost(store: Store, store_url: str) -> None:
    started = [_process(store_url, who) for who in ("a", "b")]
    errors = [process.communicate(timeout=100)[1].decode() for process in started]
    assert errors == ["", ""]
    with store.read() as s:
        assert len(journal.case_ids(s)) == 2 * CASES
        assert journal.verify_all(s) == []
        assert s.execute(select(func.count()).select_from(tables.journal)).scalar_one() == 2 * CASES * ENTRIES
        assert len(inbox.unread(s)) == 2 * CASES * ENTRIES


def _in_threads(count: int, work: Callable[[int], None]) -> list[BaseException]:
    failed: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failed


def test_the_same_entries_from_many_threads_count_once(store: Store) -> None:
    def record(_number: int) -> None:
        for _ in range(5):
            with store.begin() as s:
                read_models.record_entries(s, CASE, drafts(1, 10))

    assert _in_threads(8, record) == []
    with store.read() as s:
        assert len(journal.entries(s, CASE)) == 10
        assert journal.verify(s, CASE) is None


def test_versions_of_a_request_are_counted_without_gaps_from_many_threads(store: Store) -> None:
    def save(_number: int) -> None:
        with store.begin() as s:
            requests.save(s, CASE, request())

    assert _in_threads(8, save) == []
    with store.read() as s:
        assert requests.load(s, CASE).version == 8


def test_a_reader_sees_one_moment_while_others_write(store: Store) -> None:
    with store.begin() as s:
        journal.extend(s, CASE, drafts(1, 2))
    with store.read() as reader:
        assert journal.head(reader, CASE).seq == 2
        with store.begin() as writer:
            journal.extend(writer, CASE, drafts(3, 4))
        assert len(journal.entries(reader, CASE)) == 2
        assert journal.verify(reader, CASE) is None
    with store.read() as reader:
        assert len(journal.entries(reader, CASE)) == 4
