"""Clinical data: only what is final and about this patient counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from tests.interop.fhir.bundles import (
    FACT,
    ICD10CM,
    LOINC,
    Json,
    add_supporting_information,
    concept,
    document,
    first_claim,
    info_cancelled,
    note_rules,
    observation,
    patient,
    percent,
    questionnaire_response,
    read,
    request_bundle,
)

SATURATION = concept(LOINC, "2708-6")


def statements(*resources: Json) -> tuple[ClinicalStatement, ...]:
    bundle = request_bundle()
    for one in resources:
        add_supporting_information(bundle, one)
    return read(bundle).statements


def answers(*resources: Json) -> tuple[QuestionnaireAnswer, ...]:
    bundle = request_bundle()
    for one in resources:
        add_supporting_information(bundle, one)
    return read(bundle).answers


def test_an_observation_is_a_statement_with_value_unit_and_day() -> None:
    (statement,) = statements(observation(SATURATION, percent(86)))
    assert statement == ClinicalStatement(
        code_system="LOINC",
        code="2708-6",
        value=86,
        unit="%",
        effective=date(2026, 10, 28),
        reference="Observation/observation",
    )


def test_all_codes_of_an_observation_come_along() -> None:
    code = {"coding": [{"system": LOINC, "code": "59408-5"}, {"system": FACT, "code": "o2.sat_rest"}]}
    (statement,) = statements(observation(code, percent(86.5)))
    assert statement.codes == (("LOINC", "59408-5"), ("FACT", "o2.sat_rest"))
    assert statement.value == 86.5


def test_components_are_statements_of_their_own() -> None:
    parts = {"component": [{"code": concept(LOINC, "8480-6"), **percent(130)}, {"code": concept(LOINC, "8462-4")}]}
    (statement,) = statements(observation(concept(LOINC, "85354-9"), parts))
    assert statement.code == "8480-6"


@pytest.mark.parametrize("status", ["preliminary", "registered", "cancelled", "entered-in-error", "unknown", None])
def test_what_is_not_final_does_not_count(status: str | None) -> None:
    assert statements(observation(SATURATION, percent(86), status=status)) == ()


def test_what_is_about_somebody_else_does_not_count() -> None:
    bundle = add_supporting_information(request_bundle(), patient("MBR1000002") | {"id": "other"})
    add_supporting_information(bundle, observation(SATURATION, percent(86), subject={"reference": "Patient/other"}))
    submission = read(bundle)
    assert submission.statements == ()
    assert "umpire-evidence" in note_rules(submission).values()


def test_what_is_about_nobody_does_not_count() -> None:
    assert statements(observation(SATURATION, percent(86), subject=None)) == ()


def test_a_bound_is_no_value() -> None:
    bound = percent(88)
    bound["valueQuantity"]["comparator"] = "<"
    assert statements(observation(SATURATION, bound)) == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueBoolean": False}, False),
        ({"valueInteger": 3}, 3),
        ({"valueString": "severe"}, "severe"),
        ({"valueCodeableConcept": concept(LOINC, "LA6576-8")}, "LA6576-8"),
    ],
)
def test_other_kinds_of_values_are_read(value: Json, expected: object) -> None:
    (statement,) = statements(observation(SATURATION, value))
    assert statement.value == expected
    assert type(statement.value) is type(expected)


def test_an_observation_may_come_from_a_document() -> None:
    note = document(b"report")
    derived = observation(SATURATION, percent(86), derivedFrom=[{"reference": "DocumentReference/note"}])
    bundle = add_supporting_information(add_supporting_information(request_bundle(), note), derived)
    submission = read(bundle)
    assert submission.statements[0].document_id == submission.request.documents[0].document_id


def condition(**changes: Any) -> Json:
    return {
        "resourceType": "Condition",
        "id": "apnea",
        "code": concept(ICD10CM, "G47.33"),
        "subject": {"reference": "Patient/patient"},
        **changes,
    }


def test_a_condition_states_its_diagnosis() -> None:
    (statement,) = statements(condition(recordedDate="2026-10-01"))
    assert (statement.code_system, statement.code, statement.value) == ("ICD-10-CM", "G47.33", None)
    assert statement.effective == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("name", "system", "code"),
    [
        ("clinicalStatus", "http://terminology.hl7.org/CodeSystem/condition-clinical", "resolved"),
        ("verificationStatus", "http://terminology.hl7.org/CodeSystem/condition-ver-status", "refuted"),
        ("verificationStatus", "http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error"),
        ("verificationStatus", "http://terminology.hl7.org/CodeSystem/condition-ver-status", "differential"),
    ],
)
def test_a_condition_that_is_past_or_doubted_does_not_count(name: str, system: str, code: str) -> None:
    assert statements(condition(**{name: concept(system, code)})) == ()


def test_answers_come_with_their_link_id_and_time() -> None:
    (answer,) = answers(questionnaire_response({"pap.ahi": {"valueDecimal": 22.5}}))
    assert (answer.link_id, answer.value, answer.unit, answer.document_id) == ("pap.ahi", 22.5, None, None)
    assert answer.reference == "QuestionnaireResponse/answers"
    assert str(answer.authored) == "2026-11-16 14:00:00-06:00"


@pytest.mark.parametrize(
    ("answer", "value", "unit"),
    [
        ({"valueBoolean": True}, True, None),
        ({"valueInteger": 3}, 3, None),
        ({"valueQuantity": {"value": 22, "unit": "per hour", "code": "/h"}}, 22, "/h"),
        ({"valueCoding": {"code": "degenerative"}}, "degenerative", None),
        ({"valueString": "free words"}, "free words", None),
        ({"valueDate": "2026-10-01"}, "2026-10-01", None),
    ],
)
def test_every_kind_of_answer_is_read(answer: Json, value: object, unit: str | None) -> None:
    (found,) = answers(questionnaire_response({"a.b": answer}))
    assert (found.value, found.unit) == (value, unit)


def test_answers_in_groups_and_below_answers_are_found() -> None:
    inner = {"linkId": "c", "answer": [{"valueBoolean": True}]}
    response = questionnaire_response({"b": {"valueBoolean": True, "item": [inner]}})
    response["item"] = [{"linkId": "group", "item": response["item"]}]
    assert [answer.link_id for answer in answers(response)] == ["b", "c"]


def test_an_answer_that_points_to_a_document_carries_its_hash() -> None:
    note = document(b"the note")
    bundle = add_supporting_information(request_bundle(), note)
    add_supporting_information(bundle, questionnaire_response({"a.b": {"valueBoolean": True}}, evidence=note))
    submission = read(bundle)
    assert submission.answers[0].document_id == submission.request.documents[0].document_id


def test_a_document_that_is_only_linked_supports_no_answer() -> None:
    note = document(url="http://example.org/Binary/1")
    bundle = add_supporting_information(request_bundle(), note)
    add_supporting_information(bundle, questionnaire_response({"a.b": {"valueBoolean": True}}, evidence=note))
    assert read(bundle).answers[0].document_id is None


@pytest.mark.parametrize("status", ["in-progress", "stopped", "entered-in-error", None])
def test_a_questionnaire_that_is_not_completed_does_not_count(status: str | None) -> None:
    assert answers(questionnaire_response({"a.b": {"valueBoolean": True}}) | {"status": status}) == ()


def test_cancelled_evidence_does_not_count() -> None:
    bundle = add_supporting_information(request_bundle(), observation(SATURATION, percent(86)))
    first_claim(bundle)["supportingInfo"][0]["modifierExtension"] = [info_cancelled()]
    assert read(bundle).statements == ()
