"""A withdrawal taken back after the case has ended: its words are kept first, and its new case is one, whatever dies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from demo.time_skipping_lab import Lab, laboratory
from domain.authorization.messages import PartyStatement, RequestExpedite
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.errors import Refused
from domain.stays.adt import AdtKind
from domain.vocabulary import ArrivalKind, AskedBy, Channel, Urgency
from intake import reinstatement
from intake.reinstatement import WithdrawalTakenBack
from intake.resume import resume_arrivals
from services.context import CommandStatus, SubmissionStatus
from store import cases, inbox, requests, tasks
from tests.intake.arrivals import context_of
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_stay import new_stay, skip_to_monday


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


@pytest.mark.parametrize("has_ended", [False, True], ids=["case open", "case closed meanwhile"])
@pytest.mark.many
async def test_a_call_that_no_worker_answered_is_asked_again_until_the_request_goes_on(
    has_ended: bool, tmp_path: Path
) -> None:
    """The case that closes before it hears of the call cannot go on: its request goes on as a new one."""
    async with laboratory(tmp_path, cached=False) as lab:
        old = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
        await lab.stop_worker()
        hurried = await context_of(lab, patience=timedelta(milliseconds=300))
        back = await old.withdraw()
        await lab.handle(old.case_id).signal(back.type, back)
        asked = PartyStatement(person="Dr. Lee", channel=Channel.PHONE, at=hurried.clock(), note="The member wants it.")
        if has_ended:
            await lab.start_worker()
            await lab.settle()
            await lab.stop_worker()
            said = WithdrawalTakenBack(case_id=old.case_id, by=AskedBy.PROVIDER, asked=asked, entered_by="intake.kim")
            with lab.store.begin() as s:
                raw = said.model_dump_json().encode()
                inbox.receive(s, raw, asked.at, Channel.PHONE, "1999999984", kind=ArrivalKind.REINSTATEMENT)
        else:
            told = await reinstatement.reinstate(hurried, old.case_id, AskedBy.PROVIDER, asked, "intake.kim")
            assert told.kind is CommandStatus.QUEUED
        await lab.start_worker()
        await lab.settle()
        (goes_on,) = await resume_arrivals(await context_of(lab))
        await lab.settle()
        assert (goes_on.case_id != old.case_id) is has_ended
        assert await resume_arrivals(await context_of(lab)) == ()
        with lab.store.read() as s:
            assert [one.case_id for one in cases.find(s) if one.status is CaseStatus.OPEN] == [goes_on.case_id]
        assert len(old.entries("reinstated")) == (not has_ended)


@pytest.mark.parametrize("statement", [True, None], ids=["expedited", "not yet decided"])
async def test_a_new_case_is_as_urgent_as_the_withdrawn_one_had_become(statement: bool | None, lab: Lab) -> None:
    old = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    member = await old.stamp("MBR1000001", "member")
    await old.send(RequestExpedite(**member, asked_by=AskedBy.MEMBER, physician_statement=statement))
    await old.send(await old.withdraw())
    assert old.view().status is CaseStatus.WITHDRAWN
    services = await context_of(lab)
    asked = PartyStatement(person="Dr. Lee", channel=Channel.PHONE, at=services.clock(), note="The member wants it.")
    said = await reinstatement.reinstate(services, old.case_id, AskedBy.PROVIDER, asked, "intake.kim")
    await lab.settle()
    new = LabCase(lab, said.case_id)
    assert new.view().urgency is Urgency.EXPEDITED and new.view().governing_rule == "MA-OD-EXP"
    with lab.store.read() as s:
        decides = [one.kind for one in tasks.of_case(s, new.case_id) if one.kind is TaskKind.EXPEDITE_DECISION]
    assert bool(decides) is (statement is None)


async def test_the_review_of_a_stay_does_not_go_on_as_a_case_that_the_stay_never_hears_of(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted(unit="Med-Surg")
    await stay.update({})
    await stay.tell(AdtKind.CANCEL_ADMIT)
    (review,) = stay.reviews()
    assert review.status is CaseStatus.WITHDRAWN
    services = await context_of(lab)
    asked = PartyStatement(person="Dr. Lee", channel=Channel.PHONE, at=services.clock(), note="The member stays.")
    with pytest.raises(Refused) as refused:
        await reinstatement.reinstate(services, review.case_id, AskedBy.PROVIDER, asked, "intake.kim")
    assert [one.rule for one in refused.value.refusals] == ["reinstate.stay"]
    assert stay.case_id in refused.value.refusals[0].way_out
    with lab.store.read() as s:
        assert not [one.case_id for one in cases.find(s) if one.status is CaseStatus.OPEN and one.case_id[:2] == "PA"]
