"""What every process of a case shares: its inbox, its journal, its letters, its waits.

This module is imported past the workflow sandbox, so nothing here may read a clock, a file or chance; linting forbids it.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.delivery import Delivery
from activities.records import Records
from activities.review import Review
from domain import casework, checks, letter_orders, watch
from domain.case import Case, CaseStart
from domain.clocks import ClockEvent, DueKind, EventKind, ExtensionReason
from domain.journal import EntryKind
from domain.messages import (
    Answer,
    CaseMessage,
    ClaimTask,
    CompleteTask,
    ReassignTask,
    ReleaseTask,
    TakeExtension,
)
from domain.orders import (
    BlockedLetter,
    Clocks,
    DeliverOrder,
    LetterOrder,
    Look,
    LookOrder,
    Recorded,
    RecordOrder,
    ReviewersOrder,
    WrittenLetter,
)
from domain.tasks import TaskKind
from domain.views import LetterView
from domain.vocabulary import Audience, NoticeKind, Role
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
            await self._know_reviewers(message)
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

    async def _know_reviewers(self, message: CaseMessage) -> None:
        """Read the directory's record of who acts, so that nobody's own word on their licence counts."""
        if not isinstance(message, BY_REVIEWERS):
            return
        ids = tuple(sorted({message.reviewer_id, message.actor.id}))
        found = await workflow.execute_local_activity_method(
            Records.read_reviewers, ReviewersOrder(reviewer_ids=ids), **options.STORE
        )
        for reviewer_id in ids:
            self.case.reviewers.pop(reviewer_id, None)
        self.case.reviewers.update({reviewer.reviewer_id: reviewer for reviewer in found.found})

    # -- looking -------------------------------------------------------------------------------------------------------

    async def look(self) -> Look:
        """Load the request, coverage, requirements, criteria and clocks in one go; patiently when eligibility is down."""
        order = self._look_order()
        look = await workflow.execute_local_activity_method(Review.look_into, order, **options.STORE)
        if look.eligibility_answered:
            return look
        try:
            return await workflow.execute_activity_method(Review.look_patiently, order, **options.ELIGIBILITY)
        except ActivityError:
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
            clocks=self.case.clock_views(),
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

    async def send_letters(self, notices: tuple[NoticeKind, ...]) -> None:
        """Write the letters together with the journal, then hand them over. What cannot be written becomes a timed task."""
        case, now = self.case, workflow.now()
        recorded = await self.write_journal(tuple(letter_orders.order(case, notice, now) for notice in notices))
        case.owed_letters = [notice for notice in case.owed_letters if notice not in notices]
        for blocked in recorded.blocked:
            self._open_repair(blocked)
        for letter in recorded.letters:
            self._keep(letter)
        letter_orders.handed_over(case, recorded.handed_over, workflow.now())
        await self.hand_over()

    async def hand_over(self) -> None:
        """Give every letter that is still in the house to the outside, each exactly once.

        A carrier that stays in trouble must not hold the case: a person is told, and it is tried again later.
        """
        waiting = self.case.in_the_house()
        if not waiting:
            return
        order = DeliverOrder(case_id=self.case.case_id, letter_ids=waiting, now=workflow.now())
        try:
            await workflow.execute_activity_method(Delivery.deliver, order, **options.DELIVERY)
        except ActivityError:
            letter_orders.carrier_in_trouble(self.case, workflow.now())
        else:
            letter_orders.handed_over(self.case, waiting, workflow.now())

    async def announce_extension(self) -> None:
        """Write the extension notice with the new date; it counts from the instant at which it is out of the house."""
        taken = self.case.extension
        if taken is None:
            return
        event = ClockEvent(
            kind=EventKind.EXTENSION_NOTICE_SENT,
            at=workflow.now(),
            reason=ExtensionReason(taken.reason),
            days_given=taken.days_given,
        )
        foreseen = await self._clocks(self._look_order(event))
        self.case.extended_due = watch.earliest(foreseen.clocks, DueKind.DECISION)
        await self.send_letters((NoticeKind.EXTENSION,))

    def _keep(self, letter: WrittenLetter) -> None:
        view = LetterView(
            letter_id=letter.letter_id,
            notice=letter.notice,
            audience=Audience(letter.audience),
            recipient=letter.recipient,
            subject=letter.subject,
            written_at=workflow.now(),
        )
        self.case.letters[letter.letter_id] = view
        self.case.note(
            EntryKind.LETTER_WRITTEN,
            workflow.now(),
            f"Letter written: {letter.notice.value.replace('_', ' ')} to the {letter.audience}.",
            letters=[view.model_dump(mode="json")],
            sha256=letter.sha256,
        )

    def _open_repair(self, blocked: BlockedLetter) -> None:
        case, now = self.case, workflow.now()
        case.blocked_letters.append(blocked.notice)
        what = blocked.notice.value.replace("_", " ")
        why = f"The {what} could not be written. {blocked.why}"
        case.note(EntryKind.LETTER_BLOCKED, now, why, missing=list(blocked.missing))
        hours = timedelta(hours=case.looked_at().policy.letter_repair_hours)
        case.new_task(TaskKind.LETTER_REPAIR, Role.SUPERVISOR, why, now, now + hours)

    # -- journal and waiting -------------------------------------------------------------------------------------------

    async def write_journal(self, letters: tuple[LetterOrder, ...] = ()) -> Recorded:
        """Hand what happened, and the letters it calls for, to the store in one transaction."""
        case = self.case
        if not case.pending and not letters:
            return Recorded()
        entries = case.drain(watch.waiting(case))
        reserved = letter_orders.reservations(case) if case.concluded is not None else ()
        order = RecordOrder(case_id=case.case_id, entries=entries, letters=letters, reservations=reserved)
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
