"""One hospital stay, from the first word of it until every day has its answer."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.cases.messages import Answer, ReviewAnswered
    from domain.cases.views import CaseStanding
    from domain.stays import path as stay_pathway
    from domain.stays import views as stay_view
    from domain.stays.messages import AskSecondLook, ClinicalUpdate, NoteAvoidableDay, ProposeReduction, StayMessage
    from domain.stays.plan_messages import PlanNews
    from domain.stays.run import StayRun
    from domain.stays.start import TellStay
    from workflows.steps.case import TaskSignals
    from workflows.steps.stay import StayProcess


@workflow.defn
class ConcurrentReview(StayProcess, TaskSignals):
    """The hospital tells what happens; days are matched to an authorization or reviewed in rounds, one after the other.

    Each round is a review of its own (`PriorAuthorization`, of the kind 'concurrent') with its own clocks, people and letters;
    its answer certifies or denies days here. The path is `domain.stay_pathway`; this class carries it out.
    """

    @workflow.init
    def __init__(self, start: StayRun) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: StayRun) -> str:
        while True:
            await self.hear_messages()
            match stay_pathway.next_step(self.stay, workflow.now()):
                case stay_pathway.Look():
                    await self.look()
                case stay_pathway.OpenRound():
                    await self.open_round()
                case stay_pathway.WithdrawRound(case_id):
                    await self.withdraw_round(case_id)
                case stay_pathway.StartPlan(picture):
                    await self.start_plan(picture)
                case stay_pathway.TellPlan(picture):
                    await self.tell_plan(picture)
                case stay_pathway.SendLetters(notices):
                    await self.send_letters(notices)
                case stay_pathway.HandOver(letter_ids):
                    await self.hand_over(letter_ids)
                case stay_pathway.Wait():
                    await self.wait()
                case stay_pathway.Finish():
                    break
        await self.last_words()
        return self.stay.status.value

    # What is told to the stay. A handler only puts the message in the inbox; the loop above judges it.

    @workflow.signal
    def tell_stay(self, message: TellStay) -> None:
        self.inbox.append(message)

    @workflow.signal
    def clinical_update(self, message: ClinicalUpdate) -> None:
        self.inbox.append(message)

    @workflow.signal
    def ask_second_look(self, message: AskSecondLook) -> None:
        self.inbox.append(message)

    @workflow.signal
    def propose_reduction(self, message: ProposeReduction) -> None:
        self.inbox.append(message)

    @workflow.signal
    def note_avoidable_day(self, message: NoteAvoidableDay) -> None:
        self.inbox.append(message)

    @workflow.signal
    def review_answered(self, message: ReviewAnswered) -> None:
        self.inbox.append(message)

    @workflow.signal
    def plan_news(self, message: PlanNews) -> None:
        self.inbox.append(message)

    @workflow.update
    async def act(self, message: StayMessage) -> Answer:
        """Any of the messages above, for callers who need the answer: refused at once by the rule it breaks."""
        return await self.answer(message)

    @act.validator
    def _may_act(self, message: StayMessage) -> None:
        self.refuse_early(message)

    @workflow.query
    def status(self) -> CaseStanding:
        """Where the stay stands, with one sentence on what it waits for."""
        return stay_view.standing(self.stay)
