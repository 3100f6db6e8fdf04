"""One concern about quality or safety, or one referral to care management, from its raising to its closing."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.cases import escalation as escalating
    from domain.cases import task_case_views as contact_rows
    from domain.cases.concern_notes import ContactMessage
    from domain.cases.messages import Answer
    from domain.cases.views import CaseStanding
    from domain.concerns import path as concern_path
    from domain.concerns.start import ConcernStart
    from workflows.steps.case import TaskSignals
    from workflows.steps.concern import ConcernGlue


@workflow.defn
class ConcernProcess(ConcernGlue, TaskSignals):
    """A first look by somebody who sorts it; then peer review, the quality committee, care management, as severity and
    judgement ask; then a finding with actions. The path itself is `domain.concern_path`."""

    @workflow.init
    def __init__(self, start: ConcernStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ConcernStart) -> str:
        while True:
            await self.hear_messages()
            if self.concern.is_opened:
                escalating.ring(self.concern, workflow.now())
            match concern_path.next_step(self.concern, workflow.now()):
                case concern_path.LookInto():
                    await self.look_into()
                case concern_path.LeaveNote(case_id):
                    await self.leave_note(case_id)
                case concern_path.Schedule(works):
                    await self.schedule(works)
                case concern_path.Wait():
                    await self.wait()
                case concern_path.Finish():
                    break
        await self.last_words()
        return self.concern.status.value

    @workflow.update
    async def act(self, message: ContactMessage) -> Answer:
        """Any message about a task, for callers who need the answer: refused at once by the rule it breaks."""
        return await self.answer(message)

    @act.validator
    def _may_act(self, message: ContactMessage) -> None:
        self.refuse_early(message)

    @workflow.query
    def status(self) -> CaseStanding:
        """Where the concern stands, with one sentence on what it waits for."""
        return contact_rows.standing(self.concern, self.concern.status)
