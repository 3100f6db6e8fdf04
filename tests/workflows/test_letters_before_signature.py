"""A signature is accepted only when everybody can be told of what it decides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from demo.time_skipping_lab import Lab
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.decisions.determination import LineDecision
from domain.vocabulary import LineOutcome, Lob
from store import directory, tasks
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, OXYGEN, add_member, request
from tests.workflows.lab_case import REASON, LabCase

TWO = FUSION.model_copy(update={"quantity": Decimal(2), "unit": "unit"})


async def at_the_physician(lab: Lab) -> LabCase:
    case = LabCase(lab, await lab.open(request(TWO, known=FUSION_NOT_MET)))
    await case.refer()
    await case.send(await case.settled("held"))
    return case


def one_of_two(**days: object) -> tuple[LineDecision, ...]:
    return (
        LineDecision.model_validate(
            {
                "line_id": "1",
                "outcome": LineOutcome.APPROVED_IN_PART,
                "approved_quantity": Decimal(1),
                "reason": REASON,
                **days,
            }
        ),
    )


async def test_an_approval_in_part_by_units_alone_is_told_for_the_days_that_were_asked_for(lab: Lab) -> None:
    case = await at_the_physician(lab)
    await case.send(await case.denial(lines=one_of_two()))
    assert case.sent()[-2:] == ["adverse_determination/member", "adverse_determination/provider"]
    assert case.view().status is CaseStatus.APPROVED_IN_PART


async def test_a_denial_is_refused_while_its_letter_lacks_what_the_directory_should_hold(lab: Lab) -> None:
    case = await at_the_physician(lab)
    with lab.store.begin() as s:
        member = directory.member(s, case.view().member_id)
        assert member is not None
        directory.put_member(s, member.model_copy(update={"address": ()}))
    assert await case.refused(await case.denial()) == {"decision.letter"}
    assert case.view().status is CaseStatus.OPEN and case.view().decided_at is None
    said = case.entries("message_refused")[-1].summary
    assert "could not be written" in said and not case.entries("letter_blocked")
    with lab.store.begin() as s:
        directory.put_member(s, member)
    await case.send(await case.denial())
    assert case.view().status is CaseStatus.DENIED


async def test_an_earlier_line_is_not_signed_either_while_its_letter_cannot_be_written(lab: Lab) -> None:
    """Two fields, two physicians: the first to sign hears at once that nobody could be told."""
    case = LabCase(lab, await lab.open(request(TWO, OXYGEN.model_copy(update={"line_id": "2"}), known=FUSION_NOT_MET)))
    await case.refer()
    await lab.advance(days=5)  # the time to answer what oxygen lacks
    await case.refer()
    await case.send(await case.settled("held"))
    with lab.store.begin() as s:
        member = directory.member(s, case.view().member_id)
        assert member is not None
        directory.put_member(s, member.model_copy(update={"address": ()}))
    with lab.store.read() as s:
        reviews = [
            one for one in tasks.of_case(s, case.case_id) if one.is_open and one.kind is TaskKind.PHYSICIAN_REVIEW
        ]
    assert len(reviews) == 2
    spine, who = next(one for one in reviews if "1" in one.line_ids), "md.ortho.chen"
    more = {"task_id": spine.task_id, "lines": one_of_two(), "criteria_answered": await case.answers(spine)}
    signed = await case.signed(who, **more)
    decide = {"task_id": spine.task_id, "reviewer_id": who, "outcome": TaskOutcome.DECIDE, "signed": signed}
    assert await case.refused(CompleteTask(**await case.stamp(who), **decide)) == {"decision.letter"}
    assert case.view().decided_at is None


async def test_a_medicaid_member_is_not_refused_by_a_rule_of_medicare_nor_by_a_record_that_nobody_holds(
    lab: Lab,
) -> None:
    member = add_member(lab, Lob.MEDICAID, rating_period_start=date(2026, 1, 1))
    case = LabCase(lab, await lab.open(request(TWO, member=member)))
    await case.refer()
    await case.send(await case.settled("held"))
    proper = (await case.signed("md.ortho.chen")).lines[0]
    assert proper.reason is not None
    foreign = proper.reason.model_copy(update={"rule_citation": "LCD L37848", "records_read": ("Clinic notes",)})
    lines = (proper.model_copy(update={"reason": foreign}),)
    assert await case.refused(await case.denial(lines=lines)) >= {
        "decision.records_not_on_case",
        "decision.rule_of_other_business",
        "decision.rule_of_medicare",
    }
    assert case.view().status is CaseStatus.OPEN
    await case.send(await case.denial())
    assert case.view().status is CaseStatus.DENIED
    assert "We read: * No records: none were on file for this request." in case.text("adverse_determination/member")
