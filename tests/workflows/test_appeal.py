"""An appeal: received as it was said, reviewed afresh by somebody who took no part, and carried out or sent on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from demo.time_skipping_lab import Lab
from domain.appeals.filing import AppealFiling
from domain.authorization.messages import PartyStatement
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.vocabulary import AskedBy, Channel, LineOutcome
from intake.appeals import file_appeal
from services.context import SubmissionStatus
from services.queries.case_detail import load_case_detail
from store import cases
from tests.workflows.lab_appeal import ANOTHER, appealed, denied_again, finish
from web.presentation.addresses import process_address


async def test_a_denial_is_overturned_on_appeal_by_another_physician_and_carried_out_with_its_proof(lab: Lab) -> None:
    denied, appeal, review = await appealed(lab)
    assert appeal.view().follows == denied.case_id
    await review.approve(TaskKind.PHYSICIAN_REVIEW, ANOTHER)
    await lab.settle()
    now = (await lab.now()).isoformat()
    await finish(lab, appeal, TaskKind.APPEAL_EFFECTUATION, proof="The authorization is live.", done_at=now)
    assert appeal.view().status is CaseStatus.APPROVED and appeal.view().closed_at is not None
    assert "MA-EFFECTUATE-PLAN-REVERSAL" in {entry.data.get("rule") for entry in appeal.entries("clock_met")}
    assert not appeal.entries("clock_missed")


async def test_what_is_granted_and_not_carried_out_in_time_is_missed_by_its_own_clock_and_still_owed(lab: Lab) -> None:
    _, appeal, review = await appealed(lab)
    await review.approve(TaskKind.PHYSICIAN_REVIEW, ANOTHER)
    await lab.settle()
    owed = appeal.task(TaskKind.APPEAL_EFFECTUATION)
    await lab.advance_to(owed.due_at + timedelta(minutes=1))
    assert [entry.data.get("rule") for entry in appeal.entries("clock_missed")] == ["MA-EFFECTUATE-PLAN-REVERSAL"]
    assert appeal.task(TaskKind.APPEAL_EFFECTUATION).is_open and appeal.view().status is CaseStatus.OPEN


async def test_a_denial_that_stands_owes_no_effectuation(lab: Lab) -> None:
    _, appeal, review = await appealed(lab)
    await review.send(await denied_again(lab, review))
    await lab.advance(days=40)
    missed = {entry.data.get("rule") for entry in appeal.entries("clock_missed")}
    assert "MA-EFFECTUATE-PLAN-REVERSAL" not in missed


async def test_another_filing_about_the_same_denial_is_a_task_of_appeals_and_no_mere_note(lab: Lab) -> None:
    found = await appealed(lab)
    said = PartyStatement(person="The daughter", channel=Channel.FAX, at=await lab.now(), note="By fax.")
    again = AppealFiling(
        case_id=found.denied.case_id, by=AskedBy.REPRESENTATIVE, asked=said, said="Hurry.", expedited=True
    )
    joined = await file_appeal(await lab.services(), again)
    await lab.settle()
    assert joined.kind is SubmissionStatus.JOINED
    assert f"INBOX-{joined.inbox_id}" in found.appeal.task(TaskKind.APPEAL_FILING).why


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


async def test_an_appeal_says_on_every_face_what_it_waits_for(lab: Lab) -> None:
    denied, appeal, review = await appealed(lab)
    with lab.store.read() as s:
        detail = load_case_detail(s, appeal.case_id, None)
    assert detail.view is not None and detail.view.waiting is not None
    assert review.case_id in detail.view.waiting.what and denied.case_id in detail.view.title
    assert process_address(appeal.case_id) == f"/cases/{appeal.case_id}"


async def test_the_letters_of_an_appeal_say_what_it_is_and_what_comes_after_it(lab: Lab) -> None:
    _, _, review = await appealed(lab)
    assert "We received an appeal of our decision" in review.text("acknowledgment/member")
    assert "You can send us more facts" in review.text("acknowledgment/member")
    assert review.view().governing_rule == "MA-RECON-STD"
    await review.send(await denied_again(lab, review))
    await lab.settle()
    told = review.text("adverse_determination/member")
    assert "We did not change it." in told
    assert "We send your case to an independent review outside our plan." in told
    assert "Ask for an appeal by" not in told


async def test_the_letter_of_an_appeal_that_is_granted_says_that_the_denial_does_not_stand(lab: Lab) -> None:
    _, _, review = await appealed(lab)
    await review.approve(TaskKind.PHYSICIAN_REVIEW, ANOTHER)
    await lab.settle()
    assert "we approve what we did not approve before" in review.text("approval/member")


async def test_whoever_signed_the_denial_does_not_claim_the_appeal_and_cannot_grant_it(lab: Lab) -> None:
    _, _, review = await appealed(lab)
    refused = await review.refused(await review.claim(TaskKind.PHYSICIAN_REVIEW, "md.ortho.chen"))
    assert any(rule.startswith("DEC-MA-RECON") for rule in refused), refused
