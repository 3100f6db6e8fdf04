"""A connected set answers for its own slot; a failing one leaves the slot empty and tells nothing of the patient."""

from __future__ import annotations

from datetime import date

import pytest

from activities.integrations import licensed_criteria
from activities.integrations.licensed_criteria import ConnectedSets, connected_set_ids, installed_licensed_criteria
from domain.criteria.required_sets import LicensedAnswer, LicensedQuestion
from domain.three_valued import Tri

ANSWER = LicensedAnswer(set_id="ASAM", edition="a test edition", outcome=Tri.MET, reference="case 7")
QUESTION = LicensedQuestion(set_id="ASAM", code="H0018", level_of_care=None, age=40, day=date(2026, 3, 10), facts=())


class Answering:
    def answer(self, question: LicensedQuestion) -> LicensedAnswer | None:
        return ANSWER


class Failing:
    def answer(self, question: LicensedQuestion) -> LicensedAnswer | None:
        raise RuntimeError("the patient drinks")


class Point:
    name = "ASAM"

    def load(self) -> type[Answering]:
        return Answering


def test_no_set_is_connected_unless_a_package_does() -> None:
    assert installed_licensed_criteria() is None


def test_a_package_connects_its_set_by_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licensed_criteria, "entry_points", lambda group: [Point()] if "licensed" in group else [])
    connected = installed_licensed_criteria()
    assert connected is not None and connected.answer(QUESTION) == ANSWER
    assert connected_set_ids() == {"ASAM"}


def test_another_set_is_an_empty_slot() -> None:
    assert ConnectedSets({"LOCUS": Answering()}).answer(QUESTION) is None


def test_a_set_that_fails_has_given_no_answer_and_its_words_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert ConnectedSets({"ASAM": Failing()}).answer(QUESTION) is None
    assert "ASAM failed with RuntimeError" in caplog.text and "drinks" not in caplog.text
