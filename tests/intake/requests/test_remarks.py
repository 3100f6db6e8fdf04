"""Remarks of the reading stay with the request version, and people see them on the case."""

from __future__ import annotations

import json

from demo.time_skipping_lab import Lab
from domain.requests.remarks import ReadingRemark
from domain.vocabulary import Channel
from intake.submission import submit
from services.context import SubmissionStatus
from services.queries.authorization_detail import load_authorization_detail
from store import requests
from tests.intake.arrivals import context_of, sample, settle, versions
from tests.interop.fhir.bundles import extension

PAS = Channel.FHIR_PAS


def with_range() -> bytes:
    """The home oxygen request, for a range of codes, with a document that is only linked."""
    bundle = json.loads(sample("home-oxygen-expedited"))
    line = bundle["entry"][0]["resource"]["item"][0]
    end = {"coding": [{"system": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "code": "E1392"}]}
    line["extension"].append(extension("extension-productOrServiceCodeEnd", valueCodeableConcept=end))
    return json.dumps(bundle).encode()


def remarks_of(lab: Lab, case_id: str | None, version: int) -> tuple[ReadingRemark, ...]:
    assert case_id is not None
    with lab.store.read() as s:
        return requests.load(s, case_id, version).request.remarks


async def test_the_remarks_of_the_reading_are_stored_with_the_request_and_shown(lab: Lab) -> None:
    first = await submit(await context_of(lab), with_range(), PAS)
    (remark,) = remarks_of(lab, first.case_id, 1)
    assert remark.about_service and remark.line_id == "1"
    await settle(lab)
    assert first.case_id is not None
    with lab.store.read() as s:
        detail = load_authorization_detail(s, first.case_id)
    assert detail.request.remarks == (remark,)
    assert "approved_by_rule" not in {line.route for line in detail.lines}


async def test_an_update_that_brings_only_a_remark_is_a_version_of_its_own(lab: Lab) -> None:
    first = await submit(await context_of(lab), sample("home-oxygen-expedited"), PAS)
    await settle(lab)
    bundle = json.loads(sample("home-oxygen-expedited"))
    claim = bundle["entry"][0]["resource"]
    prior = json.loads(json.dumps(claim))
    claim["id"], claim["identifier"] = "claim-later", [{"system": "urn:trnorg:9000000001", "value": "LATER"}]
    relation = {"system": "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship", "code": "prior"}
    claim["related"] = [{"claim": {"reference": f"Claim/{prior['id']}"}, "relationship": {"coding": [relation]}}]
    url = bundle["entry"][0]["fullUrl"]
    bundle["entry"][0]["fullUrl"] = url.replace(prior["id"], "claim-later")
    bundle["entry"].append({"fullUrl": url, "resource": prior})
    bundle["identifier"]["value"] = "TX-LATER"
    end = {"coding": [{"system": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "code": "E1392"}]}
    claim["item"][0]["extension"].append(extension("extension-productOrServiceCodeEnd", valueCodeableConcept=end))
    update = await submit(await context_of(lab), json.dumps(bundle).encode(), PAS)
    assert update.kind is SubmissionStatus.CHANGED, update
    assert first.case_id is not None and versions(lab, first.case_id) == 2
    assert [remark.line_id for remark in remarks_of(lab, first.case_id, 2)] == ["1"]


async def test_a_repeat_that_asks_for_more_than_was_understood_is_a_question_for_intake(lab: Lab) -> None:
    first = await submit(await context_of(lab), sample("home-oxygen-expedited"), PAS)
    more = await submit(await context_of(lab), with_range(), PAS)
    assert more.kind is SubmissionStatus.REFUSED
    assert [problem.rule for problem in more.problems] == ["intake.not_understood"]
    again = await submit(await context_of(lab), sample("home-oxygen-expedited"), PAS)
    assert (again.kind, again.case_id) == (SubmissionStatus.JOINED, first.case_id)


async def test_a_repeat_of_a_request_that_was_not_understood_in_full_joins_its_case(lab: Lab) -> None:
    first = await submit(await context_of(lab), with_range(), PAS)
    again = await submit(await context_of(lab), with_range(), PAS)
    assert (again.kind, again.case_id) == (SubmissionStatus.JOINED, first.case_id)
