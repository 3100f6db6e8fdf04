"""What the process of a concern needs beside what all processes share: its looks, its note elsewhere, its rows.

This module is imported past the workflow sandbox, so nothing here may read a clock, a file or chance; linting forbids it.
"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from activities.concerns_and_callbacks import Contacts
from domain.cases.concern_notes import ContactMessage, NoteConcern
from domain.cases.views import CaseView, Sheet
from domain.concerns import message_checks as concerns_message_checks
from domain.concerns import message_effects as concern_work
from domain.concerns import path as concern_path
from domain.concerns import views as concern_view
from domain.concerns.case import Concern
from domain.concerns.orders import ConcernOrder, InvolvedOrder
from domain.concerns.start import ConcernStart
from domain.errors import Refusal
from domain.journal import UMPIRE
from engine import options
from workflows.steps.task_case import ContactProcess


class ConcernGlue(ContactProcess[Concern]):
    """State and glue of the workflow of a concern."""

    def __init__(self, start: ConcernStart) -> None:
        self.concern = start.carried or Concern(
            case_id=start.case_id,
            received_at=start.at,
            member_id=start.member_id,
            kind=start.kind,
            raised_by=start.raised_by,
            about_case_id=start.about_case_id,
            about_task_id=start.about_task_id,
            what=start.what,
        )
        super().__init__(self.concern)

    def refusals(self, dossier: Concern, message: ContactMessage, now: datetime) -> tuple[Refusal, ...]:
        return concerns_message_checks.refusals(dossier, message, now)

    def apply(self, dossier: Concern, message: ContactMessage, now: datetime) -> str:
        return concern_work.apply(dossier, message, now)

    def judge_at_sight(self, message: ContactMessage) -> tuple[Refusal, ...]:
        return concerns_message_checks.refusals_at_sight(self.concern, message, workflow.now())

    def row(self) -> CaseView:
        return concern_view.row(self.concern)

    def sheet(self) -> Sheet:
        return concern_view.sheet(self.concern)

    def go_on(self) -> NoReturn:
        concern = self.concern
        workflow.continue_as_new(
            ConcernStart(
                case_id=concern.case_id,
                kind=concern.kind,
                raised_by=concern.raised_by,
                about_case_id=concern.about_case_id,
                about_task_id=concern.about_task_id,
                member_id=concern.member_id,
                what=concern.what,
                at=concern.received_at,
                carried=concern,
            )
        )

    async def look_into(self) -> None:
        """The person, the plan's rules, and who had a part in what the concern is about; the first task."""
        concern = self.concern
        order = ConcernOrder(
            about_case_id=concern.about_case_id,
            kind=concern.kind,
            member_id=concern.member_id,
            raised_at=concern.received_at,
            now=workflow.now(),
        )
        found = await workflow.execute_local_activity_method(Contacts.look_into_concern, order, **options.STORE)
        concern_path.looked(concern, found, workflow.now())

    async def look_up(self, message: ContactMessage) -> None:
        """Also who had a part in the case by now, when somebody takes or does the peer review about it."""
        await super().look_up(message)
        if concerns_message_checks.is_about_peer_review(self.concern, message) and workflow.patched(
            "involved-read-anew"
        ):
            order = InvolvedOrder(about_case_id=self.concern.about_case_id)
            found = await workflow.execute_local_activity_method(Contacts.read_involved, order, **options.STORE)
            self.concern.involved = found.reviewer_ids

    async def leave_note(self, case_id: str) -> None:
        """Tell the dossier in which it was raised. One that is over by now, or never ran, keeps no note."""
        await self.write_journal()
        note = NoteConcern(
            message_id=self.concern.case_id,
            at=self.concern.received_at,
            actor=UMPIRE,
            concern_id=self.concern.case_id,
        )
        asker = workflow.get_external_workflow_handle(options.workflow_id(case_id))
        try:
            await asker.signal(note.type, note)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
        self.concern.noted = True

    async def schedule(self, works: tuple[concern_path.Work, ...]) -> None:
        """Open these tasks, each due as the plan's rules say."""
        found = await self.dues(workflow.now(), tuple(work.business_days for work in works))
        concern_path.open_tasks(self.concern, works, found.due_at, workflow.now())
