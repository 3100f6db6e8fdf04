"""Requests for days of a stay that goes on: told to the stay that is known, or opening one, and never a case beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from demo.reviewers import CaseParticipants, require_accepted
from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.stays.adt import AdtKind, PatientClass
from domain.vocabulary import ArrivalKind, Channel
from intake.resume import resume_arrivals
from services.context import SubmissionStatus
from store import cases, inbox
from tests.intake.arrivals import context_of, inbox_item, status
from tests.intake.stays.stay_arrivals import (
    HOSPITAL,
    MEMBER,
    admit,
    bedside_request,
    in_days,
    journal_kinds,
    review_requests,
    settle_all,
    stay_summary,
    stays_on_file,
    submit_request,
)


async def test_days_of_a_known_stay_become_its_update_and_no_case_of_their_own(lab: Lab) -> None:
    stay_id = await admit(lab)
    now = await lab.now()
    outcome = await submit_request(lab, bedside_request(in_days(now, 0), in_days(now, 2)))
    assert (outcome.kind, outcome.case_id) == (SubmissionStatus.CHANGED, stay_id)
    assert stay_id in outcome.says and f"through {in_days(now, 2)}" in outcome.says
    (request,) = review_requests(lab, stay_id)
    assert request.lines[-1].end == in_days(now, 2)
    assert [fact.id for fact in request.facts] == ["ip.expected_midnights"]
    with lab.store.read() as s:
        assert {
            view.case_id for view in cases.find(s) if "-R" not in view.case_id and view.case_id.startswith("PA-")
        } == set()


async def test_what_was_not_read_of_a_request_for_days_stands_on_the_review(lab: Lab) -> None:
    await admit(lab)
    now = await lab.now()
    document = json.loads(bedside_request(in_days(now, 0), in_days(now, 2)))
    document["lines"][0]["description"] = "Days\x07 in the hospital"
    outcome = await submit_request(lab, json.dumps(document).encode())
    assert outcome.case_id is not None
    (request,) = review_requests(lab, outcome.case_id)
    assert [(remark.rule, remark.line_id) for remark in request.remarks] == [("json-characters", None)]


async def test_days_of_a_stay_that_nobody_announced_open_it_and_are_its_first_update(lab: Lab) -> None:
    now = await lab.now()
    outcome = await submit_request(lab, bedside_request(in_days(now, 0), in_days(now, 2)))
    (stay,) = stays_on_file(lab)
    assert (outcome.kind, outcome.case_id) == (SubmissionStatus.STARTED, stay.stay_id)
    assert "is opened by this request" in outcome.says
    assert stay.facility_npi == HOSPITAL and stay.visit_number is None
    kinds = journal_kinds(lab, stay.stay_id)
    assert kinds.index("stay_event") < kinds.index("update_received")
    # Nobody said in which unit: the level of care is asked about and never guessed.
    assert stay_summary(lab, stay.stay_id)["level_of_care"] is None


async def test_the_stay_that_a_request_opened_is_the_one_that_the_hospital_announces_later(lab: Lab) -> None:
    now = await lab.now()
    outcome = await submit_request(lab, bedside_request(in_days(now, 0), in_days(now, 2)))
    stay_id = await admit(lab, admitted_at=now, happened_at=now)
    assert stay_id == outcome.case_id
    (stay,) = stays_on_file(lab)
    assert stay.visit_number == "V900001"
    assert stay_summary(lab, stay_id)["level_of_care"] == "inpatient_ward"
    await lab.settle()
    assert len(review_requests(lab, stay_id)) == 1


async def test_a_visit_number_in_the_request_is_the_stays_own(lab: Lab) -> None:
    now = await lab.now()
    stay = {"visit_number": "V900001", "admitted_on": in_days(now, 0).isoformat()}
    outcome = await submit_request(lab, bedside_request(in_days(now, 0), in_days(now, 2), hospital_stay=stay))
    assert await admit(lab) == outcome.case_id
    other = {"visit_number": "V900002", "admitted_on": in_days(now, 0).isoformat()}
    again = await submit_request(lab, bedside_request(in_days(now, 0), in_days(now, 1), hospital_stay=other))
    assert again.kind is SubmissionStatus.STARTED and again.case_id != outcome.case_id


async def test_the_same_request_again_is_told_how_the_stay_stands_and_adds_nothing(lab: Lab) -> None:
    stay_id = await admit(lab)
    now = await lab.now()
    raw = bedside_request(in_days(now, 0), in_days(now, 2))
    await submit_request(lab, raw)
    again = await submit_request(lab, raw)
    assert again.kind is SubmissionStatus.JOINED and "nothing was added" in again.says
    assert "It waits for round 1" in again.says
    assert journal_kinds(lab, stay_id).count("update_received") == 1


async def test_two_stays_that_would_both_fit_go_to_a_person(lab: Lab) -> None:
    now = await lab.now()
    await admit(lab)
    await admit(lab, visit_number="V900002")
    outcome = await submit_request(lab, bedside_request(in_days(now, 0), in_days(now, 1)))
    assert outcome.kind is SubmissionStatus.REFUSED
    assert [problem.rule for problem in outcome.problems] == ["stay.ambiguous"]
    assert inbox_item(lab, outcome.inbox_id).is_open


async def test_days_before_the_patient_came_are_no_stay_that_goes_on(lab: Lab) -> None:
    now = await lab.now()
    outcome = await submit_request(lab, bedside_request(in_days(now, 3), in_days(now, 5)))
    assert [problem.rule for problem in outcome.problems] == ["stay.not_begun"]
    assert stays_on_file(lab) == ()


async def test_a_concurrent_review_of_something_else_than_days_is_refused_with_the_way_out(lab: Lab) -> None:
    now = await lab.now()
    request = json.loads(bedside_request(in_days(now, 0), in_days(now, 1)))
    del request["lines"][0]["level_of_care"]
    outcome = await submit_request(lab, json.dumps(request).encode())
    assert [problem.rule for problem in outcome.problems] == ["intake.review_kind"]


async def test_a_request_for_a_stay_that_has_ended_goes_to_a_person_who_sees_why(lab: Lab) -> None:
    stay_id = await admit(lab, kind=AdtKind.PREADMIT, patient_class=PatientClass.PREADMIT)
    await lab.advance(days=60)
    await settle_all(lab)
    now = await lab.now()
    raw = bedside_request(in_days(now, 0), in_days(now, 1), hospital_stay={"visit_number": "V900001"})
    outcome = await submit_request(lab, raw)
    assert outcome.kind is SubmissionStatus.REFUSED and outcome.case_id == stay_id
    assert [problem.rule for problem in outcome.problems] == ["stay.closed"]
    assert inbox_item(lab, outcome.inbox_id).is_open


async def test_while_the_engine_is_away_the_stay_and_its_request_are_kept_and_told_in_order_later(lab: Lab) -> None:
    now = await lab.now()
    away = replace(await context_of(lab), temporal=None)
    outcome = await submit_request(lab, bedside_request(in_days(now, 0), in_days(now, 2)), away)
    (stay,) = stays_on_file(lab)
    assert (outcome.kind, outcome.case_id) == (SubmissionStatus.STORED, stay.stay_id)
    await lab.advance(hours=2)
    await resume_arrivals(await context_of(lab))
    await settle_all(lab)
    kinds = journal_kinds(lab, stay.stay_id)
    assert kinds.index("stay_event") < kinds.index("update_received") and kinds.count("update_received") == 1
    assert inbox_item(lab, outcome.inbox_id).started_at is not None
    assert await resume_arrivals(await context_of(lab)) == ()


async def test_a_crash_at_any_point_opens_one_stay_and_tells_it_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    now = await lab.now()
    raw = bedside_request(in_days(now, 0), in_days(now, 2))
    services = await context_of(lab)
    with services.store.begin() as s:
        kept = inbox.receive(s, raw, services.clock(), Channel.API, kind=ArrivalKind.REQUEST)

    def dies(*_: object) -> None:
        raise RuntimeError("the machine went away")

    for place in (
        "intake.stays.submission.admissions.enter_admission",
        "intake.stays.submission.send_to_stay",
        "intake.stays.submission.inbox.mark_started",
    ):
        with monkeypatch.context() as broken:
            broken.setattr(place, dies)
            await resume_arrivals(services)
        await settle_all(lab)
    await resume_arrivals(services)
    await settle_all(lab)
    (stay,) = stays_on_file(lab)
    assert journal_kinds(lab, stay.stay_id).count("update_received") == 1
    assert inbox_item(lab, kept.inbox_id).case_id == stay.stay_id


# -- what PAS says ---------------------------------------------------------------------------------------------------------


def pas(start: str, end: str, encounter: dict[str, Any] | None, certification: str = "I") -> bytes:
    """A minimal PAS Bundle of the hospital for days in it."""
    x12 = "https://codesystem.x12.org/005010/"
    us = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
    claim: dict[str, Any] = {
        "resourceType": "Claim",
        "id": "c",
        "identifier": [{"system": "urn:example:trace", "value": f"T-{certification}-{end}"}],
        "status": "active",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "institutional"}]},
        "use": "preauthorization",
        "patient": {"reference": "Patient/p"},
        "created": f"{start}T10:00:00Z",
        "insurer": {"reference": "Organization/i"},
        "provider": {"reference": "Organization/h"},
        "priority": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/processpriority", "code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/v"}}],
        "diagnosis": [
            {
                "sequence": 1,
                "diagnosisCodeableConcept": {
                    "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I50.23"}]
                },
            }
        ],
        "item": [
            {
                "extension": [
                    {
                        "url": us + "extension-certificationType",
                        "valueCodeableConcept": {"coding": [{"system": x12 + "1322", "code": certification}]},
                    }
                ],
                "sequence": 1,
                "category": {"coding": [{"system": x12 + "1365", "code": "48"}]},
                "productOrService": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "99223"}]},
                "servicedPeriod": {"start": start, "end": end},
                "locationCodeableConcept": {
                    "coding": [
                        {
                            "system": "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
                            "code": "21",
                        }
                    ]
                },
            }
        ],
    }
    resources = [claim]
    if encounter is not None:
        claim["extension"] = [
            {
                "url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Claim.encounter",
                "valueReference": {"reference": "Encounter/e"},
            }
        ]
        resources.append(
            {
                "resourceType": "Encounter",
                "id": "e",
                "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
                "subject": {"reference": "Patient/p"},
            }
            | encounter
        )
    npi = {"system": "http://hl7.org/fhir/sid/us-npi", "value": HOSPITAL}
    resources += [
        {
            "resourceType": "Patient",
            "id": "p",
            "identifier": [{"value": MEMBER}],
            "name": [{"family": "Whitfield"}],
            "gender": "female",
            "birthDate": "1951-04-12",
        },
        {
            "resourceType": "Coverage",
            "id": "v",
            "status": "active",
            "subscriberId": MEMBER,
            "beneficiary": {"reference": "Patient/p"},
            "payor": [{"reference": "Organization/i"}],
        },
        {"resourceType": "Organization", "id": "h", "identifier": [npi], "name": "Meridian Heart Hospital"},
        {"resourceType": "Organization", "id": "i", "name": "Example Health"},
    ]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {"system": "urn:example:bundle", "value": f"B-{certification}-{end}"},
        "timestamp": f"{start}T10:00:00Z",
        "entry": [
            {"fullUrl": f"https://example.com/fhir/{one['resourceType']}/{one['id']}", "resource": one}
            for one in resources
        ],
    }
    return json.dumps(bundle).encode()


async def test_a_pas_request_whose_encounter_is_under_way_is_about_the_stay(lab: Lab) -> None:
    now = await lab.now()
    first, last = in_days(now, 0).isoformat(), in_days(now, 2).isoformat()
    encounter = {"status": "in-progress", "identifier": [{"value": "V900001"}], "period": {"start": first}}
    outcome = await submit_request(lab, pas(first, last, encounter))
    (stay,) = stays_on_file(lab)
    assert outcome.case_id == stay.stay_id and stay.visit_number == "V900001", outcome


@pytest.mark.parametrize("encounter", [None, {"status": "planned"}, {"status": "finished"}])
async def test_a_planned_admission_is_a_case_as_before(lab: Lab, encounter: dict[str, Any] | None) -> None:
    now = await lab.now()
    outcome = await submit_request(lab, pas(in_days(now, 4).isoformat(), in_days(now, 6).isoformat(), encounter))
    assert outcome.kind is SubmissionStatus.STARTED and str(outcome.case_id).startswith("PA-")
    assert stays_on_file(lab) == ()


async def test_more_days_of_an_authorized_admission_go_to_its_stay_once_it_is_known(lab: Lab) -> None:
    stay_id = await admit(lab)
    now = await lab.now()
    first, last = in_days(now, 0).isoformat(), in_days(now, 4).isoformat()
    outcome = await submit_request(lab, pas(first, last, None, certification="4"))
    assert outcome.case_id == stay_id, outcome
    assert review_requests(lab, stay_id)[-1].lines[-1].end == in_days(now, 4)


async def test_equipment_for_somebody_in_hospital_stays_a_request_of_its_own(lab: Lab) -> None:
    await admit(lab)
    now = await lab.now()
    first = in_days(now, 0).isoformat()
    bundle = json.loads(pas(first, first, {"status": "in-progress", "period": {"start": first}}))
    line = bundle["entry"][0]["resource"]["item"][0]
    line["locationCodeableConcept"]["coding"][0]["code"] = "31"
    outcome = await submit_request(lab, json.dumps(bundle).encode())
    assert str(outcome.case_id).startswith("PA-")


# -- planned admissions ----------------------------------------------------------------------------------------------------


STATED = [
    {"id": name, "value": value, "source": {"kind": "structured_resource", "reference": f"Observation/{name}"}}
    for name, value in (
        ("ip.order", True),
        ("ip.expected_midnights", 3),
        ("ip.expectation_factors_documented", True),
    )
]


async def authorized(lab: Lab) -> str:
    """A planned admission of three days from the day after tomorrow, approved by a nurse; its case."""
    now = await lab.now()
    outcome = await submit_request(
        lab, bedside_request(in_days(now, 2), in_days(now, 4), review_kind="prospective", facts=STATED)
    )
    assert outcome.case_id is not None and outcome.case_id.startswith("PA-")
    nurse = CaseParticipants(lab, outcome.case_id)
    require_accepted(await nurse.approve_task("nurse.adams", TaskKind.NURSE_REVIEW, "The illness needs a hospital."))
    assert status(lab, outcome.case_id) == "approved"
    return outcome.case_id


async def test_an_approved_planned_admission_certifies_the_first_days_of_the_stay_that_follows(lab: Lab) -> None:
    """The authorization of before the stay answers its days; only what goes beyond it is reviewed."""
    now = await lab.now()
    case_id = await authorized(lab)
    await lab.advance(timedelta(days=2))
    stay_id = await admit(lab)
    content = stay_summary(lab, stay_id)
    assert content["certified_through"] == in_days(now, 4).isoformat()
    (days,) = content["days"]
    assert days["review"] == case_id and days["level_of_care"] == "inpatient_ward"
    assert review_requests(lab, stay_id) == []


async def test_a_change_of_a_decided_admission_to_more_days_goes_to_its_stay_and_keeps_what_is_approved(
    lab: Lab,
) -> None:
    now = await lab.now()
    case_id = await authorized(lab)
    await lab.advance(timedelta(days=2))
    stay_id = await admit(lab)
    more = bedside_request(
        in_days(now, 2),
        in_days(now, 6),
        submission_id="urn:example:meridian|C-2",
        action="update",
        prior_submission_id="urn:example:meridian|C-1",
        review_kind="prospective",
    )
    outcome = await submit_request(lab, more)
    assert (outcome.kind, outcome.case_id) == (SubmissionStatus.CHANGED, stay_id)
    (request,) = review_requests(lab, stay_id)
    assert (request.lines[0].start, request.lines[-1].end) == (in_days(now, 5), in_days(now, 6))
    assert stay_summary(lab, stay_id)["days"][0]["review"] == case_id


async def test_a_change_of_an_admission_that_is_not_decided_is_a_change_of_its_case(lab: Lab) -> None:
    now = await lab.now()
    first = await submit_request(lab, bedside_request(in_days(now, 0), in_days(now, 2), review_kind="prospective"))
    assert first.case_id is not None and status(lab, first.case_id) == "open"
    await admit(lab)
    more = bedside_request(
        in_days(now, 0),
        in_days(now, 4),
        submission_id="urn:example:meridian|C-2",
        action="update",
        prior_submission_id="urn:example:meridian|C-1",
        review_kind="prospective",
    )
    outcome = await submit_request(lab, more)
    assert outcome.case_id == first.case_id
