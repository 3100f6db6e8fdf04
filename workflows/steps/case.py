"""What every process of Umpire shares: its inbox, its journal, its letters, its waits.

This module is imported past the workflow sandbox, so nothing here may read a clock, a file or chance; linting forbids it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Generic, NoReturn, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from activities.case_records import Records
from activities.delivery import Delivery
from activities.members import People
from domain.authorization.messages import TakeExtension
from domain.cases import concern_notes
from domain.cases import journal_rows as cases_journal_rows
from domain.cases import letter_tracking as mail
from domain.cases import receipt as reception
from domain.cases.case import Dossier
from domain.cases.concern_notes import NoteConcern
from domain.cases.member_case import PersonLook, PersonOrder
from domain.cases.messages import Answer, ClaimTask, CompleteTask, Message, ReassignTask, ReleaseTask
from domain.cases.orders import DeliverOrder, Known, KnownOrder, Recorded, RecordOrder
from domain.cases.views import CaseView, LetterView
from domain.errors import Refusal
from domain.letters.orders import LetterOrder
from domain.letters.stay_facts import StayLetterOrder
from engine import options

BY_REVIEWERS = (ClaimTask, ReleaseTask, ReassignTask, CompleteTask, TakeExtension)

D = TypeVar("D", bound=Dossier)
M = TypeVar("M", bound=Message)


class Process(Generic[D, M]):
    """State and glue of a workflow that keeps one dossier. Subclasses tell the process itself."""

    def __init__(self, dossier: D) -> None:
        self.dossier = dossier
        self.inbox: list[M | NoteConcern] = []

    # -- what each process says for itself -----------------------------------------------------------------------------

    def judge(self, message: M) -> Answer:
        """Carry out a message or refuse it: the domain's one entrance for this dossier."""
        raise NotImplementedError

    def judge_at_sight(self, message: M) -> tuple[Refusal, ...]:
        """What can be refused without looking anything up."""
        raise NotImplementedError

    def row(self) -> CaseView:
        """The dossier's row for the lists."""
        raise NotImplementedError

    def next_alarm(self) -> datetime | None:
        """The next instant (UTC) at which time itself has something to do, or None."""
        raise NotImplementedError

    def go_on(self) -> NoReturn:
        """Continue as new with everything that the dossier knows."""
        raise NotImplementedError

    def is_long(self) -> bool:
        """Whether the history of this run has become so long that a new one should go on."""
        return workflow.info().is_continue_as_new_suggested()

    def letters_left(self, letters: Sequence[LetterView], at: datetime) -> None:
        """Letters are out of the house since `at` (UTC): what the dossier makes of that."""

    # -- messages ------------------------------------------------------------------------------------------------------

    async def hear_messages(self) -> None:
        """Judge and carry out everything in the inbox, in the order of arrival. Before receipt is journalled they wait."""
        while self.inbox and self.dossier.is_opened:
            message = self.inbox[0]
            if isinstance(message, NoteConcern):
                concern_notes.note(self.dossier, message, workflow.now())
            else:
                if message.message_id not in self.dossier.answers:
                    await self.look_up(message)
                self.judge(message)
            self.inbox.pop(0)

    async def answer(self, message: M) -> Answer:
        """Put a message in the inbox and wait for its answer; a refusal becomes an error that the caller sees at once."""
        self.inbox.append(message)
        await workflow.wait_condition(lambda: message.message_id in self.dossier.answers)
        answer = self.dossier.answers[message.message_id]
        if not answer.accepted:
            raise refused(answer)
        return answer

    def refuse_early(self, message: M) -> None:
        """Refuse in the validator, without a trace in the history, what can already be judged. Raises ApplicationError."""
        if not self.dossier.is_opened or message.message_id in self.dossier.answers:
            return
        broken = self.judge_at_sight(message)
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

    async def look_up(self, message: M) -> None:
        """Read what the message cannot be believed on: who acts, and with which licences."""
        if isinstance(message, BY_REVIEWERS):
            await self.read_known(tuple(sorted({message.reviewer_id, message.actor.id})))

    async def read_known(self, reviewer_ids: tuple[str, ...], *, with_request: bool = False) -> Known:
        """Take in what the directory holds on these people right now; who is not in it any more is forgotten."""
        known = await workflow.execute_local_activity_method(
            Records.read_known,
            KnownOrder(case_id=self.dossier.case_id, reviewer_ids=reviewer_ids, with_request=with_request),
            **options.STORE,
        )
        for reviewer_id in reviewer_ids:
            self.dossier.reviewers.pop(reviewer_id, None)
        self.dossier.reviewers.update({reviewer.reviewer_id: reviewer for reviewer in known.reviewers})
        return known

    # -- letters -------------------------------------------------------------------------------------------------------

    async def hand_over(self, letter_ids: tuple[str, ...]) -> None:
        """Give letters to the outside, each exactly once. A carrier in trouble is tried again later, not waited for."""
        order = DeliverOrder(case_id=self.dossier.case_id, letter_ids=letter_ids, now=workflow.now())
        out: tuple[str, ...] = ()
        try:
            out = (await workflow.execute_activity_method(Delivery.deliver, order, **options.DELIVERY)).out
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
        self.out_of_the_house(out)
        if len(out) < len(letter_ids):
            mail.carrier_in_trouble(self.dossier, workflow.now())

    def out_of_the_house(self, letter_ids: tuple[str, ...]) -> None:
        """Record that letters left just now."""
        now = workflow.now()
        self.letters_left(mail.left(self.dossier, letter_ids, now), now)
        mail.settle(self.dossier, now)

    async def look_up_person(self, member_id: str, day: date | None = None) -> PersonLook:
        """The member and their plan as they are now (or on `day`)."""
        order = PersonOrder(member_id=member_id, now=workflow.now(), day=day)
        return await workflow.execute_local_activity_method(People.look_up_person, order, **options.STORE)

    async def write_stay_letters(self, orders: tuple[StayLetterOrder, ...]) -> None:
        """Write these notices together with the journal. What cannot be written becomes a timed task."""
        recorded = await self.write_journal(stay_letters=orders)
        notices = tuple(order.notice for order in orders)
        self.out_of_the_house(mail.written(self.dossier, notices, recorded, workflow.now()))

    # -- journal and waiting -------------------------------------------------------------------------------------------

    async def write_journal(
        self, letters: tuple[LetterOrder, ...] = (), stay_letters: tuple[StayLetterOrder, ...] = ()
    ) -> Recorded:
        """Hand what happened, and the letters it calls for, to the store in one transaction."""
        dossier = self.dossier
        if not dossier.pending and not letters and not stay_letters:
            return Recorded()
        entries = cases_journal_rows.drain(dossier, self.row) if dossier.pending else ()
        order = RecordOrder(case_id=dossier.case_id, entries=entries, letters=letters, stay_letters=stay_letters)
        # Not a local activity: what goes into the journal has to stand in Temporal's history first. A local one whose worker
        # dies before its workflow task is complete runs again with other stamps, which the journal would refuse for ever.
        return await workflow.execute_activity_method(Records.record, order, **options.JOURNAL)

    async def wait(self) -> None:
        """Until somebody says something or the next instant comes; everything is in the journal before."""
        await self.write_journal()
        if self.is_long() and not self.inbox and workflow.all_handlers_finished():
            reception.forget_old_answers(self.dossier)
            self.go_on()
        alarm = self.next_alarm()
        timeout = None if alarm is None else max(alarm - workflow.now(), timedelta(0))
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: bool(self.inbox), timeout=timeout)


class TaskSignals:
    """The messages about tasks, and the note of a concern, that every process takes. A handler only puts the message in the
    inbox."""

    inbox: list[Any]

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
    def note_concern(self, message: NoteConcern) -> None:
        self.inbox.append(message)


def refused(answer: Answer) -> ApplicationError:
    """The error that carries every broken rule to the caller."""
    reasons = "; ".join(str(refusal) for refusal in answer.refusals)
    details: list[Any] = [refusal.model_dump(mode="json") for refusal in answer.refusals]
    return ApplicationError(reasons, *details, type="Refused", non_retryable=True)
