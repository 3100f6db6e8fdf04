"""Resumption: an arrival goes to the part of intake that its kind names, whenever it arrived."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from demo.time_skipping_lab import Lab
from domain.vocabulary import ArrivalKind, Channel
from intake import resume, submission
from intake.admissions.admission_result import AdmissionStatus
from intake.requests.records import add_documents
from intake.resume import resume_arrivals
from intake.stays.updates import UpdateRequest, send_update
from intake.submission import submit
from services.context import ServiceContext, SubmissionStatus
from store import inbox, tables
from store.inbox import InboxStatus
from tests.intake.admissions.stay_listener import sample_message
from tests.intake.arrivals import context_of, inbox_item, plain, sample, settle
from tests.intake.contacts.test_contacts import raw as contact
from tests.intake.stays.stay_arrivals import admit
from tests.intake.stays.test_updates import records
from tests.paths import SAMPLES

CLAIM = (SAMPLES / "claims" / "cpap-not-authorized.json").read_bytes()


def test_every_kind_of_arrival_has_one_way_to_be_resumed() -> None:
    assert set(resume.PROCESSES) == set(ArrivalKind) - {ArrivalKind.CASE_ALERT}, "an alert is a person's from the start"


def forget_kinds(lab: Lab) -> None:
    """Leave the inbox as a release before kinds were stored left it."""
    with lab.store.begin() as s:
        s.execute(update(tables.inbox).values(kind=None))


def receive(lab: Lab, services: ServiceContext, raw: bytes, channel: Channel) -> None:
    with lab.store.begin() as s:
        inbox.receive(s, raw, services.clock(), channel, kind=ArrivalKind.REQUEST)


async def test_an_arrival_from_before_gets_its_kind_when_it_is_resumed(lab: Lab) -> None:
    services = await context_of(lab)
    receive(lab, services, plain(), Channel.API)
    receive(lab, services, sample_message("03-to-inpatient-A06"), Channel.HL7_V2)
    receive(lab, services, contact(), Channel.PHONE)
    receive(lab, services, CLAIM, Channel.API)
    forget_kinds(lab)
    outcomes = await resume_arrivals(replace(services, temporal=None))
    kinds = {outcome.inbox_id: inbox_item(lab, outcome.inbox_id).kind for outcome in outcomes}
    wanted = [ArrivalKind.REQUEST, ArrivalKind.ADMISSION, ArrivalKind.CONTACT, ArrivalKind.CLAIM]
    assert [kinds[key] for key in sorted(kinds)] == wanted
    assert {outcome.kind for outcome in outcomes} == {SubmissionStatus.STORED}


async def test_records_and_forms_from_before_reach_their_case_and_their_stay(lab: Lab) -> None:
    services = await context_of(lab)
    first = await submit(services, sample("cpap-missing-facts"), Channel.FHIR_PAS)
    stay_id = await admit(lab)
    await settle(lab)
    away = replace(services, temporal=None)
    assert first.case_id is not None
    await add_documents(away, first.case_id, b"%PDF-1.7 scan", "scan.pdf", None)
    await send_update(away, stay_id, records(), UpdateRequest())
    forget_kinds(lab)
    outcomes = await resume_arrivals(await context_of(lab))
    assert [outcome.kind for outcome in outcomes] == [SubmissionStatus.CHANGED] * 2
    kinds = [inbox_item(lab, outcome.inbox_id).kind for outcome in outcomes]
    assert kinds == [ArrivalKind.RECORDS, ArrivalKind.STAY_FORM]


async def test_a_listener_resumes_admissions_and_leaves_the_rest(lab: Lab) -> None:
    services = replace(await context_of(lab), temporal=None)
    await submit(services, plain(), Channel.API)
    with lab.store.begin() as s:
        inbox.receive(
            s, sample_message("03-to-inpatient-A06"), services.clock(), Channel.HL7_V2, kind=ArrivalKind.ADMISSION
        )
    (outcome,) = await resume_arrivals(services, {ArrivalKind.ADMISSION})
    assert outcome.kind is AdmissionStatus.STORED


async def test_an_arrival_that_fails_again_and_again_becomes_a_task_for_intake_with_a_reason(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = await context_of(lab)
    receive(lab, services, plain(), Channel.API)

    def fail(*_: object) -> None:
        raise OverflowError

    monkeypatch.setattr(submission, "read_request", fail)
    for _ in range(resume.MOST_FAILURES - 1):
        assert await resume_arrivals(services) == ()
    assert inbox_item(lab, 1).status is InboxStatus.RECEIVED
    (refused,) = await resume_arrivals(services)
    assert refused.kind is SubmissionStatus.REFUSED
    assert await resume_arrivals(services) == ()
    item = inbox_item(lab, 1)
    assert item.status is InboxStatus.REFUSED
    assert [problem.rule for problem in item.problems] == ["intake.not_processed"]


async def test_one_failure_leaves_an_arrival_to_be_tried_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    services = await context_of(lab)
    receive(lab, services, plain(), Channel.API)
    with monkeypatch.context() as broken:
        broken.setattr(submission, "read_request", lambda *_: 1 / 0)
        assert await resume_arrivals(services) == ()
    (outcome,) = await resume_arrivals(services)
    assert outcome.kind is SubmissionStatus.STARTED


async def test_an_arrival_is_what_its_door_received_and_not_what_its_bytes_look_like(lab: Lab) -> None:
    services = await context_of(lab)
    receive(lab, services, CLAIM, Channel.API)
    (resumed,) = await resume_arrivals(services)
    at_once = await submit(services, CLAIM, Channel.API)
    assert (resumed.kind, at_once.kind) == (SubmissionStatus.REFUSED, SubmissionStatus.REFUSED)
    assert resumed.problems == at_once.problems
