"""Workflow of an appeal at one level of the plan, from its receipt until its decision is carried out or sent on."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from domain.appeals import path, timers, views
    from domain.appeals.messages import AppealMessage
    from domain.appeals.start import AppealResult
    from domain.cases import steps
    from domain.cases.messages import MessageResult
    from domain.cases.views import CaseStatusSummary
    from engine.workflow_names import APPEAL
    from workflows.steps.appeal import AppealWorkflow


@workflow.defn(name=APPEAL, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class Appeal(AppealWorkflow):
    """An appeal of a determination. Who may appeal and whether it is in time is found by the rule of the line; what is not
    plain is a question for people, and nothing is dismissed by software. A review of its own decides, by a physician who took
    no part before; what it grants is carried out, and what it does not grant goes where the rule says. The order of steps is
    `domain.appeals.path`."""

    @workflow.init
    def __init__(self, *given: object) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, *given: object) -> AppealResult:
        await self.run_case()
        return AppealResult(case_id=self.appeal.case_id, review=self.appeal.review, status=self.appeal.status.value)

    async def take_step(self) -> bool:
        timers.fire_due_timers(self.appeal, workflow.now())
        match path.advance(self.appeal, workflow.now()):
            case steps.LookUpContext():
                await self.look_up_determination()
            case steps.ComputeClocks():
                await self.compute_clocks()
            case path.OpenAppealReview(review_id):
                await self.open_review(review_id)
            case steps.CloseCase(status):
                path.close_appeal(self.appeal, status, workflow.now())
            case steps.Wait():
                await self.wait_for_message_or_timer()
            case steps.Finish():
                return False
        return True

    @workflow.update
    async def act(self, message: AppealMessage) -> MessageResult:
        """Any message of the appeal, for callers who need the result: rejected at once with the rule it violates."""
        return await self.submit_and_wait(message)

    @act.validator
    def _may_act(self, message: AppealMessage) -> None:
        self.reject_in_validator(message)

    @workflow.query
    def status(self) -> CaseStatusSummary:
        """The appeal's status, with one sentence on what it waits for."""
        return views.status_summary(self.appeal)
