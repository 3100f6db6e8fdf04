"""One retrospective review: a claim for care that was given, from its receipt to what was learned from it."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.cases.messages import Answer, NoteDuplicate, ReviewAnswered
    from domain.cases.views import CaseStanding
    from domain.retrospective import path as retrospective_path
    from domain.retrospective import timers as retrospective_watch
    from domain.retrospective import views as retrospective_view
    from domain.retrospective.messages import RaiseConcern, RecordLesson, ReferToCompliance, RetrospectiveMessage
    from domain.retrospective.start import RetrospectiveResult, RetrospectiveStart
    from workflows.steps.case import TaskSignals
    from workflows.steps.retrospective import RetrospectiveProcess


@workflow.defn
class RetrospectiveReview(TaskSignals, RetrospectiveProcess):
    """Was it authorized, and is it what was authorized? What matches is approved as authorized, and that is final.

    Doubts are compared by a person, emergencies judged by a clinician on the presenting symptoms, the DRG checked as a signal.
    What was not authorized goes to a case, which decides it under the criteria of the date of service and writes the letters.
    Suspicions go to compliance, concerns about the care to a process of their own, and what fell short is recorded.
    """

    @workflow.init
    def __init__(self, start: RetrospectiveStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: RetrospectiveStart) -> RetrospectiveResult:
        while True:
            await self.hear_messages()
            retrospective_watch.ring(self.file, workflow.now())
            match retrospective_path.next_step(self.file, workflow.now()):
                case retrospective_path.LookAtClaim():
                    await self.look_at_claim()
                case retrospective_path.HandOverConcern(concern):
                    await self.hand_over_concern(concern)
                case retrospective_path.OpenReview(review_id, asked):
                    await self.open_review(review_id, asked)
                case retrospective_path.Settle():
                    retrospective_path.settle(self.file, workflow.now())
                case retrospective_path.Close():
                    retrospective_path.close(self.file, workflow.now())
                case retrospective_path.Wait():
                    await self.wait()
                case retrospective_path.Finish():
                    break
        await self.last_words()
        answer = self.file.answer
        return RetrospectiveResult(
            case_id=self.file.case_id,
            review=self.file.review,
            review_status=answer.status.value if answer is not None else None,
        )

    # What people and the review may tell. A handler only puts the message in the inbox; the loop above judges it.

    @workflow.signal
    def note_duplicate(self, message: NoteDuplicate) -> None:
        self.inbox.append(message)

    @workflow.signal
    def review_answered(self, message: ReviewAnswered) -> None:
        self.inbox.append(message)

    @workflow.signal
    def raise_concern(self, message: RaiseConcern) -> None:
        self.inbox.append(message)

    @workflow.signal
    def refer_to_compliance(self, message: ReferToCompliance) -> None:
        self.inbox.append(message)

    @workflow.signal
    def record_lesson(self, message: RecordLesson) -> None:
        self.inbox.append(message)

    @workflow.update
    async def act(self, message: RetrospectiveMessage) -> Answer:
        """Any of the messages above, for callers who need the answer: refused at once by the rule it breaks."""
        return await self.answer(message)

    @act.validator
    def _may_act(self, message: RetrospectiveMessage) -> None:
        self.refuse_early(message)

    @workflow.query
    def status(self) -> CaseStanding:
        """Where the review stands, with one sentence on what it waits for."""
        return retrospective_view.standing(self.file)
