"""One discharge plan, from the first day of a stay to the thirtieth after it."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.cases.messages import Answer, ReviewAnswered
    from domain.cases.views import CaseStanding
    from domain.discharge import path as discharge_path
    from domain.discharge import views as discharge_views
    from domain.discharge.messages import PlanMessage, Readmitted
    from domain.discharge.start import DischargeStart
    from domain.discharge.views import DischargeSheet
    from domain.stays.plan_messages import QioNews, TellPlan
    from workflows.steps.case import TaskSignals
    from workflows.steps.discharge import DischargeProcess


@workflow.defn
class DischargePlanning(DischargeProcess, TaskSignals):
    """Needs, target, choices, next authorization, notices, the discharge, and thirty days of calls, visits and reminders.

    The path itself is `domain.discharge_path`: it looks at the plan and says what comes next; this class carries that out.
    The stay tells of every change; people fill in the forms of their tasks; the QIO and reviews are heard at any time.
    """

    @workflow.init
    def __init__(self, start: DischargeStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: DischargeStart) -> CaseStanding:
        while True:
            await self.hear_messages()
            match discharge_path.next_step(self.plan, workflow.now()):
                case discharge_path.LookUp():
                    await self.look_up_all()
                case discharge_path.ComputeDuties():
                    await self.compute_duties()
                case discharge_path.LookUpChoices(npis):
                    await self.look_up_networks(npis)
                case discharge_path.BeginReview(review):
                    await self.begin_review(review)
                case discharge_path.Refer(referral):
                    await self.refer(referral)
                case discharge_path.TellStay(news):
                    await self.tell_stay(news)
                case discharge_path.LookForReadmissions(day):
                    await self.look_for_readmissions(day)
                case discharge_path.WriteLetter(letter):
                    await self.write_letter(letter)
                case discharge_path.HandOver(letter_ids):
                    await self.hand_over(letter_ids)
                case discharge_path.Close(status):
                    discharge_path.close(self.plan, status, workflow.now())
                case discharge_path.Wait():
                    await self.wait()
                case discharge_path.Finish():
                    break
        await self.last_words()
        return discharge_views.standing(self.plan)

    # What the stay, the QIO and reviews tell the plan. A handler only puts the message in the inbox; the loop above judges it.

    @workflow.signal
    def tell_plan(self, message: TellPlan) -> None:
        self.inbox.append(message)

    @workflow.signal
    def qio_news(self, message: QioNews) -> None:
        self.inbox.append(message)

    @workflow.signal
    def review_answered(self, message: ReviewAnswered) -> None:
        self.inbox.append(message)

    @workflow.signal
    def readmitted(self, message: Readmitted) -> None:
        self.inbox.append(message)

    @workflow.update
    async def act(self, message: PlanMessage) -> Answer:
        """Any of the messages above, for callers who need the answer: refused at once by the rule it breaks."""
        return await self.answer(message)

    @act.validator
    def _may_act(self, message: PlanMessage) -> None:
        self.refuse_early(message)

    @workflow.query
    def status(self) -> CaseStanding:
        """Where the plan stands, with one sentence on what it waits for."""
        return discharge_views.standing(self.plan)

    @workflow.query
    def sheet(self) -> DischargeSheet:
        """The whole plan, as a planner reads it."""
        return discharge_views.sheet(self.plan, workflow.now())
