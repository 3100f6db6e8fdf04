"""What a retrospective review needs beside what all processes share: the look, the case it opens, concerns handed on.

This module is imported past the workflow sandbox, so nothing here may read a clock, a file or chance; linting forbids it.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.members import People
from activities.retrospective import Retrospective
from domain.authorization.start import CaseStart
from domain.cases.messages import Answer
from domain.cases.orders import Recorded
from domain.cases.views import CaseView
from domain.concerns.start import ConcernStart
from domain.errors import Refusal
from domain.journal import EntryKind
from domain.letters.orders import LetterOrder
from domain.letters.stay_facts import StayLetterOrder
from domain.plain_language.phrases import counted
from domain.retrospective import claim_findings as retrospective_opening
from domain.retrospective import message_checks as retrospective_message_checks
from domain.retrospective import message_effects as retrospective_desk
from domain.retrospective import timers as retrospective_watch
from domain.retrospective import views as retrospective_view
from domain.retrospective.case import RetrospectiveFile
from domain.retrospective.messages import RetrospectiveMessage
from domain.retrospective.orders import ClaimLookOrder, OpenPostService
from domain.retrospective.parts import Concern
from domain.retrospective.questions import Question
from domain.retrospective.start import RetrospectiveStart
from engine import options
from workflows.steps.case import Process

PRIOR_AUTHORIZATION = "PriorAuthorization"
CONCERN_PROCESS = "ConcernProcess"


class RetrospectiveProcess(Process[RetrospectiveFile, RetrospectiveMessage]):
    """State and glue of a retrospective review. Subclasses tell the process itself."""

    def __init__(self, start: RetrospectiveStart) -> None:
        self.file = start.carried or RetrospectiveFile(case_id=start.case_id, received_at=start.received_at)
        super().__init__(self.file)

    def judge(self, message: RetrospectiveMessage) -> Answer:
        return retrospective_desk.receive(self.file, message, workflow.now())

    def judge_at_sight(self, message: RetrospectiveMessage) -> tuple[Refusal, ...]:
        return retrospective_message_checks.refusals_at_sight(self.file, message, workflow.now())

    def row(self) -> CaseView:
        return retrospective_view.row(self.file)

    def next_alarm(self) -> datetime | None:
        return retrospective_watch.next_alarm(self.file)

    def go_on(self) -> NoReturn:
        file = self.file
        start = RetrospectiveStart(case_id=file.case_id, received_at=file.received_at, carried=file)
        workflow.continue_as_new(start)

    async def look_up(self, message: RetrospectiveMessage) -> None:
        """Also who raises a concern, refers or records: people of the directory only."""
        if isinstance(message, retrospective_message_checks.OF_STAFF):
            await self.read_known((message.actor.id,))
        else:
            await super().look_up(message)

    async def write_journal(
        self, letters: tuple[LetterOrder, ...] = (), stay_letters: tuple[StayLetterOrder, ...] = ()
    ) -> Recorded:
        """The last entry carries the sheet, so that what is shown is what was journalled."""
        pending = self.file.pending
        if pending and self.file.look is not None:
            shown: dict[str, Any] = {"sheet": retrospective_view.sheet(self.file).model_dump(mode="json")}
            pending[-1] = pending[-1].model_copy(update={"data": pending[-1].data | shown})
        return await super().write_journal(letters, stay_letters)

    async def look_at_claim(self) -> None:
        """The claim and what was authorized, the member and their plan on the day of service, and the clocks after care."""
        order = ClaimLookOrder(case_id=self.file.case_id, now=workflow.now())
        look = await workflow.execute_local_activity_method(Retrospective.look_into_claim, order, **options.STORE)
        person = await self.look_up_person(look.claim.member.member_id, look.day)
        retrospective_opening.taken_in(self.file, look, person)
        duties = retrospective_opening.duties_order(self.file, workflow.now())
        found = await workflow.execute_local_activity_method(People.compute_duties, duties, **options.STORE)
        retrospective_opening.opened(self.file, found.clocks, workflow.now())

    async def open_review(self, review_id: str, asked: tuple[Question, ...]) -> None:
        """Start the case that decides what was not authorized. It lives on by itself and answers with a signal."""
        order = OpenPostService(
            case_id=self.file.case_id, review_id=review_id, questions=asked, judgments=tuple(self.file.judgments)
        )
        opened = await workflow.execute_activity_method(Retrospective.open_post_service, order, **options.JOURNAL)
        start = CaseStart(
            case_id=opened.review_id, request_version=opened.request_version, received_at=opened.received_at
        )
        await self._start_child(PRIOR_AUTHORIZATION, start, review_id)
        self.file.review = review_id
        lines = ", ".join(question.line_id for question in asked)
        says = (
            f"Review {review_id} opened for {counted(len(asked), 'line')} ({lines}): not covered by an authorization."
        )
        self.file.note(EntryKind.REVIEW_OPENED, workflow.now(), says)

    async def hand_over_concern(self, concern: Concern) -> None:
        """Start the process of a concern. It lives on by itself."""
        file = self.file
        start = ConcernStart(
            case_id=concern.concern_id,
            kind=concern.kind,
            raised_by=concern.raised_by,
            about_case_id=file.case_id,
            member_id=file.member_id,
            what=concern.what,
            at=concern.at,
        )
        await self._start_child(CONCERN_PROCESS, start, concern.concern_id)
        place = next(at for at, one in enumerate(file.concerns) if one.concern_id == concern.concern_id)
        file.concerns[place] = concern.model_copy(update={"handed_over": True})
        file.note(EntryKind.CONCERN_RAISED, workflow.now(), f"{concern.concern_id} has the concern.")

    async def _start_child(self, name: str, start: CaseStart | ConcernStart, number: str) -> None:
        with contextlib.suppress(WorkflowAlreadyStartedError):
            await workflow.start_child_workflow(
                name,
                start,
                id=options.workflow_id(number),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
