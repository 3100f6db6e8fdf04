"""Clocks that count from the decision run once it is made, and the letters of the decision meet them."""

from __future__ import annotations

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from store import directory
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase


def insured_in_california(lab: Lab) -> str:
    """A member whose coverage is insured under the law of California."""
    with lab.store.begin() as s:
        found = directory.coverages(s, "MBR1000009")[0]
        update = {"state": "CA", "zone": "America/Los_Angeles", "self_funded": False}
        directory.put_coverage(s, found.model_copy(update=update))
    return "MBR1000009"


async def test_the_provider_is_told_within_a_day_of_the_decision_in_california(lab: Lab) -> None:
    member = insured_in_california(lab)
    services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET, member=member)))
    assert "CA-PROVIDER-NOTICE" not in str(services.entries("clocks_computed"))
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.lopez")
    await lab.advance(minutes=5)
    assert services.view().status is CaseStatus.APPROVED
    met = {(entry.data["rule"], entry.data["duty"]) for entry in services.entries("clock_met")}
    assert ("CA-PROVIDER-NOTICE", "provider_notice") in met


async def test_a_decision_for_which_no_clock_waits_computes_nothing_anew(lab: Lab) -> None:
    services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    before = len(services.entries("clocks_computed"))
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    await lab.advance(minutes=5)
    assert services.view().status is CaseStatus.APPROVED
    assert len(services.entries("clocks_computed")) == before
