"""Steps of the quality concern workflow: its context, its note in the originating case, its list row and summary.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow

from activities.concerns_and_callbacks import TaskCaseLookups
from domain.cases.concern_notes import NoteConcern, TaskCaseMessage
from domain.cases.views import CaseSummary, CaseView
from domain.concerns import message_checks, message_effects, path, views
from domain.concerns.case import QualityConcernCase
from domain.concerns.orders import ConcernInput, InvolvedReviewersInput
from domain.concerns.start import ConcernStart
from domain.errors import RuleViolation
from domain.journal import UMPIRE
from engine import options
from workflows.steps.task_case import TaskCaseWorkflow


class ConcernWorkflow(TaskCaseWorkflow[QualityConcernCase]):
    """State and steps of the quality concern workflow. The subclass defines the order of steps."""

    kind_of_start = ConcernStart

    def begin_case(self, start: ConcernStart) -> QualityConcernCase:
        return QualityConcernCase(
            case_id=start.case_id,
            received_at=start.at,
            member_id=start.member_id,
            kind=start.kind,
            raised_by=start.raised_by,
            about_case_id=start.about_case_id,
            about_task_id=start.about_task_id,
            what=start.what,
        )

    def blank_start(self, case_id: str, at: datetime) -> ConcernStart:
        return ConcernStart(
            case_id=case_id, kind="quality", raised_by="", about_case_id="", member_id="", what="", at=at
        )

    @property
    def concern(self) -> QualityConcernCase:
        return self.case

    def violations(
        self, case: QualityConcernCase, message: TaskCaseMessage, now: datetime
    ) -> tuple[RuleViolation, ...]:
        return message_checks.violations(case, message, now)

    def apply(self, case: QualityConcernCase, message: TaskCaseMessage, now: datetime) -> str:
        return message_effects.apply_message(case, message, now)

    def validate_without_lookup(self, message: TaskCaseMessage) -> tuple[RuleViolation, ...]:
        return message_checks.violations_without_lookup(self.concern, message, workflow.now())

    def row(self) -> CaseView:
        return views.case_view(self.concern)

    def summary(self) -> CaseSummary:
        return views.case_summary(self.concern)

    async def look_up_context(self) -> None:
        """Look up the member, the plan's rules and the reviewers involved; open the first task."""
        concern = self.concern
        order = ConcernInput(
            about_case_id=concern.about_case_id,
            kind=concern.kind,
            member_id=concern.member_id,
            raised_at=concern.received_at,
            now=workflow.now(),
        )
        found = await workflow.execute_local_activity_method(TaskCaseLookups.look_into_concern, order, **options.STORE)
        path.record_context(concern, found, workflow.now())

    async def load_reviewers_for(self, message: TaskCaseMessage) -> None:
        """Load the reviewers who act; for a peer review also those who are involved in the originating case by now."""
        await super().load_reviewers_for(message)
        if message_checks.is_about_peer_review(self.concern, message) and workflow.patched("involved-read-anew"):
            order = InvolvedReviewersInput(about_case_id=self.concern.about_case_id)
            found = await workflow.execute_local_activity_method(TaskCaseLookups.read_involved, order, **options.STORE)
            self.concern.involved = found.reviewer_ids

    async def note_in_originating_case(self, case_id: str) -> None:
        """Signal a note to the case in which the concern was raised. One that has ended, or never ran, gets no note."""
        await self.write_journal()
        note = NoteConcern(
            message_id=self.concern.case_id,
            at=self.concern.received_at,
            actor=UMPIRE,
            concern_id=self.concern.case_id,
        )
        await self.tell(case_id, note)
        self.concern.noted = True

    async def schedule_tasks(self, works: tuple[path.PlannedTask, ...]) -> None:
        """Open these tasks, each with the due date of the plan's rules."""
        found = await self.compute_due_dates(workflow.now(), tuple(work.business_days for work in works))
        path.open_tasks(self.concern, works, found.due_at, workflow.now())
