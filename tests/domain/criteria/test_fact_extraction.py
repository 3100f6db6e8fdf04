"""From what came along to facts: nothing guessed, nothing false for not being mentioned."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from domain.criteria.fact_extraction import FactExtraction, extract_facts, extract_with_notes
from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.evidence.facts import EvidenceTier, Fact, FactDefinition, FactType, SourceKind
from domain.evidence.units import same_unit
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.vocabulary import AskedBy, Channel, CodeSystem, ServiceKind, Urgency


def definition(identity: str, kind: FactType = FactType.NUMBER, **changes: Any) -> FactDefinition:
    defaults = {"label": "a fact", "ask": "What is it?", "evidence": EvidenceTier.STRUCTURED}
    return FactDefinition(id=identity, type=kind, **(defaults | changes))


DICTIONARY = {
    found.id: found
    for found in (
        definition("o2.sat_rest", unit="%", codes=("LOINC 59408-5", "LOINC 2708-6")),
        definition("o2.sat_sleep", unit="%", codes=("LOINC 59408-5",)),
        definition("o2.pao2", unit="mm[Hg]", codes=("LOINC 2703-7 | 19255-9",)),
        definition("dm.events", codes=("LOINC 2339-0 < 54 mg/dL",)),
        definition("pap.ahi", unit="/h"),
        definition("pap.events", unit="{events}", evidence=EvidenceTier.DOCUMENT),
        definition("o2.has_osa", FactType.BOOL, codes=("ICD-10-CM G47.33",)),
        definition("pap.comorbidity", FactType.BOOL, codes=("ICD-10-CM I10-I16", "ICD-10-CM I69.*")),
        definition("o2.cor_pulmonale", FactType.BOOL, evidence=EvidenceTier.DOCUMENT, codes=("ICD-10-CM I27",)),
        definition("o2.ordered", FactType.BOOL, evidence=EvidenceTier.DOCUMENT),
        definition("o2.benefit", FactType.BOOL, evidence=EvidenceTier.ATTEST),
        definition("o2.judged", FactType.BOOL, evidence=EvidenceTier.JUDGMENT, codes=("ICD-10-CM G44.0",)),
        definition("sp.cause", FactType.CODE, values=("trauma", "none"), evidence=EvidenceTier.DOCUMENT),
        definition("patient.age", unit="a"),
        definition("patient.dx", FactType.CODES),
        definition("patient.allergies", FactType.CODES),
        definition("request.hcpcs", FactType.CODE),
        definition("request.pcs", FactType.CODES),
    )
}


def line(code: str = "E1390", system: CodeSystem = CodeSystem.HCPCS, **changes: Any) -> ServiceLine:
    return ServiceLine(**({"line_id": code, "code": code, "code_system": system} | changes))


def request(*lines: ServiceLine, **changes: Any) -> AuthorizationRequest:
    values: dict[str, Any] = {
        "submission_id": "TX-1",
        "received_at": datetime(2026, 12, 1, 15, tzinfo=UTC),
        "channel": Channel.API,
        "service_kind": ServiceKind.MEDICAL,
        "urgency": UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        "member": MemberReference(member_id="MBR1000001", birth_date=date(1951, 4, 12)),
        "requesting_provider": ProviderReference(npi="1999999984"),
        "lines": lines or (line(),),
    }
    return AuthorizationRequest(**(values | changes))


def measured(code: str, value: Any, unit: str | None, system: str = "LOINC", **changes: Any) -> ClinicalStatement:
    defaults: dict[str, Any] = {"reference": "Observation/1", "effective": date(2026, 10, 28)}
    return ClinicalStatement(code_system=system, code=code, value=value, unit=unit, **(defaults | changes))


def answered(link_id: str, value: Any, **changes: Any) -> QuestionnaireAnswer:
    return QuestionnaireAnswer(link_id=link_id, value=value, **({"reference": "QuestionnaireResponse/1"} | changes))


def extracted(*given: ClinicalStatement | QuestionnaireAnswer, **changes: Any) -> FactExtraction:
    statements = [one for one in given if isinstance(one, ClinicalStatement)]
    answers = [one for one in given if isinstance(one, QuestionnaireAnswer)]
    return extract_with_notes(DICTIONARY, statements, answers, request(**changes))


def facts(*given: ClinicalStatement | QuestionnaireAnswer, **changes: Any) -> dict[str, Fact]:
    ours = {"patient.age", "request.hcpcs"}
    return {fact.id: fact for fact in extracted(*given, **changes).facts if fact.id not in ours}


def test_a_measurement_with_a_code_of_one_fact_is_structured_evidence() -> None:
    found = facts(measured("2708-6", 86, "%"))
    fact = found["o2.sat_rest"]
    assert (fact.value, fact.unit, fact.effective) == (86, "%", date(2026, 10, 28))
    assert (fact.source.kind, fact.source.reference) == (SourceKind.STRUCTURED_RESOURCE, "Observation/1")
    assert set(found) == {"o2.sat_rest"}


def test_a_code_that_several_facts_name_is_left_to_a_person() -> None:
    found = extracted(measured("59408-5", 86, "%"))
    assert not [fact for fact in found.facts if fact.id.startswith("o2.")]
    assert "the code alone does not tell whether it is o2.sat_rest or o2.sat_sleep" in found.notes[0]


def test_a_second_code_does_not_settle_what_the_first_leaves_open() -> None:
    assert facts(measured("2708-6", 86, "%", other_codes=(("LOINC", "59408-5"),))) == {}


def test_our_own_code_settles_which_fact_is_meant() -> None:
    found = facts(measured("59408-5", 86, "%", other_codes=(("FACT", "o2.sat_sleep"),)))
    assert set(found) == {"o2.sat_sleep"}
    assert found["o2.sat_sleep"].evidence is EvidenceTier.STRUCTURED


def test_our_own_code_does_not_turn_a_statement_into_a_document() -> None:
    assert facts(measured("o2.ordered", True, None, "FACT"))["o2.ordered"].evidence is EvidenceTier.ATTEST
    behind = facts(measured("o2.ordered", True, None, "FACT", document_id="abc"))["o2.ordered"]
    assert (behind.evidence, behind.source.reference) == (EvidenceTier.DOCUMENT, "abc")


def test_an_unknown_code_of_ours_is_noted() -> None:
    assert extracted(measured("o2.unheard", 1, None, "FACT")).notes


@pytest.mark.parametrize("unit", ["mm[Hg]", "mmHg", "mm Hg", "MMHG"])
def test_spellings_of_one_unit_are_the_same_unit(unit: str) -> None:
    assert facts(measured("2703-7", 54.5, unit))["o2.pao2"].unit == "mm[Hg]"


@pytest.mark.parametrize("unit", ["kPa", None, "%"])
def test_a_value_in_another_unit_is_not_taken_over_and_said(unit: str | None) -> None:
    found = extracted(measured("2703-7", 7.2, unit))
    assert not [fact for fact in found.facts if fact.id == "o2.pao2"]
    assert found.notes == (f"o2.pao2 from Observation/1: the value is in {unit or 'no unit'}, not in mm[Hg]",)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("{events}", None, True),
        ("1", "{events}", True),
        ("/h", "events/hour", True),
        ("{events}/h", "/h", True),
        ("kg/m^2", "kg/m2", True),
        ("a", "years", True),
        ("mo", "months", True),
        ("mg/dL", "mmol/L", False),
        ("%", None, False),
        ("h", "/h", False),
    ],
)
def test_units_are_compared_by_their_ucum_code(one: str | None, other: str | None, same: bool) -> None:
    assert same_unit(one, other) is same
    assert same_unit(other, one) is same


def test_both_codes_of_one_entry_count() -> None:
    assert set(facts(measured("19255-9", 54, "mm[Hg]"))) == {"o2.pao2"}


def test_a_code_with_a_condition_is_not_taken_for_the_code_alone() -> None:
    assert facts(measured("2339-0", 45, None)) == {}


def test_a_value_of_the_wrong_type_is_not_taken_over_and_said() -> None:
    found = extracted(measured("2708-6", "normal", None))
    assert found.notes == ("o2.sat_rest from Observation/1: the value is not a number",)


def diagnosed(code: str) -> ClinicalStatement:
    return ClinicalStatement(code_system="ICD-10-CM", code=code, reference="Condition/1")


def test_a_diagnosis_that_is_there_makes_its_fact_true() -> None:
    fact = facts(diagnosed("G47.33"))["o2.has_osa"]
    assert (fact.value, fact.source.reference) == (True, "Condition/1")
    assert facts(diagnoses=("G47.33",))["o2.has_osa"].source.reference == "Claim.diagnosis"
    assert extract_with_notes(DICTIONARY, (), (), request(line(diagnoses=("G47.33",)))).facts[0].id == "o2.has_osa"


def test_a_diagnosis_that_is_not_there_says_nothing() -> None:
    assert "o2.has_osa" not in facts(diagnosed("J44.9"))


@pytest.mark.parametrize(
    ("code", "true"),
    [("I10", True), ("I16.9", True), ("I13.0", True), ("I17", False), ("I69.351", True), ("I6", False)],
)
def test_ranges_and_categories_of_diagnoses_are_understood(code: str, true: bool) -> None:
    assert ("pap.comorbidity" in facts(diagnosed(code))) is true


def test_a_diagnosis_is_no_document() -> None:
    assert "o2.cor_pulmonale" not in facts(diagnosed("I27.0"))


def test_what_only_a_clinician_can_judge_is_never_extracted() -> None:
    found = extracted(
        diagnosed("G44.011"),
        answered("o2.judged", True, document_id="abc"),
        measured("o2.judged", True, None, "FACT"),
    )
    assert "o2.judged" not in {fact.id for fact in found.facts}
    assert all("only a clinician can judge this" in note for note in found.notes)
    assert len(found.notes) == 2


def test_an_answer_is_an_attestation() -> None:
    stamp = datetime(2026, 11, 16, 23, 30, tzinfo=timezone(timedelta(hours=-6)))
    fact = facts(answered("o2.benefit", True, authored=stamp))["o2.benefit"]
    assert (fact.value, fact.evidence) == (True, EvidenceTier.ATTEST)
    assert fact.effective == date(2026, 11, 16)


def test_an_answer_with_its_document_counts_as_the_document() -> None:
    fact = facts(answered("o2.ordered", False, document_id="abc", authored=date(2026, 11, 16)))["o2.ordered"]
    assert (fact.value, fact.evidence, fact.source.reference) == (False, EvidenceTier.DOCUMENT, "abc")


def test_an_answer_without_a_unit_is_in_the_unit_of_the_question() -> None:
    assert facts(answered("pap.ahi", 22))["pap.ahi"].unit == "/h"
    assert facts(answered("pap.ahi", 22, unit="/d")) == {}


def test_an_answer_to_another_questionnaire_is_nothing_to_us() -> None:
    assert extracted(answered("1.4", True)).notes == ()


def test_an_answer_that_is_not_among_the_words_is_not_taken_over() -> None:
    assert facts(answered("sp.cause", "none"))["sp.cause"].value == "none"
    assert "one of trauma, none" in extracted(answered("sp.cause", "no idea")).notes[0]


def test_several_answers_make_a_set_of_codes() -> None:
    given = (answered("patient.allergies", "A"), answered("patient.allergies", "B"))
    assert facts(*given)["patient.allergies"].value == ("A", "B")


def test_the_item_asked_for_is_that_of_the_line_in_question() -> None:
    two = request(line("E1390"), line("E0601"))
    both = extract_with_notes(DICTIONARY, (), (), two)
    assert "request.hcpcs" not in {fact.id for fact in both.facts}
    assert both.notes == ("request.hcpcs: the lines ask for different items; look at one line at a time",)
    (asked,) = (fact for fact in extract_facts(DICTIONARY, (), (), two, two.lines[1]) if fact.id == "request.hcpcs")
    assert asked.value == "E0601"


def test_procedures_are_a_set() -> None:
    asked = request(line("0SG00AJ", CodeSystem.ICD10PCS))
    (found,) = (fact for fact in extract_facts(DICTIONARY, (), (), asked) if fact.id == "request.pcs")
    assert found.value == ("0SG00AJ",)


def test_all_diagnoses_together_are_a_fact_and_none_are_none() -> None:
    assert facts(diagnosed("J44.9"), diagnoses=("G47.33",))["patient.dx"].value == ("G47.33", "J44.9")
    assert "patient.dx" not in facts()


@pytest.mark.parametrize(("start", "age"), [(date(2027, 4, 11), 75), (date(2027, 4, 12), 76), (None, 75)])
def test_the_age_is_that_on_the_first_day_of_service(start: date | None, age: int) -> None:
    found = extract_facts(DICTIONARY, (), (), request(line(start=start)))
    (fact,) = (fact for fact in found if fact.id == "patient.age")
    assert (fact.value, fact.unit, fact.effective) == (age, "a", None)


def test_without_a_birth_date_the_age_is_unknown() -> None:
    found = extract_facts(DICTIONARY, (), (), request(member=MemberReference(member_id="MBR1000001")))
    assert "patient.age" not in {fact.id for fact in found}


def test_a_dictionary_without_a_fact_gets_none_of_it() -> None:
    assert extract_with_notes({}, [measured("2708-6", 86, "%")], [answered("pap.ahi", 2)], request()).facts == ()
