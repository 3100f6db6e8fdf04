"""A withdrawal taken back after the case has ended: its words are kept first, and its new case is one, whatever dies."""

from __future__ import annotations

from dataclasses import replace

from demo.time_skipping_lab import Lab
from domain.authorization.messages import PartyStatement
from domain.cases.views import CaseStatus
from domain.vocabulary import ArrivalKind, AskedBy, Channel
from intake import reinstatement
from intake.reinstatement import WithdrawalTakenBack
from intake.resume import resume_arrivals
from services.context import SubmissionStatus
from store import cases, inbox, requests
from tests.intake.arrivals import context_of
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase


async def test_a_new_case_that_temporal_could_not_start_is_started_later_and_once(lab: Lab) -> None:
    old = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    await old.send(await old.withdraw())
    assert old.view().status is CaseStatus.WITHDRAWN
    services = await context_of(lab)
    at = services.clock()
    asked = PartyStatement(person="Dr. Lee", channel=Channel.PHONE, at=at, note="The member wants it.")
    said = WithdrawalTakenBack(case_id=old.case_id, by=AskedBy.PROVIDER, asked=asked, entered_by="intake.kim")
    with lab.store.begin() as s:
        item = inbox.receive(
            s, said.model_dump_json().encode(), at, Channel.PHONE, "1999999984", kind=ArrivalKind.REINSTATEMENT
        )
    kept = await reinstatement.process_item(replace(services, temporal=None), item.inbox_id)
    assert kept.kind is SubmissionStatus.STORED and kept.case_id is not None and kept.case_id != old.case_id
    (started,) = await resume_arrivals(services)
    await lab.settle()
    assert (started.kind, started.case_id) == (SubmissionStatus.STARTED, kept.case_id)
    assert await resume_arrivals(services) == ()
    with lab.store.read() as s:
        assert [one.case_id for one in cases.find(s) if one.status is CaseStatus.OPEN] == [kept.case_id]
        assert requests.load(s, kept.case_id).request.received_at == at
