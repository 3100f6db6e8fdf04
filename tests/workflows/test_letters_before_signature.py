"""A signature is accepted only when everybody can be told of what it decides."""

from __future__ import annotations

from decimal import Decimal

from demo.time_skipping_lab import Lab
from domain.authorization.messages import SettlePeerToPeer
from domain.cases.views import CaseStatus
from domain.decisions.determination import LineDecision
from domain.vocabulary import LineOutcome
from store import directory
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import REASON, LabCase

TWO = FUSION.model_copy(update={"quantity": Decimal(2), "unit": "unit"})


async def at_the_physician(lab: Lab) -> LabCase:
    case = LabCase(lab, await lab.open(request(TWO, known=FUSION_NOT_MET)))
    await case.refer()
    await case.send(SettlePeerToPeer(**await case.stamp("1999999984", "provider"), result="held"))
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


async def test_an_approval_in_part_whose_letter_lacks_its_days_is_refused_and_accepted_with_them(lab: Lab) -> None:
    case = await at_the_physician(lab)
    assert await case.refused(await case.denial(lines=one_of_two())) == {"decision.letter"}
    assert case.view().status is CaseStatus.OPEN and case.view().decided_at is None
    said = case.entries("message_refused")[-1].summary
    assert "could not be written" in said and not case.entries("letter_blocked")
    await case.send(await case.denial(lines=one_of_two(approved_start=TWO.start, approved_end=TWO.end)))
    assert case.sent()[-2:] == ["adverse_determination/member", "adverse_determination/provider"]
    assert case.view().status is CaseStatus.APPROVED_IN_PART


async def test_a_denial_is_refused_while_its_letter_lacks_what_the_directory_should_hold(lab: Lab) -> None:
    case = await at_the_physician(lab)
    with lab.store.begin() as s:
        member = directory.member(s, case.view().member_id)
        assert member is not None
        directory.put_member(s, member.model_copy(update={"address": ()}))
    assert await case.refused(await case.denial()) == {"decision.letter"}
    with lab.store.begin() as s:
        directory.put_member(s, member)
    await case.send(await case.denial())
    assert case.view().status is CaseStatus.DENIED
