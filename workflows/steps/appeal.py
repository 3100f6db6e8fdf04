"""Steps of the appeal workflow: its lookup, its clocks, and the review that decides it.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from temporalio import workflow

from activities.appeals import AppealLookups
from activities.members import MemberLookups
from domain.appeals import message_checks, message_effects, path, timers, views
from domain.appeals.case import AppealCase
from domain.appeals.messages import AppealMessage
from domain.appeals.orders import AppealInput, AppealReviewInput
from domain.appeals.start import AppealStart
from domain.authorization.start import AuthorizationStart
from domain.cases import escalation, journal_rows, review_records
from domain.cases.journal_rows import clock_rows
from domain.cases.member_case import ClockInput
from domain.cases.messages import MessageResult, ReviewAnswered
from domain.cases.views import CaseView
from domain.errors import RuleViolation
from domain.journal import EntryKind
from domain.plain_language.phrases import count_phrase
from domain.requests.request import StayPurpose
from domain.vocabulary import Proceeding
from engine import options
from engine.workflow_names import PRIOR_AUTHORIZATION
from workflows.steps.case import CaseWorkflow
from workflows.steps.signals import signal_types


class AppealWorkflow(CaseWorkflow[AppealCase, AppealMessage]):
    """State and steps of the appeal workflow. The subclass defines the order of steps and the message handlers."""

    signals = signal_types(AppealMessage)

    kind_of_start = AppealStart

    def begin_case(self, start: AppealStart) -> AppealCase:
        return AppealCase(
            case_id=start.case_id,
            received_at=start.received_at,
            level=start.level,
            appealed=start.appealed,
            inbox_id=start.inbox_id,
        )

    def blank_start(self, case_id: str, at: datetime) -> AppealStart:
        return AppealStart(case_id=case_id, level=1, appealed="", inbox_id=0, received_at=at)

    @property
    def appeal(self) -> AppealCase:
        return self.case

    def handle_message(self, message: AppealMessage) -> MessageResult:
        return message_effects.receive_message(self.appeal, message, workflow.now())

    def validate_without_lookup(self, message: AppealMessage) -> tuple[RuleViolation, ...]:
        return message_checks.violations_without_lookup(self.appeal, message, workflow.now())

    def row(self) -> CaseView:
        return views.case_view(self.appeal)

    def awaited_results(self) -> Sequence[ReviewAnswered]:
        review = self.appeal.review
        if review is None or self.appeal.answer is not None:
            return ()
        return (review_records.word_of_review(review, StayPurpose.APPEAL, self.appeal.level, workflow.now()),)

    def time_effects(self) -> Sequence[Callable[[AppealCase, datetime], None]]:
        return (escalation.escalate_due_tasks, timers.fire_due_timers)

    def next_timer(self) -> datetime | None:
        return timers.next_timer(self.appeal)

    def attach_views(self) -> None:
        if self.appeal.origin is not None:
            journal_rows.attach_summary(self.appeal, views.case_summary(self.appeal))

    async def look_up_determination(self) -> None:
        """Look up what was said, who took part, and the determination that is appealed."""
        order = AppealInput(
            case_id=self.appeal.case_id,
            appealed=self.appeal.appealed,
            inbox_id=self.appeal.inbox_id,
            now=workflow.now(),
        )
        found = await workflow.execute_local_activity_method(AppealLookups.look_into_appeal, order, **options.STORE)
        path.record_context(self.appeal, found, workflow.now())

    async def compute_clocks(self) -> None:
        """Compute every clock that binds the appeal after its events so far."""
        appeal, origin = self.appeal, self.appeal.require_origin()
        duties = ClockInput(
            member_id=appeal.member_id,
            proceedings=(Proceeding.APPEAL,),
            received_at=appeal.review_received_at,
            review_kind=origin.review_kind,
            service_kind=origin.service_kind,
            urgency=appeal.urgency,
            events=tuple(appeal.clock_events),
            now=workflow.now(),
        )
        found = await workflow.execute_local_activity_method(MemberLookups.compute_duties, duties, **options.STORE)
        appeal.clocks, appeal.clocks_stale = found.clocks, False
        says = f"{count_phrase(len(found.clocks), 'clock')} of the appeal computed."
        appeal.note(EntryKind.CLOCKS_COMPUTED, workflow.now(), says, clocks=clock_rows(appeal))

    async def open_review(self, review_id: str) -> None:
        """Start the review that decides the appeal. It runs independently and reports its result by a signal."""
        appeal = self.appeal
        lines = tuple(line.line_id for line in appeal.require_origin().lines)
        order = AppealReviewInput(
            case_id=appeal.case_id,
            appealed=appeal.appealed,
            inbox_id=appeal.inbox_id,
            level=appeal.level,
            review_id=review_id,
            line_ids=lines,
            received_at=appeal.review_received_at,
        )
        opened = await workflow.execute_activity_method(AppealLookups.open_appeal_review, order, **options.JOURNAL)
        start = AuthorizationStart(
            case_id=opened.review_id,
            request_version=opened.request_version,
            received_at=appeal.review_received_at,
        )
        await self.start_beside(PRIOR_AUTHORIZATION, start, review_id)
        appeal.review = review_id
        says = (
            f"Review {review_id} opened for {count_phrase(len(lines), 'line')}, by a physician who took no part before."
        )
        appeal.note(EntryKind.REVIEW_OPENED, workflow.now(), says)
