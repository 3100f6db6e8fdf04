"""Workflow of a prior authorization, from receipt to the last letter."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from domain.authorization import conclusion, forms, missed_clock_effects, path, timers, views
    from domain.authorization.forms import TaskWorksheet
    from domain.authorization.messages import AuthorizationMessage
    from domain.authorization.orders import AuthorizationResult
    from domain.cases import steps
    from domain.cases.messages import MessageResult
    from domain.cases.views import CaseStatusSummary
    from workflows.steps.authorization import AuthorizationWorkflow


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class PriorAuthorization(AuthorizationWorkflow):
    """Receipt, acknowledgment, coverage, need, criteria, review by people, determination, letters.

    The order of steps is `domain.authorization.path`; this class carries the steps out. At any time people may send
    documents, correct or withdraw the request, or ask to expedite or extend it, and timers of clocks and escalations may
    fire. Everything that happened is in the journal before the case waits again.
    """

    @workflow.init
    def __init__(self, *given: object) -> None:
        super().__init__(*given)

    @workflow.run
    async def run(self, *given: object) -> AuthorizationResult:
        await self.run_case()
        return AuthorizationResult(
            case_id=self.case.case_id,
            status=self.case.status.value,
            decided_at=self.case.decided_at,
            authorization_number=self.case.authorization_number,
        )

    async def take_step(self) -> bool:
        if self.case.is_opened:
            timers.fire_due_timers(self.case, workflow.now())
            self.open_calls()
            if self.case.ending.replaced and workflow.patched("replaced-result-reported"):
                missed_clock_effects.tell_replaced(self.case, workflow.now())
        match path.advance(self.case, workflow.now()):
            case path.AssessRequest():
                await self.assess_request()
            case steps.ComputeClocks():
                await self.compute_clocks()
            case path.WriteNotices(notices):
                await self.write_letters(notices)
            case steps.DeliverLetters(letter_ids):
                await self.deliver_letters(letter_ids)
            case path.SendExtensionNotice():
                await self.announce_extension()
            case path.ReserveUnits(reservations):
                await self.reserve(reservations)
            case path.ClaimSupplies(offers):
                await self.claim_supplies(offers)
            case path.MakeDetermination(status):
                conclusion.make_determination(self.case, status, workflow.now())
            case path.ReportReview(process_id):
                await self.report_result(process_id)
            case path.TellDecidedCase(about):
                await self.tell_decided_case(about)
            case steps.CloseCase(status):
                timers.fire_due_timers(self.case, workflow.now())
                conclusion.close_case(self.case, status, workflow.now())
            case steps.Wait():
                await self.wait_for_message_or_timer()
            case steps.Finish():
                return False
        return True

    @workflow.update
    async def act(self, message: AuthorizationMessage) -> MessageResult:
        """Any message of the case, for callers who need the result: rejected at once with the rule it violates."""
        return await self.submit_and_wait(message)

    @act.validator
    def _may_act(self, message: AuthorizationMessage) -> None:
        self.reject_in_validator(message)

    @workflow.query
    def status(self) -> CaseStatusSummary:
        """The case's status, with one sentence on what it waits for."""
        return views.status_summary(self.case)

    @workflow.query
    def task_sheet(self, task_id: str) -> TaskWorksheet:
        """The worksheet of one task: everything that a reviewer needs for it."""
        return forms.build_worksheet(self.case, task_id, workflow.now())
