"""Steps that quality concerns and member callbacks share: cases that consist of tasks alone.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from temporalio import workflow

from activities.concerns_and_callbacks import TaskCaseLookups
from domain.callbacks.case import CallbackCase
from domain.cases import escalation, journal_rows, receipt, waiting
from domain.cases.concern_notes import TaskCaseMessage
from domain.cases.due_dates import DueDates, DueDatesInput
from domain.cases.messages import MessageResult
from domain.cases.views import CaseStatusSummary, CaseSummary, Waiting
from domain.concerns.case import QualityConcernCase
from domain.errors import RuleViolation
from engine import options
from workflows.steps.case import CaseWorkflow
from workflows.steps.signals import signal_types

D = TypeVar("D", bound=CallbackCase | QualityConcernCase)


class TaskCaseWorkflow(CaseWorkflow[D, TaskCaseMessage]):
    """State and steps of a workflow whose case consists of tasks alone. Subclasses define the order of steps."""

    signals = signal_types(TaskCaseMessage)

    def violations(self, case: D, message: TaskCaseMessage, now: datetime) -> tuple[RuleViolation, ...]:
        """Every rule that the message violates."""
        raise NotImplementedError

    def apply(self, case: D, message: TaskCaseMessage, now: datetime) -> str:
        """Carry out a message that violates no rule."""
        raise NotImplementedError

    def summary(self) -> CaseSummary:
        """The summary of the case that the screens show."""
        raise NotImplementedError

    def current_wait(self) -> Waiting | None:
        """The current wait of the case; None when it waits for nobody."""
        return waiting.task_wait(self.case) if self.case.is_open else None

    def handle_message(self, message: TaskCaseMessage) -> MessageResult:
        return receipt.receive_message(self.case, message, workflow.now(), self.violations, self.apply)

    def next_timer(self) -> datetime | None:
        return min(escalation.upcoming_timers(self.case), default=None)

    async def compute_due_dates(self, at: datetime, business_days: tuple[int, ...]) -> DueDates:
        """Compute when work that begins at `at` (UTC) is due, and the window to return a call left then; in the case's zone."""
        order = DueDatesInput(zone=self.case.zone, at=at, business_days=business_days)
        return await workflow.execute_local_activity_method(TaskCaseLookups.plan_dues, order, **options.STORE)

    def attach_views(self) -> None:
        journal_rows.attach_summary(self.case, self.summary())

    @workflow.update
    async def act(self, message: TaskCaseMessage) -> MessageResult:
        """Any message about a task, for callers who need the result: rejected at once with the rule it violates."""
        return await self.submit_and_wait(message)

    @act.validator
    def _may_act(self, message: TaskCaseMessage) -> None:
        self.reject_in_validator(message)

    @workflow.query
    def status(self) -> CaseStatusSummary:
        """The case's status, with one sentence on what it waits for."""
        return waiting.status_summary(self.case, self.case.status, self.current_wait())
