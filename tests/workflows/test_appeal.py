"""An appeal: received as it was said, reviewed afresh by somebody who took no part, and carried out or sent on."""

from __future__ import annotations

from typing import Any

import pytest

from demo.time_skipping_lab import Lab
from domain.appeals.filing import AppealFiling
from domain.authorization.messages import PartyStatement
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.vocabulary import AskedBy, Channel, LineOutcome
from intake.appeals import file_appeal
from services.context import SubmissionStatus
from store import cases, directory, documents
from tests.workflows.lab_case import LabCase
from tests.workflows.recording import denied_after_a_peer_to_peer

ANOTHER = "md.ortho.another"


async def appealed(lab: Lab, **changes: Any) -> tuple[LabCase, LabCase, LabCase]:
    """A denied case, its appeal by telephone after forty days, and the review of the appeal."""
    with lab.store.begin() as s:
        first = directory.reviewer(s, "md.ortho.chen")
        assert first is not None
        directory.put_reviewer(s, first.model_copy(update={"reviewer_id": ANOTHER, "npi": None}))
    denied = await denied_after_a_peer_to_peer(lab)
    await lab.advance(days=40)
    said = PartyStatement(person="The member", channel=Channel.PHONE, at=await lab.now(), note="By telephone.")
    filing = AppealFiling(
        case_id=denied.case_id, by=AskedBy.MEMBER, asked=said, said="I still cannot walk.", entered_by="appeals.reyes"
    )
    result = await file_appeal(await lab.services(), filing.model_copy(update=changes))
    assert result.kind is SubmissionStatus.STARTED and result.case_id is not None
    await lab.settle()
    appeal = LabCase(lab, result.case_id)
    return denied, appeal, LabCase(lab, appeal.case_id.replace("AP-", "PA-"))


async def finish(lab: Lab, appeal: LabCase, kind: TaskKind, **form: str) -> None:
    await appeal.send(await appeal.completion(kind, "appeals.reyes", TaskOutcome.DONE, form=form))


async def denied_again(lab: Lab, review: LabCase, who: str = ANOTHER) -> Any:
    with lab.store.read() as s:
        opened = tuple(record.document_id for record in documents.of_case(s, review.case_id))
    return await review.denial(who, evidence_opened=opened)


async def test_a_denial_is_overturned_on_appeal_by_another_physician_and_carried_out_with_its_proof(lab: Lab) -> None:
    denied, appeal, review = await appealed(lab)
    assert appeal.view().follows == denied.case_id
    await review.approve(TaskKind.PHYSICIAN_REVIEW, ANOTHER)
    await lab.settle()
    now = (await lab.now()).isoformat()
    await finish(lab, appeal, TaskKind.APPEAL_EFFECTUATION, proof="The authorization is live.", done_at=now)
    assert appeal.view().status is CaseStatus.APPROVED and appeal.view().closed_at is not None


async def test_whoever_signed_the_denial_does_not_decide_its_appeal(lab: Lab) -> None:
    _, _, review = await appealed(lab)
    refused = await review.refused(await denied_again(lab, review, "md.ortho.chen"))
    assert any(rule.startswith("DEC-MA-RECON") for rule in refused), refused


async def test_what_medicare_advantage_upholds_goes_to_the_independent_reviewer_without_anybody_asking(
    lab: Lab,
) -> None:
    _, appeal, review = await appealed(lab)
    await review.send(await denied_again(lab, review))
    await lab.settle()
    assert "independent review entity" in appeal.task(TaskKind.APPEAL_FORWARDING).why
    assert appeal.view().status is CaseStatus.OPEN
    now = (await lab.now()).isoformat()
    await finish(lab, appeal, TaskKind.APPEAL_FORWARDING, proof="Receipt of the portal.", arrived_at=now)
    assert appeal.view().status is CaseStatus.DENIED


async def test_the_lines_of_the_review_are_those_that_were_denied(lab: Lab) -> None:
    denied, _, review = await appealed(lab)
    with lab.store.read() as s:
        before, after = cases.lines(s, denied.case_id), cases.lines(s, review.case_id)
    assert [line.line_id for line in after] == [
        line.line_id for line in before if line.outcome is not LineOutcome.APPROVED
    ]


@pytest.mark.parametrize("by", [AskedBy.REPRESENTATIVE])
async def test_the_time_of_medicare_begins_when_the_representatives_form_arrives(lab: Lab, by: AskedBy) -> None:
    _, appeal, review = await appealed(lab, by=by)
    assert appeal.task(TaskKind.APPEAL_STANDING) and not review.entries()
    await lab.advance(days=3)
    arrived = await lab.now()
    form = {"document_id": "form-1", "arrived_at": arrived.isoformat(), "efforts": "Two calls and a letter."}
    await finish(lab, appeal, TaskKind.APPEAL_STANDING, **form)
    assert review.view().received_at == arrived
