"""Steps that the workflows of all cases share: inbox, journal, letters, waiting.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import (
    ActivityError,
    FailureError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)

from activities.case_records import CaseRecords
from activities.delivery import LetterDelivery
from activities.members import MemberLookups
from domain import limits
from domain.authorization.messages import STAFF_ACTS
from domain.cases import (
    concern_notes,
    desk_messages,
    journal_rows,
    letter_tracking,
    receipt,
    review_records,
    snapshots,
    step_trouble,
    task_messages,
)
from domain.cases.case import Case
from domain.cases.concern_notes import NoteConcern
from domain.cases.desk_messages import DESK_MESSAGES, DeskMessage, OpenRecord
from domain.cases.member_case import MemberContext, MemberInput
from domain.cases.messages import (
    BaseMessage,
    ClaimTask,
    CompleteTask,
    MessageResult,
    ReassignTask,
    ReleaseTask,
    ReviewAnswered,
)
from domain.cases.orders import (
    CaseRun,
    DeliveryInput,
    DirectorySnapshot,
    RecordInput,
    RecordResult,
    ReviewersInput,
    StartInput,
)
from domain.cases.review_records import ReviewRecordInput
from domain.cases.views import CaseLetter
from domain.errors import ImpossibleState, RuleViolation
from domain.journal import EntryKind
from domain.letters.orders import LetterOrder
from engine import options
from engine.activity_errors import error_location
from workflows.steps import listing, starts, turns
from workflows.steps.recovery import RecoveringRun, is_of_temporal
from workflows.steps.rejections import reject_early, rejection_error
from workflows.steps.signals import UnreadableSignal

BY_REVIEWERS = (ClaimTask, ReleaseTask, ReassignTask, CompleteTask, *STAFF_ACTS)
MOST_STATE = 1_600_000
"""The characters of a case's state that travel with its journal, packed: with a portion of the journal, and packed once more,
they are less than the two million bytes of Temporal's largest payload."""

D = TypeVar("D", bound=Case)
M = TypeVar("M", bound=BaseMessage)


