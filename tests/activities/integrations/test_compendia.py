"""A compendium that raises, hangs or talks nonsense counts as not asked: the case goes on to a person."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest

from activities.integrations.compendia import BoundedCompendia
from domain.errors import Unavailable
from domain.pharmacy.indications import CompendiumAnswer, CompendiumFinding

SUPPORTED = CompendiumFinding(answer=CompendiumAnswer.SUPPORTED, citation="DRUGDEX")
ASKED = (("DRUGDEX",), "99999-0123-45", ("H20.9",), date(2026, 11, 10))


class Answering:
    """A compendium that returns or raises what it was made with."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def look_up(self, names: Any, drug_code: str, diagnoses: Any, day: date) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class Hanging:
    """A compendium that does not answer until it is let go."""

    def __init__(self) -> None:
        self.let_go, self.asked = threading.Event(), 0

    def look_up(self, names: Any, drug_code: str, diagnoses: Any, day: date) -> CompendiumFinding:
        self.asked += 1
        self.let_go.wait()
        return SUPPORTED


def test_an_answer_is_passed_on() -> None:
    assert BoundedCompendia(Answering(SUPPORTED), seconds=60).look_up(*ASKED) == SUPPORTED


@pytest.mark.parametrize("fault", [Unavailable("the compendium"), RuntimeError("socket"), KeyError("M05"), "yes", 1])
def test_whatever_it_raises_and_whatever_is_no_finding_counts_as_not_asked(fault: Any) -> None:
    assert BoundedCompendia(Answering(fault), seconds=60).look_up(*ASKED) is None


def test_one_that_hangs_holds_up_no_case_and_is_not_asked_without_end() -> None:
    hanging = Hanging()
    bounded = BoundedCompendia(hanging, seconds=0.001)
    try:
        assert [bounded.look_up(*ASKED) for _ in range(20)] == [None] * 20
        assert hanging.asked <= 8
    finally:
        hanging.let_go.set()
