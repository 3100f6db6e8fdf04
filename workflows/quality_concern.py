"""Workflow of a quality or safety concern, or of a referral to care management, from its report to its closing."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from domain.cases import escalation, steps
    from domain.concerns import path
    from engine.workflow_names import QUALITY_CONCERN
    from workflows.steps.concern import ConcernWorkflow


@workflow.defn(name=QUALITY_CONCERN, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class QualityConcern(ConcernWorkflow):
    """Triage; then peer review, the quality committee or care management, as severity and judgment require; then a finding
    with actions. The order of steps is `domain.concerns.path`; this class carries the steps out."""

    @workflow.init
    def __init__(self, *given: object) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, *given: object) -> str:
        await self.run_case()
        return self.concern.status.value

    async def take_step(self) -> bool:
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
                return False
        return True
