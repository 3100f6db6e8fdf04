"""One prior authorization, from receipt to the last letter."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.authorization import conclusion, task_sheet
    from domain.authorization import path as pathway
    from domain.authorization import standing as authorization_standing
    from domain.authorization import timers as watch
    from domain.authorization.messages import (
        AddDocuments,
        CaseMessage,
        CorrectRequest,
        RequestExpedite,
        SettlePeerToPeer,
        TakeExtension,
        Withdraw,
    )
    from domain.authorization.orders import CaseResult
    from domain.authorization.start import CaseStart
    from domain.authorization.task_sheet import TaskSheet
    from domain.cases.concern_notes import NoteConcern
    from domain.cases.messages import Answer, ClaimTask, CompleteTask, NoteDuplicate, ReassignTask, ReleaseTask
    from domain.cases.views import CaseStanding
    from workflows.steps.authorization import CaseProcess


@workflow.defn
class PriorAuthorization(CaseProcess):
    """Receipt, acknowledgment, coverage, need, criteria, review by people, determination, letters.

    The path itself is `domain.pathway`: it looks at the case and says what comes next; this class carries that out. At any
    time people may send documents, correct or withdraw the request, ask to expedite or to extend; clocks and escalations
    ring in between. Whatever happens is in the journal before the case waits again.
    """

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart) -> CaseResult:
        while True:
            await self.hear_messages()
            if self.case.is_opened:
                watch.ring(self.case, workflow.now())
            match pathway.next_step(self.case, workflow.now()):
                case pathway.Assess():
                    await self.assess()
                case pathway.ComputeClocks():
                    await self.compute_clocks()
                case pathway.SendLetters(notices):
                    await self.write_letters(notices)
                case pathway.HandOver(letter_ids):
                    await self.hand_over(letter_ids)
                case pathway.Extend():
                    await self.announce_extension()
                case pathway.Reserve(reservations):
                    await self.reserve(reservations)
                case pathway.Conclude(status):
                    conclusion.conclude(self.case, status, workflow.now())
                case pathway.Report(process_id):
                    await self.report(process_id)
                case pathway.Close(status):
                    watch.ring(self.case, workflow.now())
                    conclusion.close(self.case, status, workflow.now())
                case pathway.Wait():
                    await self.wait()
                case pathway.Finish():
                    break
        await self.last_words()
        return CaseResult(
            case_id=self.case.case_id,
            status=self.case.status.value,
            decided_at=self.case.decided_at,
            authorization_number=self.case.authorization_number,
        )

    # What people may tell the case. A handler only puts the message in the inbox; the loop above judges it.

    @workflow.signal
    def claim_task(self, message: ClaimTask) -> None:
        self.inbox.append(message)

    @workflow.signal
    def release_task(self, message: ReleaseTask) -> None:
        self.inbox.append(message)

    @workflow.signal
    def reassign_task(self, message: ReassignTask) -> None:
        self.inbox.append(message)

    @workflow.signal
    def complete_task(self, message: CompleteTask) -> None:
        self.inbox.append(message)

    @workflow.signal
    def add_documents(self, message: AddDocuments) -> None:
        self.inbox.append(message)

    @workflow.signal
    def correct_request(self, message: CorrectRequest) -> None:
        self.inbox.append(message)

    @workflow.signal
    def withdraw(self, message: Withdraw) -> None:
        self.inbox.append(message)

    @workflow.signal
    def request_expedite(self, message: RequestExpedite) -> None:
        self.inbox.append(message)

    @workflow.signal
    def take_extension(self, message: TakeExtension) -> None:
        self.inbox.append(message)

    @workflow.signal
    def settle_peer_to_peer(self, message: SettlePeerToPeer) -> None:
        self.inbox.append(message)

    @workflow.signal
    def note_duplicate(self, message: NoteDuplicate) -> None:
        self.inbox.append(message)

    @workflow.signal
    def note_concern(self, message: NoteConcern) -> None:
        self.inbox.append(message)

    @workflow.update
    async def act(self, message: CaseMessage) -> Answer:
        """Any of the messages above, for callers who need the answer: refused at once by the rule it breaks."""
        return await self.answer(message)

    @act.validator
    def _may_act(self, message: CaseMessage) -> None:
        self.refuse_early(message)

    @workflow.query
    def status(self) -> CaseStanding:
        """Where the case stands, with one sentence on what it waits for."""
        return authorization_standing.standing(self.case)

    @workflow.query
    def task_sheet(self, task_id: str) -> TaskSheet:
        """Everything that a reviewer needs for one task."""
        return task_sheet.sheet(self.case, task_id, workflow.now())
