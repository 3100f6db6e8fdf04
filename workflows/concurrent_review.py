"""Workflow of a hospital stay, from the first ADT message until every day is determined."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from domain.cases import steps
    from domain.cases.messages import MessageResult
    from domain.cases.views import CaseStatusSummary
    from domain.stays import path, views
    from domain.stays.messages import (
        StayMessage,
    )
    from workflows.steps.stay import StayWorkflow


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class ConcurrentReview(StayWorkflow):
    """ADT messages open the stay and update it; its days are matched to an authorization or reviewed, one review at a time.

    Each concurrent review is a case of its own (`PriorAuthorization`) with its own clocks, reviewers and letters; its result
    certifies or denies days of the stay. The order of steps is `domain.stays.path`; this class carries the steps out.
    """

    @workflow.init
    def __init__(self, *given: object) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, *given: object) -> str:
        await self.run_case()
        return self.stay.status.value

    async def take_step(self) -> bool:
        match path.advance(self.stay, workflow.now()):
            case path.LookUpStay():
                await self.look_up_stay()
            case path.OpenStayReview():
                await self.open_concurrent_review()
            case path.WithdrawStayReview(case_id):
                await self.withdraw_concurrent_review(case_id)
            case path.StartDischargePlan(picture):
                await self.start_discharge_planning(picture)
            case path.UpdateDischargePlan(picture):
                await self.notify_discharge_plan(picture)
            case path.WriteStayLetters(notices):
                await self.write_letters(notices)
            case steps.DeliverLetters(letter_ids):
                await self.deliver_letters(letter_ids)
            case steps.Wait():
                await self.wait_for_message_or_timer()
            case steps.Finish():
                return False
        return True

    @workflow.update
    async def act(self, message: StayMessage) -> MessageResult:
        """Any message of the case, for callers who need the result: rejected at once with the rule it violates."""
        return await self.submit_and_wait(message)

    @act.validator
    def _may_act(self, message: StayMessage) -> None:
        self.reject_in_validator(message)

    @workflow.query
    def status(self) -> CaseStatusSummary:
        """The stay's status, with one sentence on what it waits for."""
        return views.status_summary(self.stay)
