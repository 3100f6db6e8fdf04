"""Workflow of a discharge plan, from the first day of a stay to the thirtieth day after the discharge."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from domain.cases import steps
    from domain.cases.messages import MessageResult
    from domain.cases.views import CaseStatusSummary
    from domain.discharge import path, views
    from domain.discharge.messages import DischargeMessage
    from domain.discharge.views import DischargeSummary
    from workflows.steps.discharge import DischargeWorkflow


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class DischargePlanning(DischargeWorkflow):
    """Needs, target setting, choices, next authorization, notices, discharge, and thirty days of calls, visits and reminders.

    The order of steps is `domain.discharge.path`; this class carries the steps out. The stay reports every change, people
    fill in the forms of their tasks, and messages of the QIO and of reviews are accepted at any time.
    """

    @workflow.init
    def __init__(self, *given: object) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, *given: object) -> CaseStatusSummary:
        await self.run_case()
        return views.status_summary(self.plan)

    async def take_step(self) -> bool:
        match path.advance(self.plan, workflow.now()):
            case path.LookUpMemberAndPolicy():
                await self.load_member_and_policy()
            case path.ComputeDuties():
                await self.compute_duties()
            case path.LookUpChoices(npis):
                await self.look_up_networks(npis)
            case path.OpenNextSettingReview(review):
                await self.start_next_setting_review(review)
            case path.ReferToCareManagement(referral):
                await self.refer_to_care_management(referral)
            case path.UpdateStay(news):
                await self.notify_stay(news)
            case path.CheckReadmissions(day):
                await self.link_readmissions(day)
            case path.WriteLetter(letter):
                await self.write_letter(letter)
            case steps.DeliverLetters(letter_ids):
                await self.deliver_letters(letter_ids)
            case steps.CloseCase(status):
                path.close_case(self.plan, status, workflow.now())
            case steps.Wait():
                await self.wait_for_message_or_timer()
            case steps.Finish():
                return False
        return True

    @workflow.update
    async def act(self, message: DischargeMessage) -> MessageResult:
        """Any message of the case, for callers who need the result: rejected at once with the rule it violates."""
        return await self.submit_and_wait(message)

    @act.validator
    def _may_act(self, message: DischargeMessage) -> None:
        self.reject_in_validator(message)

    @workflow.query
    def status(self) -> CaseStatusSummary:
        """The plan's status, with one sentence on what it waits for."""
        return views.status_summary(self.plan)

    @workflow.query
    def sheet(self) -> DischargeSummary:
        """The summary of the whole plan for the discharge planner."""
        return views.summary_of(self.plan, workflow.now())
