"""Evidence in every form is read, or somebody is told that it was not."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.interop.fhir.bundles import (
    LOINC,
    Json,
    add_supporting_information,
    concept,
    document,
    first_claim,
    observation,
    percent,
    questionnaire_response,
    read,
    request_bundle,
)

NOTE = b"Oximetry repeated at home."
DATA = {"contentType": "text/plain", "data": base64.b64encode(NOTE).decode()}
SUBJECT = {"subject": {"reference": "Patient/patient"}}
CATEGORY = concept("http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes", "additionalInformation")


def report(**changes: Any) -> Json:
    code = concept(LOINC, "28633-6", "Sleep study")
    return {"resourceType": "DiagnosticReport", "id": "report", "status": "final", "code": code, **SUBJECT, **changes}


def with_info(**info: Any) -> Json:
    bundle = request_bundle()
    first_claim(bundle)["supportingInfo"] = [{"sequence": 1, "category": CATEGORY, **info}]
    return bundle


def contained(resource: Json) -> Json:
    bundle = with_info(valueReference={"reference": f"#{resource['id']}"})
    first_claim(bundle)["contained"] = [resource]
    return bundle


@pytest.mark.parametrize(
    "bundle",
    [
        contained(document(NOTE)),
        add_supporting_information(request_bundle(), report(presentedForm=[DATA])),
        add_supporting_information(
            request_bundle(), {"resourceType": "Media", "id": "media", "status": "completed", "content": DATA}
        ),
        add_supporting_information(request_bundle(), {"resourceType": "Binary", "id": "raw", **DATA}),
        add_supporting_information(
            request_bundle(), questionnaire_response({"scan": {"valueAttachment": DATA}, "x": {"valueBoolean": True}})
        ),
        with_info(valueAttachment=DATA),
    ],
    ids=["contained", "report", "media", "binary", "questionnaire", "attachment"],
)
def test_a_document_is_read_wherever_it_stands(bundle: Json) -> None:
    submission = read(bundle)
    assert [attachment.content for attachment in submission.attachments] == [NOTE]
    assert submission.request.remarks == ()


def test_a_contained_measurement_counts() -> None:
    (statement,) = read(contained(observation(concept(LOINC, "59408-5"), percent(86)))).statements
    assert statement.value == 86


@pytest.mark.parametrize(
    "bundle",
    [
        add_supporting_information(request_bundle(), report()),
        add_supporting_information(request_bundle(), {"resourceType": "CarePlan", "id": "plan", **SUBJECT}),
        add_supporting_information(
            request_bundle(), observation(concept("https://codes.example.org/lab", "1"), percent(86))
        ),
        add_supporting_information(request_bundle(), questionnaire_response({})),
        with_info(valueAttachment={"url": "https://ehr.example.org/file"}),
        with_info(valueReference={"identifier": {"value": "elsewhere"}}),
        with_info(valueQuantity={"value": 5}),
    ],
    ids=["report", "kind", "system", "questionnaire", "link", "identifier", "value"],
)
def test_supporting_information_that_was_not_used_is_remarked_upon(bundle: Json) -> None:
    (remark,) = read(bundle).request.remarks
    assert not remark.about_service


def test_a_report_whose_result_counts_was_used() -> None:
    bundle = add_supporting_information(request_bundle(), report(result=[{"reference": "Observation/observation"}]))
    add_supporting_information(bundle, observation(concept(LOINC, "59408-5"), percent(86)))
    assert read(bundle).request.remarks == ()


def test_lines_in_detail_are_a_remark_about_the_service() -> None:
    bundle = request_bundle()
    first_claim(bundle)["item"][0]["detail"] = [{"sequence": 1, "productOrService": concept(LOINC, "x")}]
    assert [remark.about_service for remark in read(bundle).request.remarks] == [True]
