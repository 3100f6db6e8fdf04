"""What the process of a request needs beside what all processes share: looks, clocks, letters, reservations.

This module is imported past the workflow sandbox, so nothing here may read a clock, a file or chance; linting forbids it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from activities.authorization_review import Review
from activities.case_records import Records
from domain.authorization import benefit_units as benefits
from domain.authorization import clock_tracking as clock_watch
from domain.authorization import conclusion, letter_orders
from domain.authorization import intake_findings as opening
from domain.authorization import letter_events as post_room
from domain.authorization import message_checks as checks
from domain.authorization import message_effects as casework
from domain.authorization import standing as authorization_standing
from domain.authorization import timers as watch
from domain.authorization import views as case_rows
from domain.authorization.case import Case
from domain.authorization.messages import AddDocuments, CaseMessage, CorrectRequest
from domain.authorization.orders import Look, LookOrder, Reservation, ReserveOrder
from domain.authorization.start import CaseStart
from domain.cases import journal_rows as cases_journal_rows
from domain.cases.messages import Answer
from domain.cases.orders import Clocks
from domain.cases.views import CaseView, LetterView
from domain.clocks.engine import ClockEvent, DueKind, EventKind, ExtensionReason
from domain.errors import Refusal
from domain.journal import EntryKind
from domain.vocabulary import NoticeKind
from engine import options
from workflows.steps.case import BY_REVIEWERS, Process


class CaseProcess(Process[Case, CaseMessage]):
    """State and glue of the workflow of a request. Subclasses tell the process itself."""

    def __init__(self, start: CaseStart) -> None:
        self.case = start.carried or Case(
            case_id=start.case_id, request_version=start.request_version, received_at=start.received_at
        )
        super().__init__(self.case)

    def judge(self, message: CaseMessage) -> Answer:
        return casework.receive(self.case, message, workflow.now())

    def judge_at_sight(self, message: CaseMessage) -> tuple[Refusal, ...]:
        return checks.refusals_at_sight(self.case, message, workflow.now())

    def row(self) -> CaseView:
        return case_rows.row(self.case, authorization_standing.waiting(self.case))

    def next_alarm(self) -> datetime | None:
        return watch.next_alarm(self.case)

    def go_on(self) -> NoReturn:
        case = self.case
        workflow.continue_as_new(
            CaseStart(
                case_id=case.case_id,
                request_version=case.request_version,
                received_at=case.received_at,
                carried=case,
            )
        )

    def letters_left(self, letters: Sequence[LetterView], at: datetime) -> None:
        post_room.told(self.case, letters, at)

    async def look_up(self, message: CaseMessage) -> None:
        """Also which versions of the request there are."""
        if isinstance(message, BY_REVIEWERS):
            ids = tuple(sorted({message.reviewer_id, message.actor.id}))
        elif isinstance(message, AddDocuments | CorrectRequest) and message.request_version is not None:
            ids = ()
        else:
            return
        self.case.newest_version = (await self.read_known(ids, with_request=True)).newest_version

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
            clocks=cases_journal_rows.clock_rows(self.case),
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

    async def report(self, process_id: str) -> None:
        """Tell the process that asked what came of the review. One that is over by now needs no answer."""
        answer = conclusion.answered(self.case, workflow.now())
        asker = workflow.get_external_workflow_handle(options.workflow_id(process_id))
        try:
            await asker.signal("review_answered", answer)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
        self.case.reported = True

    async def reserve(self, reservations: tuple[Reservation, ...]) -> None:
        """Take the units of benefit limits, and give back what is not wanted any more."""
        order = ReserveOrder(
            case_id=self.case.case_id,
            reservations=reservations,
            given_back=benefits.given_back(self.case, reservations),
        )
        found = await workflow.execute_activity_method(Records.reserve, order, **options.JOURNAL)
        benefits.reserved(self.case, reservations, found.refused, workflow.now())
