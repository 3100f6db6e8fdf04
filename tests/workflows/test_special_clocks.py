"""Circumstances that a request states bind their clocks from receipt, and a change of the request changes them."""

from __future__ import annotations

from datetime import timedelta

from demo.time_skipping_lab import Lab
from domain.authorization.messages import CorrectRequest
from domain.cases.views import CaseStatus
from domain.vocabulary import Circumstance
from store import requests
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase


async def opened(lab: Lab, *circumstances: Circumstance) -> LabCase:
    asked = request(FUSION, known=FUSION_NOT_MET).model_copy(update={"circumstances": circumstances or None})
    return LabCase(lab, await lab.open(asked))


async def changed(services: LabCase, *circumstances: Circumstance) -> None:
    """The sender corrects what was stated."""
    with services.lab.store.begin() as s:
        asked = requests.load(s, services.case_id).request
        version = requests.save(s, services.case_id, asked.model_copy(update={"circumstances": circumstances}))
    stamp = await services.stamp("1999999984", "provider")
    await services.send(CorrectRequest(**stamp, request_version=version, what="circumstances changed"))


async def test_care_after_stabilization_is_decided_within_the_hour_or_the_plan_pays(lab: Lab) -> None:
    services = await opened(lab, Circumstance.POST_STABILIZATION)
    view = services.view()
    assert view.governing_rule == "MA-POSTSTAB-1H"
    assert view.decision_due == view.received_at.replace(microsecond=0) + timedelta(hours=1)
    await lab.advance(hours=1, seconds=1)
    missed = services.entries("clock_missed")
    assert [entry.data["rule"] for entry in missed if entry.data["duty"] == "decision"] == ["MA-POSTSTAB-1H"]
    assert services.entries("consequence_applied")[0].data["effect"] == "plan_pays"
    assert services.view().status is CaseStatus.OPEN


async def test_an_ordinary_request_has_the_ordinary_clock(lab: Lab) -> None:
    services = await opened(lab)
    assert services.view().governing_rule == "MA-OD-STD-PA"


async def test_a_change_may_state_a_circumstance_and_take_it_back(lab: Lab) -> None:
    services = await opened(lab)
    first = services.view().decision_due
    await changed(services, Circumstance.POST_STABILIZATION)
    assert services.view().governing_rule == "MA-POSTSTAB-1H"
    await changed(services)
    assert (services.view().governing_rule, services.view().decision_due) == ("MA-OD-STD-PA", first)
