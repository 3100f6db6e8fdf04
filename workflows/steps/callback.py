"""Steps of the member callback workflow: its context, its call windows, its list row and summary.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from temporalio import workflow

from activities.concerns_and_callbacks import TaskCaseLookups
from domain.callbacks import message_checks, message_effects, path, views
from domain.callbacks.case import CallbackCase
from domain.callbacks.orders import CallbackInput
from domain.callbacks.policy import CallTopic
from domain.callbacks.start import CallbackStart
from domain.cases import escalation
from domain.cases.concern_notes import TaskCaseMessage
from domain.cases.views import CaseSummary, CaseView
from domain.errors import RuleViolation
from engine import options
from workflows.steps.task_case import TaskCaseWorkflow


class CallbackWorkflow(TaskCaseWorkflow[CallbackCase]):
    """State and steps of the member callback workflow. The subclass defines the order of steps."""

    kind_of_start = CallbackStart
    # A run ends under the release with which it began; the next one may begin under another.
    next_release = workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE

    def begin_case(self, start: CallbackStart) -> CallbackCase:
        return CallbackCase(
            case_id=start.case_id,
            received_at=start.received_at,
            member_id=start.member_id or "",
            from_whom=start.from_whom,
            about=start.about,
            about_case_id=start.about_case_id,
            language=start.language,
            tty=start.tty,
            message_document=start.message_document,
            plan_id=start.plan_id,
        )

    def blank_start(self, case_id: str, at: datetime) -> CallbackStart:
        return CallbackStart(
            case_id=case_id, received_at=at, from_whom="other", about=CallTopic.OTHER, message_document=""
        )

    @property
    def call(self) -> CallbackCase:
        return self.case

    def violations(self, case: CallbackCase, message: TaskCaseMessage, now: datetime) -> tuple[RuleViolation, ...]:
        return message_checks.violations(case, message, now)

    def apply(self, case: CallbackCase, message: TaskCaseMessage, now: datetime) -> str:
        return message_effects.apply_message(case, message, now)

    def validate_without_lookup(self, message: TaskCaseMessage) -> tuple[RuleViolation, ...]:
        return message_checks.violations_without_lookup(self.call, message, workflow.now())

    def row(self) -> CaseView:
        return views.case_view(self.call)

    def summary(self) -> CaseSummary:
        return views.case_summary(self.call)

    def time_effects(self) -> Sequence[Callable[[CallbackCase, datetime], None]]:
        return (escalation.escalate_due_tasks, path.fire_due_timers)

    def next_timer(self) -> datetime | None:
        return path.next_timer(self.call)

    async def look_up_context(self) -> None:
        """Look up the member if there is one, the plan's rules and zone, and the first call window; open the first call."""
        order = CallbackInput(
            member_id=self.call.member_id,
            plan_id=self.call.plan_id,
            left_at=self.call.received_at,
            now=workflow.now(),
        )
        found = await workflow.execute_local_activity_method(TaskCaseLookups.look_into_callback, order, **options.STORE)
        path.record_context(self.call, found, workflow.now())

    async def find_call_window(self, after: datetime, business_days: tuple[int, ...]) -> None:
        """Find the next call window after `after` (UTC), and open the next task."""
        path.open_next_task(self.call, await self.compute_due_dates(after, business_days), workflow.now())