class CaseWorkflow(RecoveringRun[D], Generic[D, M]):
    """State and steps of a workflow that runs one case. Subclasses define the order of steps and the message handlers."""

    def __init__(self, given: Sequence[object]) -> None:
        read = starts.read_start(self.kind_of_start, given)
        if read is None and starts.is_continued_run():
            raise ImpossibleState("the earlier run carried on what this release cannot read")
        start: Any = read
        self.refused_start = ""
        if self.is_of_another_case(start) or start is None:
            self.refused_start = starts.NO_START
            start = self.blank_start(workflow.info().workflow_id, workflow.info().start_time)
        elif start.carried is not None and not starts.is_continued_run():
            self.refused_start = starts.ANOTHER_CASE
            start = start.model_copy(update={"carried": None})
        self.inbox: list[M | NoteConcern | DeskMessage | UnreadableSignal] = []
        self.begin(start, start.carried if start.carried is not None else self.begin_case(start))

    # -- defined by each process ---------------------------------------------------------------------------------------

    def blank_start(self, case_id: str, at: datetime) -> BaseModel:
        """A start that says nothing but the number, for a run of `at` (UTC) whose own could not be read."""
        raise NotImplementedError

    def is_of_another_case(self, start: starts.Start | None) -> bool:
        """Whether the start does not name this case: a case is always the one of its workflow's own number."""
        other = start is None or start.case_id != workflow.info().workflow_id
        return other and workflow.patched("case_of_its_own_number")

    def handle_message(self, message: M) -> MessageResult:
        """Carry out a message or reject it, by the rules of the domain."""
        raise NotImplementedError

    def validate_without_lookup(self, message: M) -> tuple[RuleViolation, ...]:
        """The violations that can be found without a lookup."""
        raise NotImplementedError

    def should_continue_as_new(self) -> bool:
        """Whether the history of this run is so long that a new run should continue the case."""
        return workflow.info().is_continue_as_new_suggested()

    def on_letters_mailed(self, letters: Sequence[CaseLetter], at: datetime) -> None:
        """React to letters that were mailed at `at` (UTC)."""

    # -- messages ------------------------------------------------------------------------------------------------------

    async def process_inbox(self) -> None:
        """Handle every message in the inbox, in the order of arrival. They wait until the receipt of the case is journaled.

        No message can stop the case: what cannot be read or processed is refused, and the case goes on."""
        while self.inbox and self.case.is_opened:
            message = self.inbox[0]
            if isinstance(message, UnreadableSignal):
                receipt.refuse_unreadable(self.case, message.name, message.why, workflow.now())
                if message.is_sealed:
                    step_trouble.record_failed_message(self.case, message.name, workflow.now())
            elif message.message_id in self.case.answers and not self.is_read_again(message):
                pass  # a repeat: its first result stands
            elif (broken := self.limit_violations(message)) and workflow.patched("message-limits"):
                receipt.refuse_message(self.case, message, workflow.now(), broken)
            else:
                await self.process_message(message)
            self.inbox.pop(0)
            self.snapshot = snapshots.take(self.case)
            if self.has_failed_message:
                await self.leave()
        self.snapshot = snapshots.take(self.case)

    def is_read_again(self, message: M | NoteConcern | DeskMessage) -> bool:
        """Whether a repeat counts anew: word of a review only wakes the case, which then reads the review's own record."""
        return isinstance(message, ReviewAnswered) and workflow.patched("review_result_from_its_record")

    def limit_violations(self, message: M | NoteConcern | DeskMessage) -> tuple[RuleViolation, ...]:
        """The limits that a message exceeds, and the time of acting of a concern, whose other rules stand with its own case."""
        broken = limits.message_violations(message)
        if broken or not isinstance(message, NoteConcern):
            return broken
        return tuple(task_messages.stamp_violations(self.case, message, workflow.now()))

    async def process_message(self, message: M | NoteConcern | DeskMessage) -> None:
        """Carry out a message, or reject it. One on which the code fails leaves no trace but its refusal."""
        before, seq = snapshots.take(self.case), self.case.seq
        try:
            if not isinstance(message, (NoteConcern, *DESK_MESSAGES)):
                await self.load_reviewers_for(message)
            if isinstance(message, NoteConcern):
                concern_notes.record_concern(self.case, message, workflow.now())
            elif isinstance(message, DESK_MESSAGES):
                await self.hear_from_desk(message)
            elif isinstance(message, ReviewAnswered) and workflow.patched("review_result_from_its_record"):
                await self.hear_of_review(message)
            else:
                self.handle_message(message)
            if self.case.seq == seq and workflow.patched("heard-means-journaled"):
                receipt.note_heard(self.case, message, workflow.now())
            self.row()  # what could not be shown could not be journaled
        except Exception as error:
            if is_of_temporal(error):
                raise
            # Only kind and place are logged: the error's text may quote the message.
            kind = type(error).__name__
            workflow.logger.error("a message could not be processed: %s at %s", kind, error_location(error))
            snapshots.restore(self.case, before)
            receipt.refuse_message(self.case, message, workflow.now(), (receipt.NOT_PROCESSABLE,))
            # Earlier releases went on in the same run: their runs continue as they began.
            if workflow.patched("failed-message-ends-its-run"):
                step_trouble.record_failed_message(self.case, message.type, workflow.now())
                self.has_failed_message = True

    async def hear_from_desk(self, message: DeskMessage) -> None:
        """Handle a message that every case takes, by the directory and the records on file as they are now."""
        known = await self.load_reviewers((message.reviewer_id,), with_records=isinstance(message, OpenRecord))
        desk_messages.receive_message(self.case, message, known.records, workflow.now())

    async def hear_of_review(self, message: ReviewAnswered) -> None:
        """Handle the result of a review as the record of its case holds it; what the message says of it is not believed."""
        order = ReviewRecordInput(case_id=message.case_id)
        record = await workflow.execute_local_activity_method(MemberLookups.read_review_record, order, **options.STORE)
        broken = tuple(review_records.record_violations(record))
        if broken:
            receipt.refuse_message(self.case, message, workflow.now(), broken)
        else:
            self.handle_message(cast(M, review_records.as_recorded(message, record)))

    @workflow.update(name="desk")
    async def act_at_desk(self, message: DeskMessage) -> MessageResult:
        """A message that every case takes, for callers who need the result."""
        return await self.submit_and_wait(message)

    @act_at_desk.validator
    def _may_act_at_desk(self, message: DeskMessage) -> None:
        def find() -> tuple[RuleViolation, ...]:
            return tuple(desk_messages.violations_without_lookup(self.case, message, workflow.now()))

        reject_early(self.case, message, find)

    async def submit_and_wait(self, message: M | DeskMessage) -> MessageResult:
        """Put a message in the inbox and wait for its result; a rejection becomes an error that the caller sees at once."""
        self.hear(message)
        await workflow.wait_condition(lambda: message.message_id in self.case.answers)
        answer = self.case.answers[message.message_id]
        if not answer.accepted:
            raise rejection_error(answer)
        if workflow.patched("accepted-means-journaled"):
            told_at = self.case.seq
            await workflow.wait_condition(lambda: self.journaled >= told_at or self.is_leaving)
        return answer

    def reject_in_validator(self, message: M) -> None:
        """Reject a message in the update validator, without a trace in the history. Raises ApplicationError."""
        reject_early(self.case, message, lambda: self.validate_without_lookup(message))

    async def drain_before_completion(self) -> None:
        """Handle the remaining messages of a finished case, and return only when no caller waits for a result."""
        while True:
            await self.process_inbox()
            await self.write_journal()
            if not self.inbox and workflow.all_handlers_finished():
                listing.show(self.row)
                return
            await workflow.wait_condition(lambda: bool(self.inbox) or workflow.all_handlers_finished())

    async def load_reviewers_for(self, message: M) -> None:
        """Load the reviewers that the message names from the directory: their roles and licenses are never taken from the
        message."""
        if isinstance(message, BY_REVIEWERS):
            ids = tuple(sorted({message.reviewer_id, message.actor.id}))
            await self.load_reviewers(ids, takes_task=isinstance(message, ClaimTask | ReassignTask))

    async def load_reviewers(
        self,
        reviewer_ids: tuple[str, ...],
        *,
        with_request: bool = False,
        document_ids: tuple[str, ...] = (),
        with_records: bool = False,
        takes_task: bool = False,
    ) -> DirectorySnapshot:
        """Load these reviewers from the directory as they are now; those no longer in it are removed from the case. With the
        newest version of the request also which of these documents it has, and with it or alone the records on file.
        `takes_task`: one of them is to have a task, so that the States of the plan's nurses are asked for too."""
        known = await workflow.execute_local_activity_method(
            CaseRecords.read_known,
            ReviewersInput(
                case_id=self.case.case_id,
                reviewer_ids=reviewer_ids,
                with_request=with_request,
                document_ids=document_ids,
                with_records=with_records,
                nurses_on=self.case.day(workflow.now()) if takes_task else None,
            ),
            **options.STORE,
        )
        for reviewer_id in reviewer_ids:
            self.case.reviewers.pop(reviewer_id, None)
        self.case.reviewers.update({reviewer.reviewer_id: reviewer for reviewer in known.reviewers})
        if takes_task:
            self.case.nurse_states = known.nurse_states
        return known

    # -- letters -------------------------------------------------------------------------------------------------------

    async def deliver_letters(self, letter_ids: tuple[str, ...]) -> None:
        """Deliver letters to the carrier, each exactly once. When the carrier fails, the case retries later without waiting."""
        order = DeliveryInput(case_id=self.case.case_id, letter_ids=letter_ids, now=workflow.now())
        out: tuple[str, ...] = ()
        try:
            out = (await workflow.execute_activity_method(LetterDelivery.deliver, order, **options.DELIVERY)).out
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
        self.mark_mailed(out)
        if len(out) < len(letter_ids):
            letter_tracking.report_delivery_trouble(self.case, workflow.now())

    def mark_mailed(self, letter_ids: tuple[str, ...]) -> None:
        """Record that letters were mailed just now."""
        now = workflow.now()
        self.on_letters_mailed(letter_tracking.mark_mailed(self.case, letter_ids, now), now)
        letter_tracking.close_delivery_trouble(self.case, now)

    async def load_member(self, member_id: str, day: date | None = None) -> MemberContext:
        """Load the member and their plan as they are now (or on `day`)."""
        order = MemberInput(member_id=member_id, now=workflow.now(), day=day)
        return await workflow.execute_local_activity_method(MemberLookups.look_up_person, order, **options.STORE)

    async def write_stay_letters(self, orders: tuple[LetterOrder, ...]) -> None:
        """Write these notices together with the journal. A notice that cannot be written becomes a task with a due date."""
        recorded = await self.write_journal(orders)
        notices = tuple(order.notice for order in orders)
        self.mark_mailed(letter_tracking.record_written(self.case, notices, recorded, workflow.now()))

    # -- other cases ---------------------------------------------------------------------------------------------------

    async def start_beside(self, name: str, start: BaseModel, case_id: str) -> None:
        """Start the workflow `name` as a case of its own, which outlives this one. Starting it again changes nothing."""
        if workflow.patched("starts-on-file"):
            order = StartInput(case_id=case_id, run=CaseRun(workflow=name, start=start.model_dump_json()))
            await workflow.execute_local_activity_method(CaseRecords.keep_start, order, **options.STORE)
        with contextlib.suppress(WorkflowAlreadyStartedError):
            await workflow.start_child_workflow(
                name,
                start,
                id=options.workflow_id(case_id),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                # A case that has ended is never opened anew under its number.
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                search_attributes=listing.of_child(name),
            )

    async def tell(self, case_id: str, message: BaseMessage) -> bool:
        """Signal a message to another case, under its type; False where it has ended, or does not run."""
        other = workflow.get_external_workflow_handle(options.workflow_id(case_id))
        try:
            await other.signal(message.type, message)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            return False
        return True

    # -- journal and waiting -------------------------------------------------------------------------------------------

    async def write_journal(self, letters: tuple[LetterOrder, ...] = ()) -> RecordResult:
        """Write the pending journal entries, and these letters, in one transaction."""
        case = self.case
        if self.refused_start and case.is_opened:
            case.note(EntryKind.MESSAGE_REFUSED, workflow.now(), f"Refused: start - it brought {self.refused_start}")
            self.refused_start = ""
        if not case.pending and not letters:
            return RecordResult()
        is_hidden = case.trouble is not None and case.trouble.is_hidden
        if case.pending and not is_hidden:
            self.attach_views()
        entries = journal_rows.take_pending_entries(case, None if is_hidden else self.row) if case.pending else ()
        *portions, last = journal_rows.in_portions(entries)
        if portions and not workflow.patched("journal-in-portions"):
            portions, last = [], entries
        for portion in portions:
            await self._record(RecordInput(case_id=case.case_id, entries=portion))
        recorded = await self._record(
            RecordInput(case_id=case.case_id, entries=last, letters=letters, run=self.current_run())
        )
        self.snapshot = snapshots.take(case)  # what is journaled is not undone
        return recorded

    def current_run(self) -> CaseRun | None:
        """The case as it is now, to be started again from should this run be lost. None once it is closed, or too large."""
        if not self.case.is_open:
            return None
        start = self.start.model_copy(update={"carried": self.case}).model_dump_json()
        run = CaseRun.keeping(workflow.info().workflow_type, start)
        return run if len(run.start) <= MOST_STATE else None

    async def _record(self, order: RecordInput) -> RecordResult:
        # Not a local activity: journal entries must be in Temporal's history first. A local activity whose worker dies before
        # its workflow task is complete runs again with other timestamps, which the journal would reject forever.
        recorded = await workflow.execute_activity_method(CaseRecords.record, order, **turns.of_journal())
        if recorded.contradicts:
            await self.take_over_kept_case()
        if order.entries:
            self.journaled = max(self.journaled, order.entries[-1].seq)
        return recorded

    async def wait_for_message_or_timer(self) -> None:
        """Write the journal, then wait for the next message or timer."""
        step_trouble.record_recovery(self.case, workflow.now())
        await self.write_journal()
        if self.should_continue_as_new():  # handlers that waited for the journal end first
            await workflow.wait_condition(lambda: bool(self.inbox) or workflow.all_handlers_finished())
        if self.should_continue_as_new() and not self.inbox and workflow.all_handlers_finished():
            receipt.drop_old_results(self.case)
            self.continue_in_new_run()
        listing.show(self.row)
        alarm = self.next_timer()
        timeout = None if alarm is None else max(alarm - workflow.now(), timedelta(0))
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: bool(self.inbox), timeout=timeout)
