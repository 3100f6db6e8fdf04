"""Many hands at the door at once: one case, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from demo.time_skipping_lab import PLAN
from domain.vocabulary import ArrivalKind, Channel
from intake.interpretation import interpret
from intake.requests.arrival_outcome import AlreadyProcessed, ArrivalOutcome, NewCase, RepeatedRequest
from interop.reader import read_request
from store import inbox
from store.seed import load_plan
from store.session import Store, open_store
from tests.intake.arrivals import NOON, plain
from tests.store import throwaway_postgres

HANDS = 8


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Store]]:
    """As many processes would have it: a store of their own each, on one database."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / 'umpire.db'}"
        elif (why := throwaway_postgres.unavailable_reason()) is not None:
            pytest.skip(why)
        else:
            url = stack.enter_context(throwaway_postgres.cluster()).format(name="postgres")
        opened = [open_store(url) for _ in range(HANDS)]
        opened[0].create()
        load_plan(opened[0], PLAN)
        yield opened
        for store in opened:
            store.close()


def interpret_item(store: Store, inbox_id: int) -> ArrivalOutcome:
    """As a process that has just read the item."""
    with store.read() as s:
        item, raw = inbox.load(s, inbox_id)
    submission = read_request(raw, item.received_at, item.channel)
    with store.begin() as s:
        return interpret(s, inbox_id, submission)


def test_the_same_request_at_many_doors_at_once_makes_one_case(stores: list[Store]) -> None:
    with stores[0].begin() as s:
        ids = [
            inbox.receive(s, plain(submission_id=str(n)), NOON, Channel.API, kind=ArrivalKind.REQUEST).inbox_id
            for n, _ in enumerate(stores)
        ]
    with ThreadPoolExecutor(HANDS) as hands:
        meanings = list(hands.map(interpret_item, stores, ids))
    assert sorted(type(meaning) is NewCase for meaning in meanings) == [False] * (HANDS - 1) + [True]
    assert all(isinstance(meaning, NewCase | RepeatedRequest) for meaning in meanings)


def test_one_arrival_read_by_many_at_once_is_accepted_once(stores: list[Store]) -> None:
    with stores[0].begin() as s:
        inbox_id = inbox.receive(s, plain(), NOON, Channel.API, kind=ArrivalKind.REQUEST).inbox_id
    with ThreadPoolExecutor(HANDS) as hands:
        meanings = list(hands.map(interpret_item, stores, [inbox_id] * HANDS))
    assert sum(isinstance(meaning, NewCase) for meaning in meanings) == 1
    assert all(isinstance(meaning, NewCase | AlreadyProcessed) for meaning in meanings)
