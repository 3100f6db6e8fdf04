"""Requests after a decision, and cancelled lines, whose histories are stored: one per path."""

from __future__ import annotations

from datetime import timedelta

from demo.time_skipping_lab import Lab
from domain.authorization.messages import CorrectRequest
from domain.cases.tasks import TaskKind
from domain.requests.after_decision import AfterDecision, AfterDecisionKind, ReopeningGround
from domain.vocabulary import AskedBy
from store import requests
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, WALKER, request
from tests.workflows.lab_case import LabCase


async def _denied(lab: Lab) -> LabCase:
    services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    await services.refer()
    await services.send(await services.settled("held"))
    await services.send(await services.denial())
    return services


async def _follow_up(lab: Lab, decided: LabCase, kind: AfterDecisionKind) -> LabCase:
    """A request after the decision of a case; it asks for other days, so that it has a number of its own."""
    view = decided.view()
    after = AfterDecision(
        case_id=decided.case_id,
        kind=kind,
        asked_by=AskedBy.PROVIDER,
        decided_at=view.decided_at,
        ground=ReopeningGround.NEW_EVIDENCE if kind is AfterDecisionKind.REOPENING else None,
        authorization_number=view.authorization_number,
        why="As said by telephone",
    )
    later = FUSION.model_copy(update={"end": FUSION.end and FUSION.end + timedelta(days=10)})
    asked = request(later, known=FUSION_NOT_MET).model_copy(update={"after": after})
    return LabCase(lab, await lab.open(asked))


async def reopened_after_a_denial(lab: Lab) -> LabCase:
    decided = await _denied(lab)
    services = await _follow_up(lab, decided, AfterDecisionKind.REOPENING)
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    return services


async def given_back_after_the_approval(lab: Lab) -> LabCase:
    decided = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    await decided.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    return await _follow_up(lab, decided, AfterDecisionKind.VOID)


async def told_of_a_follow_up_while_compliance_looks(lab: Lab) -> LabCase:
    """The decided case itself, which has an open task after its closing and therefore still runs."""
    decided = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    due = decided.view().decision_due
    if due is None:
        raise LookupError("the case has no decision clock")
    await lab.advance_to(due + timedelta(seconds=1))
    await decided.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    await _follow_up(lab, decided, AfterDecisionKind.VOID)
    return decided


async def line_cancelled_and_told(lab: Lab) -> LabCase:
    second = WALKER.model_copy(update={"line_id": "2", "start": FUSION.start, "end": FUSION.end})
    services = LabCase(lab, await lab.open(request(FUSION, second, known=FUSION_NOT_MET)))
    with lab.store.begin() as s:
        asked = requests.load(s, services.case_id).request
        version = requests.save(s, services.case_id, asked.model_copy(update={"lines": asked.lines[:1]}))
    stamp = await services.stamp("1999999984", "provider")
    await services.send(CorrectRequest(**stamp, request_version=version, what="line 2 cancelled"))
    return services


SCENARIOS = (
    reopened_after_a_denial,
    given_back_after_the_approval,
    told_of_a_follow_up_while_compliance_looks,
    line_cancelled_and_told,
)
