"""Steps of the hospital stay workflow: lookups, concurrent reviews, messages to the discharge plan, letters.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from temporalio import workflow

from activities.stay_reviews import StayLookups
from domain.authorization.start import AuthorizationStart
from domain.case_numbers import plan_number
from domain.cases import review_records
from domain.cases.letter_tracking import next_letter_sequence
from domain.cases.messages import MessageResult, ReviewAnswered
from domain.cases.orders import NoInput
from domain.cases.views import CaseView
from domain.discharge.start import DischargeStart
from domain.errors import ImpossibleState, RuleViolation
from domain.journal import UMPIRE
from domain.letters.orders import LetterOrder
from domain.letters.stay_facts import StayFacts
from domain.stays import (
    context_received,
    message_checks,
    message_effects,
    path,
    round_answers,
    round_opening,
    update_requests,
    views,
)
from domain.stays.case import StayCase, StayRun
from domain.stays.message_effects import build_facility_withdrawal
from domain.stays.messages import ProposeReduction, RecordAvoidableDay, StayMessage
from domain.stays.plan_messages import StayChanged, StaySnapshot
from domain.stays.question_tasks import says_below_order
from domain.vocabulary import NoticeKind
from engine import options
from engine.workflow_names import DISCHARGE_PLANNING, PRIOR_AUTHORIZATION
from workflows.steps.case import CaseWorkflow
from workflows.steps.signals import signal_types


class StayWorkflow(CaseWorkflow[StayCase, StayMessage]):
    """State and steps of the hospital stay workflow. The subclass defines the order of steps and the message handlers."""

    signals = signal_types(StayMessage)

    kind_of_start = StayRun

    def begin_case(self, start: StayRun) -> StayCase:
        return context_received.open_case(start)

    def blank_start(self, case_id: str, at: datetime) -> StayRun:
        return StayRun(stay_id=case_id, received_at=at, member_id="", facility="")

    @property
    def stay(self) -> StayCase:
        return self.case

    def handle_message(self, message: StayMessage) -> MessageResult:
        if not self.stay.keeps_order and says_below_order(self.stay, message):
            self.stay.keeps_order = workflow.patched("level_below_the_order_is_a_proposal")
        if not self.stay.notice_asks_once and round_answers.takes_notice_back(self.stay, message):
            self.stay.notice_asks_once = workflow.patched("withdrawn_notice_asks_no_more")
        return message_effects.receive_message(self.stay, message, workflow.now())

    def validate_without_lookup(self, message: StayMessage) -> tuple[RuleViolation, ...]:
        return message_checks.violations_without_lookup(self.stay, message, workflow.now())

    def row(self) -> CaseView:
        return views.case_view(self.stay)

    def next_timer(self) -> datetime | None:
        return path.next_timer(self.stay, workflow.now())

    def awaited_results(self) -> Sequence[ReviewAnswered]:
        asked = self.stay.round
        if asked is None:
            return ()
        return (review_records.word_of_review(asked.case_id, asked.purpose, asked.number, workflow.now()),)

    def continue_in_new_run(self) -> NoReturn:
        self.stay.drop_ended_items()
        self.stay.drop_repeated_updates(workflow.now())
        super().continue_in_new_run()

    async def load_reviewers_for(self, message: StayMessage) -> None:
        """Load the reviewers who act; for an avoidable day also the rulebook's delay reasons."""
        if isinstance(message, RecordAvoidableDay | ProposeReduction):
            await self.load_reviewers(tuple(sorted({message.reviewer_id, message.actor.id})))
        else:
            await super().load_reviewers_for(message)
        if isinstance(message, RecordAvoidableDay) and not self.stay.delay_reasons:
            found = await workflow.execute_local_activity_method(StayLookups.delay_reasons, NoInput(), **options.STORE)
            self.stay.delay_reasons = tuple(found)

    # -- lookups and reviews -------------------------------------------------------------------------------------------

    async def look_up_stay(self) -> None:
        """Look up the member, the levels of care, authorizations and policy; then fold the ADT events again."""
        order = context_received.context_input(self.stay, workflow.now())
        found = await workflow.execute_local_activity_method(StayLookups.look_at_stay, order, **options.STORE)
        context_received.apply_context(self.stay, found, workflow.now())

    async def open_concurrent_review(self) -> None:
        """Store the request of the concurrent review that is due, and start the review as a case of its own.

        The review outlives this run and reports its result by a message. Starting it again changes nothing.
        """
        stay = self.stay
        await self.write_journal()
        opened = await workflow.execute_activity_method(
            StayLookups.open_review, round_opening.review_input(stay), **options.JOURNAL
        )
        received_at = stay.round.received_at if stay.round is not None else workflow.now()
        start = AuthorizationStart(
            case_id=opened.case_id, request_version=opened.request_version, received_at=received_at
        )
        await self.start_beside(PRIOR_AUTHORIZATION, start, opened.case_id)
        round_opening.mark_review_open(stay, opened.decide_by, workflow.now())

    async def withdraw_concurrent_review(self, case_id: str) -> None:
        """Withdraw the review of an admission that the hospital canceled. A review that has ended needs no message."""
        await self.tell(case_id, build_facility_withdrawal(self.stay, case_id, workflow.now()))
        self.stay.round_to_withdraw = None

    # -- the discharge plan --------------------------------------------------------------------------------------------

    async def start_discharge_planning(self, picture: StaySnapshot) -> None:
        """Start discharge planning, which runs beside the stay and outlives it."""
        plan_id = plan_number(self.stay.case_id)
        start = DischargeStart(case_id=plan_id, received_at=workflow.now(), picture=picture)
        await self.start_beside(DISCHARGE_PLANNING, start, plan_id)
        self.stay.plan_started, self.stay.told = True, picture

    async def notify_discharge_plan(self, picture: StaySnapshot) -> None:
        """Signal the stay's current snapshot to the discharge plan."""
        stay, now = self.stay, workflow.now()
        what = views.describe_changes(stay.told, picture)
        message = StayChanged(
            message_id=f"{stay.case_id}-{stay.seq}-{len(what)}", at=now, actor=UMPIRE, picture=picture, what=what
        )
        await self.tell(plan_number(stay.case_id), message)
        stay.told = picture

    # -- letters -------------------------------------------------------------------------------------------------------

    async def write_letters(self, notices: tuple[NoticeKind, ...]) -> None:
        """Write these notices to the facility."""
        await self.write_stay_letters(tuple(self._letter(notice) for notice in notices))

    def _letter(self, notice: NoticeKind) -> LetterOrder:
        stay, person = self.stay, self.stay.member_context()
        if person.lob is None:
            raise ImpossibleState(f"{stay.case_id} has no coverage on file, so it owes no letter")
        return LetterOrder(
            case_id=stay.case_id,
            notice=notice,
            round=next_letter_sequence(stay, notice),
            plan_id=person.plan_id,
            lob=person.lob,
            state=person.state,
            zone=person.zone,
            now=workflow.now(),
            recipients={"provider": stay.facility_npi or ""},
            facts=StayFacts(
                member_id=stay.member_id,
                facility=stay.facility,
                facility_npi=stay.facility_npi,
                admitted_on=stay.first_day,
                certified_through=stay.certified_through,
                review_from=stay.asked.from_day if stay.asked is not None else None,
                respond_by=stay.asked.due_at if stay.asked is not None else None,
                asked=update_requests.UPDATE_TOPICS,
            ),
        )
