"""Retrospective reviews whose histories are stored, one per path."""

from __future__ import annotations

from datetime import timedelta

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.retrospective.messages import RaiseConcern, RecordLesson, ReferToCompliance
from domain.retrospective.parts import ProcessStage, Suspicion
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_claims import (
    SYMPTOMS,
    approve_oxygen,
    billed_line,
    claim,
    completed_task,
    review_of,
    submit_claim,
)


async def retro_authorized_as_billed(lab: Lab) -> LabCase:
    await approve_oxygen(lab)
    return await submit_claim(lab, claim(billed_line()))


async def retro_compared_by_a_coder(lab: Lab) -> LabCase:
    await approve_oxygen(lab)
    services = await submit_claim(lab, claim(billed_line("E1390")))
    await lab.advance(days=2)
    lines = [{"line_id": "1", "answer": "authorized", "note": "The same equipment."}]
    await services.send(await completed_task(services, TaskKind.CLAIM_COMPARISON, "coder.lindqvist", lines=lines))
    return services


async def retro_emergency_judged_twice(lab: Lab) -> LabCase:
    visit = billed_line("G0384", unit="visit", place_of_service="23")
    services = await submit_claim(lab, claim(visit, emergency=True, presentation={"symptoms": ["chest pain"]}))
    unknown = SYMPTOMS | {"acute_and_severe": None, "serious_harm_to_be_expected": None}
    await services.send(await completed_task(services, TaskKind.EMERGENCY_JUDGMENT, "nurse.adams", **unknown))
    await services.send(await completed_task(services, TaskKind.EMERGENCY_JUDGMENT, "md.pulm.rivera", **SYMPTOMS))
    return services


async def retro_reviewed_and_learned_from(lab: Lab) -> LabCase:
    services = await submit_claim(lab, claim(billed_line("E0601", unit="unit")))
    await lab.submit_claim(claim(billed_line("E0601", unit="unit")))
    said = {"what_went_wrong": "Nobody asked.", "suggestion": "Tell the clinic."}
    await services.send(
        RecordLesson(**await services.stamp("nurse.adams"), stage=ProcessStage.PRIOR_AUTHORIZATION, **said)
    )
    refer = {"suspicion": Suspicion.MISREPRESENTATION, "what": "Two dates for one visit."}
    await services.send(ReferToCompliance(**await services.stamp("nurse.adams"), **refer))
    done = {"what_was_done": "A slip of the pen."}
    await services.send(await completed_task(services, TaskKind.COMPLIANCE_REFERRAL, "compliance.ortiz", **done))
    await lab.advance(days=45)
    await review_of(services).approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    await services.send(await completed_task(services, TaskKind.CLAIM_LESSONS, "nurse.adams", lessons=[], concerns=[]))
    return services


async def retro_clock_missed_before_it_was_compared(lab: Lab) -> LabCase:
    await approve_oxygen(lab)
    services = await submit_claim(lab, claim(billed_line("E1390")))
    due = services.view().decision_due
    if due is None:
        raise LookupError("no clock binds the review")
    await lab.advance_to(due + timedelta(seconds=2))
    return services


async def retro_concern_handed_on(lab: Lab) -> LabCase:
    services = await submit_claim(lab, claim(billed_line("E0601", unit="unit")))
    concern = {"kind": "safety", "what": "The device was recalled."}
    await services.send(RaiseConcern(**await services.stamp("nurse.adams"), **concern))
    return services


SCENARIOS = (
    retro_authorized_as_billed,
    retro_compared_by_a_coder,
    retro_emergency_judged_twice,
    retro_reviewed_and_learned_from,
    retro_clock_missed_before_it_was_compared,
    retro_concern_handed_on,
)
