"""Workflow of a quality or safety concern, or of a referral to care management, from its report to its closing."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.cases import escalation, steps
    from domain.cases.concern_notes import TaskCaseMessage
    from domain.cases.messages import MessageResult
    from domain.cases.views import CaseStatusSummary
    from domain.concerns import path, views
    from domain.concerns.start import ConcernStart
    from workflows.steps.case import TaskSignals
    from workflows.steps.concern import ConcernWorkflow


@workflow.defn(name="ConcernProcess")
class QualityConcern(ConcernWorkflow, TaskSignals):
    """Triage; then peer review, the quality committee or care management, as severity and judgment require; then a finding
    with actions. The order of steps is `domain.concerns.path`; this class carries the steps out."""

    @workflow.init
    def __init__(self, start: ConcernStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ConcernStart) -> str:
        while True:
            await self.process_inbox()
            if self.concern.is_opened:
                escalation.escalate_due_tasks(self.concern, workflow.now())
            match path.advance(self.concern, workflow.now()):
                case steps.LookUpContext():
                    await self.look_up_context()
                case path.NotifyOriginCase(case_id):
                    await self.note_in_originating_case(case_id)
                case path.ScheduleTasks(works):
                    await self.schedule_tasks(works)
                case steps.Wait():
                    await self.wait_for_message_or_timer()
                case steps.Finish():
                    break
        await self.drain_before_completion()
        return self.concern.status.value

    @workflow.update
    async def act(self, message: TaskCaseMessage) -> MessageResult:
        """Any message about a task, for callers who need the result: rejected at once with the rule it violates."""
        return await self.submit_and_wait(message)

    @act.validator
    def _may_act(self, message: TaskCaseMessage) -> None:
        self.reject_in_validator(message)

    @workflow.query
    def status(self) -> CaseStatusSummary:
        """The concern's status, with one sentence on what it waits for."""
        return views.status_summary(self.concern)
