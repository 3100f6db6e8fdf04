"""Recorder of the stored histories, one per path: `python -m tests.workflows.recording NAME...` records the named ones.

A history is recorded when its path is new, and then never again: recording it anew would hide exactly the change that the
replay test is there to find. When a workflow has to change while cases run, patch it (`workflow.patched`) and add a history.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path

from demo.time_skipping_lab import Lab, laboratory
from domain.authorization.messages import AddDocuments
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.vocabulary import AskedBy, Lob, ServiceKind, Urgency
from store import directory, requests
from tests.paths import ROOT
from tests.workflows.booked_calls import SCENARIOS as BOOKED_CALLS
from tests.workflows.care_requests import (
    CPAP,
    CPAP_FACTS,
    FUSION,
    FUSION_NOT_MET,
    OXYGEN,
    OXYGEN_FACTS,
    TABLETS,
    WALKER,
    add_member,
    facts,
    request,
    without_plan_contact,
)
from tests.workflows.closing_scenarios import SCENARIOS as CLOSINGS
from tests.workflows.discharge_scenarios import SCENARIOS as DISCHARGE
from tests.workflows.follow_up_scenarios import SCENARIOS as AFTER_DECISION
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_task_cases import (
    ANSWERED,
    CLOSURE,
    NO_ANSWER,
    PEER_REVIEW,
    TRIAGE,
    start_callback,
    start_concern,
)
from tests.workflows.retrospective_scenarios import SCENARIOS as RETROSPECTIVE

HISTORIES = ROOT / "tests" / "histories"
_TRACE = re.compile(r'"stackTrace": "(?:[^"\\]|\\.)*"')  # without the folders of the machine that recorded it


async def open_case(lab: Lab, *lines: object, **more: object) -> LabCase:
    return LabCase(lab, await lab.open(request(*lines, **more)))  # type: ignore[arg-type]


async def approved_by_rule(lab: Lab) -> LabCase:
    return await open_case(lab, OXYGEN, known=OXYGEN_FACTS)


async def approved_within_a_limit(lab: Lab) -> LabCase:
    return await open_case(lab, OXYGEN, known=OXYGEN_FACTS)


async def withdrawn_with_a_limit(lab: Lab) -> LabCase:
    services = await open_case(lab, OXYGEN)
    await services.send(await services.withdraw())
    return services


async def not_required(lab: Lab) -> LabCase:
    return await open_case(lab, WALKER, servicing="1215000021", member=add_member(lab, Lob.COMMERCIAL_ERISA))


async def asked_and_answered(lab: Lab) -> LabCase:
    services = await open_case(
        lab, CPAP, known={name: value for name, value in CPAP_FACTS.items() if name != "pap.ahi"}
    )
    await lab.advance(days=3)
    with lab.store.begin() as s:
        asked = requests.load(s, services.case_id).request
        answered = asked.model_copy(update={"facts": (*asked.facts, *facts({"pap.ahi": 22}))})
        version = requests.save(s, services.case_id, answered)
    stamp = await services.stamp("1999999984", "provider")
    await services.send(AddDocuments(**stamp, document_ids=(), request_version=version))
    return services


async def denied_after_a_peer_to_peer(lab: Lab) -> LabCase:
    services = await open_case(lab, FUSION, known=FUSION_NOT_MET)
    await services.send(await services.claim(TaskKind.NURSE_REVIEW, "nurse.adams"))
    await services.refused(await services.completion(TaskKind.NURSE_REVIEW, "nurse.adams", TaskOutcome.DECIDE))
    await services.refer()
    await services.refused(await services.denial())
    await services.send(await services.settled("held"))
    await services.send(await services.denial())
    return services


async def missed_then_approved(lab: Lab) -> LabCase:
    services = await open_case(lab, FUSION, known=FUSION_NOT_MET)
    due = services.view().decision_due
    if due is None:
        raise LookupError("the case has no decision clock")
    await lab.advance_to(due + timedelta(seconds=1))
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    await services.send(await services.completion(TaskKind.MISSED_CLOCK, "compliance.ortiz", TaskOutcome.ACKNOWLEDGE))
    return services


async def missed_then_forwarded(lab: Lab) -> LabCase:
    member = add_member(lab, Lob.PART_D)
    services = await open_case(lab, TABLETS, member=member, kind=ServiceKind.PHARMACY_DRUG)
    due = services.view().decision_due
    if due is None:
        raise LookupError("the case has no decision clock")
    await lab.advance_to(due + timedelta(seconds=1))
    await lab.advance(hours=5)
    await services.send(await services.completion(TaskKind.CASE_FORWARDING, "appeals.reyes", TaskOutcome.FORWARDED))
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    await services.send(await services.completion(TaskKind.MISSED_CLOCK, "compliance.ortiz", TaskOutcome.ACKNOWLEDGE))
    return services


async def denied_by_law_then_approved(lab: Lab) -> LabCase:
    member = add_member(lab, Lob.MEDICAID, state="OH", rating_period_start=date(2026, 1, 1))
    services = await open_case(lab, FUSION, known=FUSION_NOT_MET, member=member)
    due = services.view().decision_due
    if due is None:
        raise LookupError("the case has no decision clock")
    await lab.advance_to(due + timedelta(seconds=1))
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    await services.send(await services.completion(TaskKind.MISSED_CLOCK, "compliance.ortiz", TaskOutcome.ACKNOWLEDGE))
    return services


async def approved_by_law(lab: Lab) -> LabCase:
    member = add_member(lab, Lob.COMMERCIAL_ACA, self_funded=False)
    services = await open_case(lab, FUSION, known=FUSION_NOT_MET, member=member)
    await lab.advance(days=6)
    await services.send(await services.completion(TaskKind.MISSED_CLOCK, "compliance.ortiz", TaskOutcome.ACKNOWLEDGE))
    return services


async def moved_to_the_part_of_medicare_that_pays(lab: Lab) -> LabCase:
    member = add_member(lab, Lob.PART_D)
    with lab.store.begin() as s:
        drugs = directory.coverages(s, member)[0]
        directory.put_coverage(s, drugs.model_copy(update={"coverage_id": "COV-B", "lob": Lob.MEDICARE_ADVANTAGE}))
        directory.put_coverage(s, drugs.model_copy(update={"medical_coverage_id": "COV-B"}))
    asked = TABLETS.model_copy(update={"code": "99999-0340-30"})
    known = {"rx.transplant_under_medicare": True}
    services = await open_case(lab, asked, known=known, member=member, kind=ServiceKind.PHARMACY_DRUG)
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    return services


async def extended_then_withdrawn(lab: Lab) -> LabCase:
    services = await open_case(lab, FUSION, known=FUSION_NOT_MET)
    await services.send(await services.extend("enrollee_asked"))
    await lab.advance(days=9)
    await services.send(await services.withdraw())
    return services


async def withdrawn_and_taken_back(lab: Lab) -> LabCase:
    services = await open_case(lab, FUSION, known=FUSION_NOT_MET)
    await lab.advance(days=1)
    with without_plan_contact(lab):
        await services.send(await services.withdraw())
        await services.send(await services.reinstate())
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    return services


async def expediting_refused(lab: Lab) -> LabCase:
    services = await open_case(lab, FUSION, known=FUSION_NOT_MET, urgency=Urgency.EXPEDITED, asked_by=AskedBy.MEMBER)
    refusal = await services.completion(
        TaskKind.EXPEDITE_DECISION, "md.ortho.chen", TaskOutcome.REFUSE, note="Waiting seven days does no harm."
    )
    await services.send(refusal)
    return services


async def expediting_refused_and_told_by_a_call(lab: Lab) -> LabCase:
    services = await expediting_refused(lab)
    await services.send(await services.call("left_message"))
    await lab.advance(hours=2)
    await services.send(await services.call("reached"))
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    return services


async def told_by_a_call_before_the_letter(lab: Lab) -> LabCase:
    services = await open_case(lab, FUSION, known=FUSION_NOT_MET, urgency=Urgency.EXPEDITED)
    with without_plan_contact(lab):
        await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
        await services.send(await services.call("reached"))
    await services.send(await services.completion(TaskKind.LETTER_REPAIR, "supervisor.bell", TaskOutcome.RETRY))
    return services


async def still_open_at_hour_71(lab: Lab) -> LabCase:
    services = await open_case(lab, FUSION, known=FUSION_NOT_MET, urgency=Urgency.EXPEDITED)
    await lab.advance(hours=71)
    return services


async def concern_reviewed_by_a_peer(lab: Lab) -> LabCase:
    case = await open_case(lab, FUSION, known=FUSION_NOT_MET)
    raised = await start_concern(lab, "safety", case.case_id)
    await raised.done(TaskKind.CONCERN_TRIAGE, "nurse.lopez", TRIAGE)
    await raised.done(TaskKind.CONCERN_PEER_REVIEW, "md.pulm.rivera", PEER_REVIEW, severity=3)
    await lab.advance(days=20)
    resolved = {"met_on": "2026-12-01", "resolved": "To train the unit.", "actions": ["Training."]}
    await raised.done(TaskKind.CONCERN_COMMITTEE, "compliance.ortiz", resolved)
    await raised.done(TaskKind.CONCERN_CLOSURE, "compliance.ortiz", CLOSURE)
    return raised


async def concern_reviewed_by_a_peer_without_a_part(lab: Lab) -> LabCase:
    case = await open_case(lab, FUSION, known=FUSION_NOT_MET)
    raised = await start_concern(lab, "quality", case.case_id)
    await raised.done(TaskKind.CONCERN_TRIAGE, "nurse.lopez", TRIAGE)
    await case.refer()
    await case.send(await case.claim(TaskKind.PHYSICIAN_REVIEW, "md.ortho.chen"))
    await raised.refused(await raised.claim(TaskKind.CONCERN_PEER_REVIEW, "md.ortho.chen"))
    await raised.done(TaskKind.CONCERN_PEER_REVIEW, "md.pulm.rivera", PEER_REVIEW)
    await raised.done(TaskKind.CONCERN_CLOSURE, "compliance.ortiz", CLOSURE)
    return raised


async def concern_referred_to_care_management(lab: Lab) -> LabCase:
    raised = await start_concern(lab, "care_management")
    await raised.done(TaskKind.CONCERN_TRIAGE, "nurse.lopez", TRIAGE, severity="none", routes=["care_management"])
    no = {"accepted": False, "why_not": "No room."}
    await raised.done(TaskKind.CARE_MANAGEMENT_REFERRAL, "nurse.adams", no)
    yes = {"accepted": True, "by": "Complex care team"}
    await raised.done(TaskKind.CARE_MANAGEMENT_REFERRAL, "supervisor.bell", yes)
    await lab.advance(days=10)
    came = {"member_reached": True, "outcome": "enrolled", "what": "A plan of care was made."}
    await raised.done(TaskKind.CARE_MANAGEMENT_OUTCOME, "nurse.adams", came)
    await raised.done(TaskKind.CONCERN_CLOSURE, "supervisor.bell", CLOSURE)
    return raised


async def case_with_a_concern_noted(lab: Lab) -> LabCase:
    case = await open_case(lab, FUSION, known=FUSION_NOT_MET)
    await start_concern(lab, "quality", case.case_id)
    await lab.settle()
    await case.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    return case


async def call_returned(lab: Lab) -> LabCase:
    call = await start_callback(lab)
    await call.refused(await call.fill(TaskKind.CALL_BACK, "nurse.adams", ANSWERED, caller_name="n/a"))
    await call.done(TaskKind.CALL_BACK, "nurse.adams", ANSWERED)
    return call


async def call_never_answered(lab: Lab) -> LabCase:
    call = await start_callback(lab, member_id=None, from_whom="provider", plan_id="1888888884")
    for late in (True, False, False):
        due = call.task(TaskKind.CALL_BACK).due_at
        await lab.advance_to(due + timedelta(hours=2 if late else -2))
        await call.done(TaskKind.CALL_BACK, "nurse.adams", NO_ANSWER)
    letter = {"way": "letter", "what": "A letter was sent.", "try_again": False}
    await call.done(TaskKind.CALLER_NOT_REACHED, "supervisor.bell", letter)
    return call


SCENARIOS: dict[str, Callable[[Lab], Awaitable[LabCase]]] = {
    scenario.__name__: scenario
    for scenario in (
        approved_by_rule,
        approved_within_a_limit,
        withdrawn_with_a_limit,
        not_required,
        asked_and_answered,
        denied_after_a_peer_to_peer,
        missed_then_approved,
        missed_then_forwarded,
        denied_by_law_then_approved,
        approved_by_law,
        moved_to_the_part_of_medicare_that_pays,
        extended_then_withdrawn,
        withdrawn_and_taken_back,
        expediting_refused,
        expediting_refused_and_told_by_a_call,
        told_by_a_call_before_the_letter,
        still_open_at_hour_71,
        concern_reviewed_by_a_peer,
        concern_reviewed_by_a_peer_without_a_part,
        concern_referred_to_care_management,
        case_with_a_concern_noted,
        call_returned,
        call_never_answered,
        *AFTER_DECISION,
        *BOOKED_CALLS,
        *CLOSINGS,
        *DISCHARGE,
        *RETROSPECTIVE,
    )
}


async def record(name: str) -> None:
    """Run one scenario in a fresh lab and store its history."""
    with tempfile.TemporaryDirectory() as folder:
        async with laboratory(Path(folder)) as lab:
            services = await SCENARIOS[name](lab)
            history = await lab.handle(services.case_id).fetch_history()
            (HISTORIES / f"{name}.json").write_text(_TRACE.sub('"stackTrace": ""', history.to_json()) + "\n")
    await asyncio.sleep(0.05)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or sys.exit(f"name what to record: {', '.join(SCENARIOS)}"):
        asyncio.run(record(wanted))
