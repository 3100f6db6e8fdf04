"""Appeals in the lab: a denied case, its appeal, and the review of the appeal."""

from __future__ import annotations

from typing import Any, NamedTuple

from demo.time_skipping_lab import Lab
from domain.appeals.filing import AppealFiling
from domain.authorization.messages import PartyStatement
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.vocabulary import AskedBy, Channel
from intake.appeals import file_appeal
from services.context import SubmissionStatus
from store import directory, documents
from tests.workflows.lab_case import LabCase
from tests.workflows.recording import denied_after_a_peer_to_peer

ANOTHER = "md.ortho.another"


class Appealed(NamedTuple):
    """The denied case, its appeal, and the case of the appeal's review, which may not be open yet."""

    denied: LabCase
    appeal: LabCase
    review: LabCase


async def appealed(lab: Lab, **changes: Any) -> Appealed:
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
    return Appealed(denied, appeal, LabCase(lab, appeal.case_id.replace("AP-", "PA-")))


async def finish(lab: Lab, appeal: LabCase, kind: TaskKind, **form: str) -> None:
    await appeal.send(await appeal.completion(kind, "appeals.reyes", TaskOutcome.DONE, form=form))


async def denied_again(lab: Lab, review: LabCase, who: str = ANOTHER) -> Any:
    with lab.store.read() as s:
        opened = tuple(record.document_id for record in documents.of_case(s, review.case_id))
    return await review.denial(who, evidence_opened=opened)
