"""One message that somebody left, from the call that takes it to the call that returns it."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.callbacks import path as callback_path
    from domain.callbacks.start import CallbackStart
    from domain.cases import task_case_views as contact_rows
    from domain.cases.concern_notes import ContactMessage
    from domain.cases.messages import Answer
    from domain.cases.views import CaseStanding
    from workflows.steps.callback import CallbackGlue
    from workflows.steps.case import TaskSignals


@workflow.defn
class Callback(CallbackGlue, TaskSignals):
    """A call in the next hours of business of the plan's zone; when nobody answers, another in the next ones; after some of
    them another way. The path itself is `domain.callback_path`."""

    @workflow.init
    def __init__(self, start: CallbackStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CallbackStart) -> str:
        while True:
            await self.hear_messages()
            if self.call.is_opened:
                callback_path.ring(self.call, workflow.now())
            match callback_path.next_step(self.call, workflow.now()):
                case callback_path.LookInto():
                    await self.look_into()
                case callback_path.FindWindow(after, business_days):
                    await self.plan(after, business_days)
                case callback_path.Wait():
                    await self.wait()
                case callback_path.Finish():
                    break
        await self.last_words()
        return self.call.status.value

    @workflow.update
    async def act(self, message: ContactMessage) -> Answer:
        """Any message about a task, for callers who need the answer: refused at once by the rule it breaks."""
        return await self.answer(message)

    @act.validator
    def _may_act(self, message: ContactMessage) -> None:
        self.refuse_early(message)

    @workflow.query
    def status(self) -> CaseStanding:
        """Where the callback stands, with one sentence on what it waits for."""
        return contact_rows.standing(self.call, self.call.status)
