"""What every process of a case shares: its inbox, its journal, its letters, its waits.

This module is imported past the workflow sandbox, so nothing here may read a clock, a file or chance; linting forbids it.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from activities.delivery import Delivery
from activities.records import Records
from activities.review import Review
from domain import (
    benefits,
    case_rows,
    casework,
    checks,
    clock_watch,
    letter_orders,
    opening,
    post_room,
    standing,
    watch,
)
from domain.case import Case, CaseStart
from domain.clocks import ClockEvent, DueKind, EventKind, ExtensionReason
from domain.journal import EntryKind
from domain.messages import (
    AddDocuments,
    Answer,
    CaseMessage,
    ClaimTask,
    CompleteTask,
    CorrectRequest,
    ReassignTask,
    ReleaseTask,
    TakeExtension,
)
from domain.orders import (
    Clocks,
    DeliverOrder,
    KnownOrder,
    LetterOrder,
    Look,
    LookOrder,
    Recorded,
    RecordOrder,
    Reservation,
    ReserveOrder,
)
from domain.vocabulary import NoticeKind
from engine import options

BY_REVIEWERS = (ClaimTask, ReleaseTask, ReassignTask, CompleteTask, TakeExtension)


class CaseProcess:
    """State and glue of a case's workflow. Subclasses tell the process itself."""

    def __init__(self, start: CaseStart) -> None:
        self.inbox: list[CaseMessage] = []
        self.case = start.carried or Case(
            case_id=start.case_id, request_version=start.request_version, received_at=start.received_at
        )

    # -- messages ------------------------------------------------------------------------------------------------------

    async def hear_messages(self) -> None:
        """Judge and carry out everything in the inbox, in the order of arrival. Before receipt is journalled they wait."""
        while self.inbox and self.case.is_opened:
            message = self.inbox[0]
            if message.message_id not in self.case.answers:
                await self._look_up(message)
            casework.receive(self.case, message, workflow.now())
            self.inbox.pop(0)

    async def answer(self, message: CaseMessage) -> Answer:
        """Put a message in the inbox and wait for its answer; a refusal becomes an error that the caller sees at once."""
        self.inbox.append(message)
        await workflow.wait_condition(lambda: message.message_id in self.case.answers)
        answer = self.case.answers[message.message_id]
        if not answer.accepted:
            raise refused(answer)
        return answer

    def refuse_early(self, message: CaseMessage) -> None:
        """Refuse in the validator, without a trace in the history, what the case can already judge. Raises ApplicationError."""
        if not self.case.is_opened or message.message_id in self.case.answers:
            return
        broken = checks.refusals_at_sight(self.case, message, workflow.now())
        if broken:
            raise refused(Answer(message_id=message.message_id, accepted=False, says="Refused.", refusals=broken))

    async def last_words(self) -> None:
        """Nobody owes anything any more: answer whoever spoke until now, and end only when nobody waits for an answer."""
        while True:
            await self.hear_messages()
            await self.write_journal()
            if not self.inbox and workflow.all_handlers_finished():
                return
            await workflow.wait_condition(lambda: bool(self.inbox) or workflow.all_handlers_finished())

    async def _look_up(self, message: CaseMessage) -> None:
        """Read what the message cannot be believed on: who acts, with which licences, and which versions there are."""
        ids: tuple[str, ...] = ()
        if isinstance(message, BY_REVIEWERS):
            ids = tuple(sorted({message.reviewer_id, message.actor.id}))
        elif not isinstance(message, AddDocuments | CorrectRequest) or message.request_version is None:
            return
        known = await workflow.execute_local_activity_method(
            Records.read_known, KnownOrder(case_id=self.case.case_id, reviewer_ids=ids), **options.STORE
        )
        for reviewer_id in ids:
            self.case.reviewers.pop(reviewer_id, None)
        self.case.reviewers.update({reviewer.reviewer_id: reviewer for reviewer in known.reviewers})
        self.case.newest_version = known.newest_version

    # -- looking -------------------------------------------------------------------------------------------------------

    async def assess(self) -> None:
        """Look at everything that routing needs. The first look opens the case and owes the acknowledgment."""
        opening.assessed(self.case, await self._look(), workflow.now())

    async def _look(self) -> Look:
        """Load the request, coverage, requirements, criteria and clocks in one go; patiently when eligibility is down."""
        order = self._look_order()
        look = await workflow.execute_local_activity_method(Review.look_into, order, **options.STORE)
        if look.eligibility_answered:
            return look
        try:
            return await workflow.execute_activity_method(Review.look_patiently, order, **options.ELIGIBILITY)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return look

    async def compute_clocks(self) -> None:
        """Compute every clock anew from the events so far."""
        found = await self._clocks(self._look_order())
        self.case.clocks = found.clocks
        self.case.clocks_stale = False
        self.case.note(
            EntryKind.CLOCKS_COMPUTED,
            workflow.now(),
            f"Clocks computed: {', '.join(clock.rule_id for clock in found.clocks) or 'none binds'}.",
            clocks=case_rows.clock_rows(self.case),
        )

    async def _clocks(self, order: LookOrder) -> Clocks:
        return await workflow.execute_local_activity_method(Review.compute_clocks, order, **options.STORE)

    def _look_order(self, *more: ClockEvent) -> LookOrder:
        case = self.case
        return LookOrder(
            case_id=case.case_id,
            request_version=case.request_version,
            received_at=case.received_at,
            events=(*case.clock_events, *more),
            now=workflow.now(),
        )

    # -- letters -------------------------------------------------------------------------------------------------------

    async def write_letters(self, notices: tuple[NoticeKind, ...]) -> None:
        """Write the letters together with the journal. What cannot be written becomes a timed task."""
        now = workflow.now()
        orders = tuple(order for notice in notices for order in letter_orders.orders(self.case, notice, now))
        recorded = await self.write_journal(orders)
        post_room.written(self.case, notices, recorded, workflow.now())

    async def hand_over(self, letter_ids: tuple[str, ...]) -> None:
        """Give letters to the outside, each exactly once. A carrier in trouble is tried again later, not waited for."""
        order = DeliverOrder(case_id=self.case.case_id, letter_ids=letter_ids, now=workflow.now())
        out: tuple[str, ...] = ()
        try:
            out = (await workflow.execute_activity_method(Delivery.deliver, order, **options.DELIVERY)).out
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
        post_room.handed_over(self.case, out, workflow.now())
        if len(out) < len(letter_ids):
            post_room.carrier_in_trouble(self.case, workflow.now())

    async def announce_extension(self) -> None:
        """Write the extension notice with the new date; it counts from the instant at which it is out of the house."""
        case, now = self.case, workflow.now()
        taken, due = case.extension, case.due()
        if taken is None:
            return
        reason = ExtensionReason(taken.reason)
        wrong = due[0].why_not_extend(reason, now) if due is not None else "no decision clock runs"
        if wrong is None and due is not None:
            event = ClockEvent(kind=EventKind.EXTENSION_NOTICE_SENT, at=now, reason=reason, days_given=taken.days_given)
            foreseen = clock_watch.earliest((await self._clocks(self._look_order(event))).clocks, DueKind.DECISION)
            case.extended_due = foreseen
            wrong = (
                None if foreseen is not None and foreseen > due[1].at else "another clock of the case would not move"
            )
        if wrong is not None:
            post_room.give_up_extension(case, wrong, now)
            return
        await self.write_letters((NoticeKind.EXTENSION,))

    # -- journal and waiting -------------------------------------------------------------------------------------------

    async def reserve(self, reservations: tuple[Reservation, ...]) -> None:
        """Take the units of benefit limits, and give back what is not wanted any more."""
        order = ReserveOrder(
            case_id=self.case.case_id,
            reservations=reservations,
            given_back=benefits.given_back(self.case, reservations),
        )
        found = await workflow.execute_activity_method(Records.reserve, order, **options.JOURNAL)
        benefits.reserved(self.case, reservations, found.refused, workflow.now())

    async def write_journal(self, letters: tuple[LetterOrder, ...] = ()) -> Recorded:
        """Hand what happened, and the letters it calls for, to the store in one transaction."""
        case = self.case
        if not case.pending and not letters:
            return Recorded()
        entries = case_rows.drain(case, standing.waiting(case))
        order = RecordOrder(case_id=case.case_id, entries=entries, letters=letters)
        # Not a local activity: what goes into the journal has to stand in Temporal's history first. A local one whose worker
        # dies before its workflow task is complete runs again with other stamps, which the journal would refuse for ever.
        return await workflow.execute_activity_method(Records.record, order, **options.JOURNAL)

    async def wait(self) -> None:
        """Until somebody says something or the next instant comes; everything is in the journal before."""
        await self.write_journal()
        if workflow.info().is_continue_as_new_suggested() and not self.inbox and workflow.all_handlers_finished():
            workflow.continue_as_new(self._carry())
        alarm = watch.next_alarm(self.case)
        timeout = None if alarm is None else max(alarm - workflow.now(), timedelta(0))
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: bool(self.inbox), timeout=timeout)

    def _carry(self) -> CaseStart:
        case = self.case
        casework.forget_old_answers(case)
        return CaseStart(
            case_id=case.case_id,
            request_version=case.request_version,
            received_at=case.received_at,
            carried=case,
        )


def refused(answer: Answer) -> ApplicationError:
    """The error that carries every broken rule to the caller."""
    reasons = "; ".join(str(refusal) for refusal in answer.refusals)
    details = [refusal.model_dump(mode="json") for refusal in answer.refusals]
    return ApplicationError(reasons, *details, type="Refused", non_retryable=True)
