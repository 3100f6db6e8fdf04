"""A request whose measurement came in a unit in which it does not count keeps the value and is told so."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.criteria.foreign_units import UNIT_RULE
from domain.vocabulary import Channel
from intake.requests.foreign_units import with_foreign_units
from interop.reader import read_request
from interop.submission import Submission
from rulebook.guidelines import load_dictionary
from tests.intake.arrivals import sample

FACTS = load_dictionary().by_id


def read(unit: str) -> Submission:
    raw = sample("home-oxygen-complete").replace(b'"unit": "%"', f'"unit": "{unit}"'.encode())
    raw = raw.replace(b'"code": "%"', f'"code": "{unit}"'.encode())
    return read_request(raw, datetime(2026, 11, 30, tzinfo=UTC), Channel.FHIR_PAS)


def test_the_remark_stands_on_the_request_and_in_the_answer_to_the_sender() -> None:
    came = read("fraction")
    told = with_foreign_units(came, FACTS)
    (remark,) = (one for one in told.request.remarks if one.rule == UNIT_RULE)
    assert remark.message.startswith("o2.sat_rest came in fraction and counts in % only")
    assert [note.message for note in told.notes if note.rule == UNIT_RULE] == [remark.message]
    assert told.statements == came.statements, "nothing is converted and nothing is dropped"


def test_a_unit_that_counts_and_an_installation_without_facts_change_nothing() -> None:
    assert with_foreign_units(read("%"), FACTS) == read("%")
    assert with_foreign_units(read("fraction"), {}) == read("fraction")
