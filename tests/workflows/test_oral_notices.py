"""A call that is owed is a task of a running case, and the case ends when it was made or missed."""

from __future__ import annotations

from datetime import timedelta

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind, TaskOutcome, TaskStatus
from domain.cases.views import CaseStatus
from domain.vocabulary import AskedBy, Urgency
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, without_plan_contact
from tests.workflows.lab_case import LabCase
from tests.workflows.test_paths import opened


async def _refused(lab: Lab) -> LabCase:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET, urgency=Urgency.EXPEDITED, asked_by=AskedBy.MEMBER)
    note = "Waiting seven days does no harm."
    refusal = await services.completion(TaskKind.EXPEDITE_DECISION, "md.ortho.chen", TaskOutcome.REFUSE, note=note)
    await services.send(refusal)
    return services


async def test_a_refusal_to_expedite_is_told_by_a_call_that_holds_the_case_open(lab: Lab) -> None:
    services = await _refused(lab)
    assert services.task(TaskKind.ORAL_NOTICE).due_at - await lab.now() <= timedelta(hours=24)
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert services.view().status is CaseStatus.OPEN
    await services.send(await services.call("left_message"))
    assert services.view().status is CaseStatus.OPEN
    await services.send(await services.call("reached"))
    assert services.view().status is CaseStatus.APPROVED
    assert [entry.data["call"]["result"] for entry in services.entries("oral_notice")] == ["left_message", "reached"]
    met = [entry.data["duty"] for entry in services.entries("clock_met")]
    assert "expedite_refusal_call" in met


async def test_a_missed_call_ends_with_the_review_of_compliance(lab: Lab) -> None:
    services = await _refused(lab)
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    await lab.advance(hours=25)
    assert services.view().status is CaseStatus.APPROVED, "a missed call keeps no case open"
    assert services.task(TaskKind.ORAL_NOTICE).is_open, "and can still be made"
    await services.send(await services.completion(TaskKind.MISSED_CLOCK, "compliance.ortiz", TaskOutcome.ACKNOWLEDGE))
    assert services.task(TaskKind.ORAL_NOTICE).status is TaskStatus.CANCELLED


async def test_a_call_while_the_letter_is_stuck_is_the_notice_and_starts_the_time_of_the_letter(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET, urgency=Urgency.EXPEDITED)
    with without_plan_contact(lab):
        await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
        assert services.task(TaskKind.ORAL_NOTICE).due_at == services.view().decision_due
        await services.send(await services.call("reached"))
    await services.send(await services.completion(TaskKind.LETTER_REPAIR, "supervisor.bell", TaskOutcome.RETRY))
    assert services.view().status is CaseStatus.APPROVED
    met = {(entry.data["rule"], entry.data["duty"]) for entry in services.entries("clock_met")}
    assert {("MA-OD-EXP", "oral_notice"), ("MA-OD-EXP-WRITTEN", "written_notice")} <= met
    assert ("MA-OD-EXP", "written_notice") not in met, "the call came first"
