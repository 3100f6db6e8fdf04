"""A measurement in a unit that its fact does not take is told, by name and unit and never by value."""

from __future__ import annotations

from datetime import date

import pytest

from domain.criteria.fact_extraction import extract_facts
from domain.criteria.foreign_units import find_foreign_units
from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.evidence.facts import EvidenceTier, Fact, FactDefinition, FactSource, FactType, SourceKind
from tests.domain.criteria.test_fact_extraction import request

DICTIONARY = {
    one.id: one
    for one in (
        FactDefinition(
            id="o2.pao2",
            label="x",
            type=FactType.NUMBER,
            unit="mm[Hg]",
            codes=("LOINC 2703-7",),
            evidence=EvidenceTier.STRUCTURED,
            ask="x",
        ),
        FactDefinition(
            id="pap.events", label="x", type=FactType.NUMBER, unit="{events}", evidence=EvidenceTier.ATTEST, ask="x"
        ),
        FactDefinition(id="pap.used", label="x", type=FactType.BOOL, evidence=EvidenceTier.ATTEST, ask="x"),
    )
}
SOURCE = FactSource(kind=SourceKind.DOCUMENT, reference="note")


def measured(unit: str | None, value: float | str = 7.31) -> ClinicalStatement:
    return ClinicalStatement(code_system="LOINC", code="2703-7", value=value, unit=unit, reference="Observation/1")


@pytest.mark.parametrize("unit", ["kPa", "mmgh", "%", None])
def test_a_foreign_or_misspelt_unit_is_told_with_the_fact_and_what_it_is_taken_in(unit: str | None) -> None:
    (remark,) = find_foreign_units(DICTIONARY, statements=[measured(unit)])
    came = f"in {unit}" if unit else "without a unit"
    assert remark.message == f"o2.pao2 came {came} and counts in mmHg only: units are never converted"
    assert remark.expected == "the value in mmHg (written mm[Hg])" and not remark.about_service
    assert "7.31" not in remark.model_dump_json()
    assert not extract_facts(DICTIONARY, [measured(unit)], (), request()), "told, and not counted"


@pytest.mark.parametrize("unit", ["mm[Hg]", "mmHg", "torr"])
def test_another_spelling_of_the_same_unit_is_no_remark(unit: str) -> None:
    assert find_foreign_units(DICTIONARY, statements=[measured(unit)]) == ()


def test_facts_that_a_sender_states_and_answers_are_looked_at_too() -> None:
    stated = Fact(id="o2.pao2", value=7.3, unit="kPa", effective=date(2026, 3, 1), source=SOURCE)
    on_yes = Fact(id="pap.used", value=True, unit="h", source=SOURCE)
    answers = [QuestionnaireAnswer(link_id="pap.events", value=30, unit="/h", reference="QuestionnaireResponse/1")]
    assert [one.path for one in find_foreign_units(DICTIONARY, [stated, on_yes], (), answers)] == [
        "o2.pao2",
        "pap.used",
        "pap.events",
    ]


def test_an_answer_without_a_unit_is_in_the_unit_of_its_question() -> None:
    answer = QuestionnaireAnswer(link_id="o2.pao2", value=54, reference="QuestionnaireResponse/1")
    assert find_foreign_units(DICTIONARY, answers=[answer]) == ()


def test_the_same_unit_twice_is_told_once_and_text_in_place_of_a_unit_is_not_repeated() -> None:
    told = find_foreign_units(
        DICTIONARY, statements=[measured("kPa"), measured("kPa"), measured("per Jane Roe, by phone")]
    )
    assert [one.message.split(" and ")[0] for one in told] == ["o2.pao2 came in kPa", "o2.pao2 came in another unit"]


def test_what_is_no_fact_or_no_number_at_all_is_no_matter_of_units() -> None:
    other = measured("kPa").model_copy(update={"code": "9999-9"})
    assert find_foreign_units(DICTIONARY, statements=[other, measured(None, "low")]) == ()
