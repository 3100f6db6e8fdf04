"""Records, orders and encounters of another patient are no evidence for this one, and a person is told."""

from __future__ import annotations

import pytest

from tests.interop.fhir.bundles import (
    FACT,
    ICD10CM,
    Json,
    add,
    add_supporting_information,
    concept,
    document,
    extension,
    first_claim,
    observation,
    patient,
    percent,
    questionnaire_response,
    read,
    reference,
    request_bundle,
    resource,
)

OTHER = {"reference": "Patient/other"}
ATTACHED = {"valueAttachment": {"contentType": "text/plain", "data": "Tm90ZQ=="}}


def with_other_patient() -> Json:
    return add(request_bundle(), patient("MBR1000002", "Okafor", "Desmond") | {"id": "other"})


def subject_rules(bundle: Json) -> set[tuple[str, bool]]:
    return {(remark.rule, remark.about_service) for remark in read(bundle).request.remarks}


@pytest.mark.parametrize("subject", [OTHER, {"reference": "Patient/nobody"}, {"identifier": {"value": "MBR1000002"}}])
@pytest.mark.parametrize(
    "record",
    [
        document(),
        observation(concept(FACT, "o2.sat_rest"), percent(86)),
        questionnaire_response({"scan": ATTACHED}),
        {"resourceType": "Condition", "id": "condition", "code": concept(ICD10CM, "J44.9")},
        {"resourceType": "DiagnosticReport", "id": "report", "presentedForm": [ATTACHED["valueAttachment"]]},
    ],
    ids=["document", "observation", "questionnaire", "condition", "report"],
)
def test_what_is_about_another_patient_is_no_evidence_and_stops_every_rule(record: Json, subject: Json) -> None:
    submission = read(add_supporting_information(with_other_patient(), record | {"subject": subject}))
    assert (submission.attachments, submission.statements, submission.answers) == ((), (), ())
    assert ("umpire-subject", True) in {(one.rule, one.about_service) for one in submission.request.remarks}


@pytest.mark.parametrize("subject", [None, {"reference": "Patient/patient"}, {"identifier": {"value": "MBR1000001"}}])
def test_a_document_of_this_patient_or_of_nobody_by_name_counts(subject: Json | None) -> None:
    record = document() | ({"subject": subject} if subject else {})
    submission = read(add_supporting_information(with_other_patient(), record))
    assert len(submission.attachments) == 1 and submission.request.remarks == ()


def test_an_order_for_another_patient_is_none() -> None:
    bundle = with_other_patient()
    order = resource(bundle, "DeviceRequest")
    order |= {"subject": OTHER, "occurrenceDateTime": "2027-02-01"}
    first_claim(bundle)["item"][0].pop("servicedPeriod")
    assert read(bundle).request.lines[0].start is None
    assert ("umpire-subject", True) in subject_rules(bundle)


@pytest.mark.parametrize("change", [{"status": "revoked"}, {"status": "entered-in-error"}, {"doNotPerform": True}])
def test_an_order_that_is_not_in_force_is_none(change: Json) -> None:
    bundle = request_bundle()
    first_claim(bundle)["item"][0].pop("servicedPeriod")
    order = resource(bundle, "DeviceRequest")
    order |= {"occurrenceDateTime": "2027-02-01"}
    assert str(read(bundle).request.lines[0].start) == "2027-02-01"
    order |= change
    assert read(bundle).request.lines[0].start is None
    assert ("umpire-order", True) in subject_rules(bundle)


def test_an_encounter_of_another_patient_says_nothing_about_this_one() -> None:
    bundle = with_other_patient()
    act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    stay = {"resourceType": "Encounter", "id": "stay", "status": "in-progress", "subject": OTHER}
    add(bundle, stay | {"class": {"system": act_code, "code": "IMP"}})
    first_claim(bundle)["extension"].append(extension("extension-Claim.encounter", valueReference=reference(stay)))
    submission = read(bundle)
    assert submission.hospital_stay is None and submission.request.circumstances is None
    assert ("umpire-subject", True) in subject_rules(bundle)


def test_a_diagnosis_of_another_patient_is_left_out() -> None:
    bundle = with_other_patient()
    condition = {"resourceType": "Condition", "id": "c", "code": concept(ICD10CM, "C34.90"), "subject": OTHER}
    add(bundle, condition)
    first_claim(bundle)["diagnosis"].append({"sequence": 3, "diagnosisReference": reference(condition)})
    assert read(bundle).request.diagnoses == ("J44.9", "J96.11")
    assert ("umpire-subject", True) in subject_rules(bundle)


@pytest.mark.parametrize("change", [{"status": "entered-in-error"}, {"docStatus": "entered-in-error"}])
def test_a_document_that_its_author_took_back_is_left_out_with_a_remark(change: Json) -> None:
    submission = read(add_supporting_information(request_bundle(), document() | change))
    assert submission.attachments == ()
    assert [remark.rule for remark in submission.request.remarks] == ["umpire-attachment"]
