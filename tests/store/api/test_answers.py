"""Answers to writes of programs: kept for two days, given again, and left to the next request when a server has died."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store.api import answers
from store.api.answers import KeptAnswer, TakenWrite, Turn
from store.session import Store
from tests.store.samples import NOON

ANSWER = KeptAnswer(200, "application/json", b'{"a": 1}')


def _take(store: Store, hours: float = 0, fingerprint: str = "f" * 64, message_id: str = "api-1") -> TakenWrite:
    with store.begin() as s:
        return answers.take(s, "reviewer:a", "key-00001", fingerprint, message_id, NOON + timedelta(hours=hours))


@pytest.mark.parametrize(("hours", "turn"), [(0, Turn.ANSWERED), (25, Turn.ANSWERED), (49, Turn.YOURS)])
def test_an_answer_is_given_again_for_two_days(store: Store, hours: float, turn: Turn) -> None:
    assert _take(store).turn is Turn.YOURS
    with store.begin() as s:
        answers.keep(s, "reviewer:a", "key-00001", ANSWER, NOON)
    again = _take(store, hours)
    assert again.turn is turn
    assert again.answer == (ANSWER if turn is Turn.ANSWERED else None)


def test_a_write_whose_server_died_goes_on_under_its_first_id(store: Store) -> None:
    assert _take(store).turn is Turn.YOURS
    assert _take(store, 0.01, message_id="api-2").turn is Turn.BUSY
    late = _take(store, 0.1, message_id="api-2")
    assert (late.turn, late.message_id) == (Turn.YOURS, "api-1")


def test_a_write_that_was_given_back_is_free_at_once_for_the_same_content_alone(store: Store) -> None:
    _take(store)
    with store.begin() as s:
        answers.give_back(s, "reviewer:a", "key-00001")
    assert _take(store, fingerprint="0" * 64).turn is Turn.OTHER_CONTENT
    assert _take(store).turn is Turn.YOURS
