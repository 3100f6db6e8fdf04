"""Concerns run from their raising to their closing, and leave nothing but a number where they were raised."""

from __future__ import annotations

from datetime import timedelta

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.vocabulary import ProcessKind, Role
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, OXYGEN, OXYGEN_FACTS, request
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_task_cases import CLOSURE, PEER_REVIEW, TRIAGE, start_concern


async def test_a_concern_goes_from_the_first_look_over_peer_review_to_its_closing(lab: Lab) -> None:
    raised = await start_concern(lab)
    assert raised.view().process is ProcessKind.CONCERN
    await raised.done(TaskKind.CONCERN_TRIAGE, "nurse.lopez", TRIAGE)
    await raised.done(TaskKind.CONCERN_PEER_REVIEW, "md.pulm.rivera", PEER_REVIEW)
    await raised.done(TaskKind.CONCERN_CLOSURE, "compliance.ortiz", CLOSURE)
    assert raised.view().status is CaseStatus.COMPLETED
    assert raised.sheet().content["severity"] == 2


async def test_the_case_it_is_about_keeps_its_number_and_goes_its_way(lab: Lab) -> None:
    case = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    raised = await start_concern(lab, "safety", case.case_id, about_task_id=f"{case.case_id}-T1")
    await lab.settle()
    noted = case.entries("concern_raised")
    assert [entry.summary for entry in noted] == [f"A concern was raised: {raised.case_id}."]
    assert set(noted[0].data) <= {"concern", "case"} and "antibiotic" not in noted[0].model_dump_json()
    await case.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert case.view().status is CaseStatus.APPROVED
    assert len(case.entries("concern_raised")) == 1
    assert all("QC-" not in letter.subject for letter in case.letters())


async def test_a_case_that_is_over_needs_no_note_for_its_concern_to_be_followed_up(lab: Lab) -> None:
    case = LabCase(lab, await lab.open(request(OXYGEN, known=OXYGEN_FACTS)))
    await lab.settle()
    assert case.view().status is not CaseStatus.OPEN
    raised = await start_concern(lab, "quality", case.case_id)
    await raised.done(TaskKind.CONCERN_TRIAGE, "nurse.lopez", TRIAGE)
    assert raised.task(TaskKind.CONCERN_PEER_REVIEW).is_open


async def test_whoever_works_on_the_case_also_after_the_concern_was_raised_does_no_peer_review_about_it(
    lab: Lab,
) -> None:
    case = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    await case.refer()
    raised = await start_concern(lab, "quality", case.case_id)
    await raised.done(TaskKind.CONCERN_TRIAGE, "nurse.lopez", TRIAGE)
    await case.send(await case.claim(TaskKind.PHYSICIAN_REVIEW, "md.ortho.chen"))
    claimed = await raised.claim(TaskKind.CONCERN_PEER_REVIEW, "md.ortho.chen")
    assert await raised.refused(claimed) == {"concern.independence"}
    reviewed = await raised.fill(TaskKind.CONCERN_PEER_REVIEW, "md.ortho.chen", PEER_REVIEW)
    assert await raised.refused(reviewed) == {"concern.independence"}
    await raised.done(TaskKind.CONCERN_PEER_REVIEW, "md.pulm.rivera", PEER_REVIEW)


async def test_a_safety_concern_that_nobody_looks_at_reaches_compliance(lab: Lab) -> None:
    raised = await start_concern(lab, "safety")
    due = raised.task(TaskKind.CONCERN_TRIAGE).due_at
    assert due - await lab.now() < timedelta(days=5)
    await lab.advance_to(due + timedelta(seconds=1))
    told = [entry.data["to"] for entry in raised.entries("escalated")]
    assert told[-1] == Role.COMPLIANCE.value
    assert raised.task(TaskKind.CONCERN_TRIAGE).is_open


async def test_a_refused_form_is_kept_as_refused_when_it_comes_as_a_signal(lab: Lab) -> None:
    raised = await start_concern(lab)
    message = await raised.fill(TaskKind.CONCERN_TRIAGE, "nurse.lopez", TRIAGE, routes=["close"])
    await lab.handle(raised.case_id).signal("complete_task", message)
    await lab.settle()
    assert raised.entries("message_refused")[0].data["rules"] == ["concern.peer_review"]
    assert raised.task(TaskKind.CONCERN_TRIAGE).is_open
