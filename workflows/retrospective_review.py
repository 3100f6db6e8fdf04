"""Workflow of a retrospective review: a claim for care already given, from its receipt to the recorded findings."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from domain.cases import steps
    from domain.cases.messages import MessageResult
    from domain.cases.views import CaseStatusSummary
    from domain.retrospective import path, timers, views
    from domain.retrospective.messages import RetrospectiveMessage
    from domain.retrospective.start import RetrospectiveResult
    from workflows.steps.retrospective import RetrospectiveWorkflow


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class RetrospectiveReview(RetrospectiveWorkflow):
    """Comparison of a claim with its authorizations. What matches is approved as authorized, and that is final.

    A person compares doubtful lines, a clinician reviews emergencies by the presenting symptoms (prudent layperson standard),
    and the DRG is checked as a signal. What was not authorized goes to a review case, which decides it under the criteria of
    the date of service and writes the letters. Suspected fraud is referred to compliance, a concern about the care becomes a
    case of its own, and process improvement findings are recorded. The order of steps is `domain.retrospective.path`.
    """

    @workflow.init
    def __init__(self, *given: object) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, *given: object) -> RetrospectiveResult:
        await self.run_case()
        answer = self.file.answer
        return RetrospectiveResult(
            case_id=self.file.case_id,
            review=self.file.review,
            review_status=answer.status.value if answer is not None else None,
        )

    async def take_step(self) -> bool:
        timers.fire_due_timers(self.file, workflow.now())
        match path.advance(self.file, workflow.now()):
            case path.LookUpClaim():
                await self.look_up_claim()
            case path.StartConcernCase(concern):
                await self.start_quality_concern(concern)
            case path.OpenPostServiceReview(review_id, asked):
                await self.open_post_service_review(review_id, asked)
            case path.SettleClaim():
                await self.settle_claim()
            case steps.CloseCase(_):
                path.close_case(self.file, workflow.now())
            case steps.Wait():
                await self.wait_for_message_or_timer()
            case steps.Finish():
                return False
        return True

    @workflow.update
    async def act(self, message: RetrospectiveMessage) -> MessageResult:
        """Any message of the case, for callers who need the result: rejected at once with the rule it violates."""
        return await self.submit_and_wait(message)

    @act.validator
    def _may_act(self, message: RetrospectiveMessage) -> None:
        self.reject_in_validator(message)

    @workflow.query
    def status(self) -> CaseStatusSummary:
        """The review's status, with one sentence on what it waits for."""
        return views.status_summary(self.file)
