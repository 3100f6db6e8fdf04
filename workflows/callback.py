"""Workflow of a member callback, from the message that was left to the call that returns it."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from domain.callbacks import path
    from domain.cases import steps
    from engine.workflow_names import MEMBER_CALLBACK
    from workflows.steps.callback import CallbackWorkflow


@workflow.defn(name=MEMBER_CALLBACK, versioning_behavior=VersioningBehavior.PINNED)
class MemberCallback(CallbackWorkflow):
    """Calls in the next business hours of the plan's zone; when nobody answers, again in the following ones; after several
    attempts another way of contact. The order of steps is `domain.callbacks.path`; this class carries the steps out."""

    @workflow.init
    def __init__(self, *given: object) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, *given: object) -> str:
        await self.run_case()
        return self.call.status.value

    async def take_step(self) -> bool:
        if self.call.is_opened:
            path.fire_due_timers(self.call, workflow.now())
        match path.advance(self.call, workflow.now()):
            case steps.LookUpContext():
                await self.look_up_context()
            case path.FindWindow(after, business_days):
                await self.find_call_window(after, business_days)
            case steps.Wait():
                await self.wait_for_message_or_timer()
            case steps.Finish():
                return False
        return True
