"""Scenarios of requests that end without a decision, or by a provision of the plan, for the stored histories."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from demo.time_skipping_lab import Lab
from domain.authorization.messages import CloseUndecided, FileGrievance, PartyStatement, VacateDismissal
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.decisions.benefits import PlanProvision, ProvisionKind, SignedBenefitDecision
from domain.decisions.closings import Closing, Dismissal, DismissalReason, ImproperFiling, OutsideCoverage
from domain.decisions.determination import LineDecision
from domain.decisions.reasons import CriterionFinding, StructuredReason
from domain.vocabulary import AskedBy, Channel, LineOutcome, Lob, Urgency
from store import directory
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, TODAY, add_member, request
from tests.workflows.lab_case import LabCase

PLAN = "1888888884"
LIMIT = PlanProvision(
    provision_id="HANDBOOK-LIMIT",
    kind=ProvisionKind.LIMIT,
    lobs=(Lob.MEDICAID,),
    codes=(FUSION.code,),
    document="Member Handbook",
    section="Section 5",
    words="We cover one of these in a calendar year.",
    needs_judgment=False,
    first_day=TODAY - timedelta(days=400),
)
OF_PLAN = StructuredReason(
    asked="Your doctor asked us to cover a second one this year.",
    records_read=(LIMIT.document,),
    findings=(CriterionFinding(criterion=LIMIT.words, finding="You had one in March.", citation=LIMIT.citation),),
    rule=LIMIT.words,
    rule_citation=LIMIT.citation,
    gap="The one of this year was used.",
    what_would_change="A record that you did not have one in March.",
    plain_words="Your handbook says that we cover one of these in a calendar year. "
    "Our records show that you had one in March of this year.",
    plan_provision=LIMIT.citation,
)


async def close(services: LabCase, who: str, closing: Closing) -> None:
    await services.send(CloseUndecided(**await services.stamp(who), reviewer_id=who, closing=closing))


async def opened(lab: Lab, **more: Any) -> LabCase:
    return LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET, **more)))


async def dismissed_and_vacated(lab: Lab) -> LabCase:
    services = await opened(lab)
    day = (await lab.now()).date() - timedelta(days=1)
    died = Dismissal(
        reason=DismissalReason.MEMBER_DIED, explanation="We are sorry for your loss.", died_on=day, nobody_pursues=True
    )
    await close(services, "appeals.reyes", died)
    await lab.advance(days=20)
    stamp = await services.stamp("appeals.reyes")
    asked = PartyStatement(person="The member", channel=Channel.PHONE, at=stamp["at"], note="She called herself.")
    vacated = VacateDismissal(
        **stamp, reviewer_id="appeals.reyes", by=AskedBy.MEMBER, asked=asked, good_cause="It was somebody else."
    )
    await services.send(vacated)
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    return services


async def covered_in_part(lab: Lab) -> LabCase:
    services = await opened(lab)
    now = await lab.now()
    last = TODAY + timedelta(days=31)
    await close(
        services,
        "enrollment.brandt",
        OutsideCoverage(checked_in="Enrollment system", checked_at=now, covered_through=last),
    )
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    return services


async def not_properly_filed(lab: Lab) -> LabCase:
    services = await opened(lab, member=add_member(lab, Lob.COMMERCIAL_ERISA))
    filing = ImproperFiling(missing=("The signature of the doctor.",), how_to_file="Send our form UM-1 by fax.")
    await close(services, "intake.kim", filing)
    return services


async def sent_to_benefit_staff(lab: Lab) -> LabCase:
    """A line of which benefit staff decide by a provision of the plan, after a clinician has answered."""
    with lab.store.begin() as s:
        contact = directory.plan_contact(s, PLAN)
        if contact is None:
            raise LookupError("the sample plan is not loaded")
        directory.put_plan(s, PLAN, contact.model_copy(update={"provisions": (LIMIT,)}))
    services = await opened(lab, member="MBR1000008")
    more: dict[str, Any] = {"recommendation": "One a year."}
    await services.send(
        await services.completion(TaskKind.NURSE_REVIEW, "nurse.adams", TaskOutcome.TO_BENEFITS, **more)
    )
    need = {"necessary": False, "rationale": "The record of March shows that the one in place holds."}
    await services.send(await services.completion(TaskKind.NEED_QUESTION, "md.ortho.chen", TaskOutcome.DONE, form=need))
    return services


async def denied_by_benefit_staff(lab: Lab) -> LabCase:
    services = await sent_to_benefit_staff(lab)
    with lab.store.read() as s:
        falk = directory.reviewer(s, "benefits.falk")
    if falk is None:
        raise LookupError("the sample plan has no benefit staff")
    task = services.task(TaskKind.BENEFIT_REVIEW)
    signed = SignedBenefitDecision(
        category="benefit",
        decision_id="D-BENEFIT",
        case_id=services.case_id,
        task_id=task.task_id,
        reviewer_id=falk.reviewer_id,
        credential=falk.credentials[0],
        no_conflict_of_interest=True,
        provision_id=LIMIT.provision_id,
        lines=(LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=OF_PLAN),),
        attestation="I looked it up myself.",
        signed_at=await lab.now(),
    ).with_signature()
    await services.send(
        await services.completion(TaskKind.BENEFIT_REVIEW, falk.reviewer_id, TaskOutcome.DECIDE, signed=signed)
    )
    return services


async def grievance_about_not_expediting(lab: Lab) -> LabCase:
    services = await opened(lab, urgency=Urgency.EXPEDITED, asked_by=AskedBy.MEMBER)
    await services.send(
        await services.completion(
            TaskKind.EXPEDITE_DECISION, "md.ortho.chen", TaskOutcome.REFUSE, note="Waiting seven days does no harm."
        )
    )
    stamp = await services.stamp("intake.kim")
    asked = PartyStatement(person="The member", channel=Channel.PHONE, at=stamp["at"])
    await services.send(
        FileGrievance(
            **stamp, reviewer_id="intake.kim", about="expedite_refusal", asked=asked, said="It takes too long."
        )
    )
    form = {
        "answered_to": "The member",
        "channel": "phone",
        "at": (await lab.now()).isoformat(),
        "answer": "We looked at it again, and the standard time stays.",
    }
    await services.send(
        await services.completion(TaskKind.EXPEDITED_GRIEVANCE, "appeals.reyes", TaskOutcome.DONE, form=form)
    )
    return services


SCENARIOS = (
    dismissed_and_vacated,
    covered_in_part,
    not_properly_filed,
    denied_by_benefit_staff,
    grievance_about_not_expediting,
)
