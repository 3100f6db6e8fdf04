"""What the process of a stay needs beside what all processes share: looks, rounds of review, and word to the discharge plan.

This module is imported past the workflow sandbox, so nothing here may read a clock, a file or chance; linting forbids it.
"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from temporalio import workflow
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

from activities.stay_reviews import StayReviews
from domain.authorization.start import CaseStart
from domain.cases.letter_tracking import next_round
from domain.cases.messages import Answer
from domain.cases.orders import NoOrder
from domain.cases.views import CaseView
from domain.discharge.start import DischargeStart
from domain.errors import Refusal
from domain.journal import UMPIRE
from domain.letters.stay_facts import StayFacts, StayLetterOrder
from domain.stays import looks as stay_opening
from domain.stays import message_checks as stay_checks
from domain.stays import message_effects as staywork
from domain.stays import path as stay_pathway
from domain.stays import round_opening as stays_round_opening
from domain.stays import update_requests as stays_update_requests
from domain.stays import views as stay_view
from domain.stays.case import Stay
from domain.stays.message_effects import withdrawal_by_facility
from domain.stays.messages import NoteAvoidableDay, ProposeReduction, StayMessage
from domain.stays.plan_messages import StayPicture, TellPlan
from domain.stays.run import StayRun
from domain.vocabulary import NoticeKind
from engine import options
from workflows.steps.case import Process

PRIOR_AUTHORIZATION = "PriorAuthorization"
DISCHARGE_PLANNING = "DischargePlanning"


class StayProcess(Process[Stay, StayMessage]):
    """State and glue of a stay's workflow. The subclass tells the process itself."""

    def __init__(self, start: StayRun) -> None:
        self.stay = start.carried or stay_opening.opened(start)
        super().__init__(self.stay)

    def judge(self, message: StayMessage) -> Answer:
        return staywork.receive(self.stay, message, workflow.now())

    def judge_at_sight(self, message: StayMessage) -> tuple[Refusal, ...]:
        return stay_checks.refusals_at_sight(self.stay, message, workflow.now())

    def row(self) -> CaseView:
        return stay_view.row(self.stay)

    def next_alarm(self) -> datetime | None:
        return stay_pathway.next_alarm(self.stay, workflow.now())

    def go_on(self) -> NoReturn:
        stay = self.stay
        stay.forget_ended()
        stay.forget_repetitions(workflow.now())
        workflow.continue_as_new(
            StayRun(
                stay_id=stay.case_id,
                received_at=stay.received_at,
                member_id=stay.member_id,
                facility=stay.facility,
                facility_npi=stay.facility_npi,
                visit_number=stay.visit_number,
                carried=stay,
            )
        )

    async def look_up(self, message: StayMessage) -> None:
        """Who acts; and for an avoidable day the reasons that the rulebook knows."""
        if isinstance(message, NoteAvoidableDay | ProposeReduction):
            await self.read_known(tuple(sorted({message.reviewer_id, message.actor.id})))
        else:
            await super().look_up(message)
        if isinstance(message, NoteAvoidableDay) and not self.stay.delay_reasons:
            found = await workflow.execute_local_activity_method(StayReviews.delay_reasons, NoOrder(), **options.STORE)
            self.stay.delay_reasons = tuple(found)

    # -- looking and reviewing -----------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Look at the member, the levels of care, authorizations and policy; then fold what the hospital said anew."""
        order = stay_opening.look_order(self.stay, workflow.now())
        found = await workflow.execute_local_activity_method(StayReviews.look_at_stay, order, **options.STORE)
        stay_opening.looked(self.stay, found, workflow.now())

    async def open_round(self) -> None:
        """Keep the request of the round that was called for, and start its review as a process of its own.

        The review outlives this run, whatever becomes of it, and answers by a message. Starting it again finds it started.
        """
        stay = self.stay
        await self.write_journal()
        opened = await workflow.execute_activity_method(
            StayReviews.open_review, stays_round_opening.order(stay), **options.JOURNAL
        )
        received_at = stay.round.received_at if stay.round is not None else workflow.now()
        start = CaseStart(case_id=opened.case_id, request_version=opened.request_version, received_at=received_at)
        await self._start(PRIOR_AUTHORIZATION, start, opened.case_id)
        stays_round_opening.opened(stay)

    async def withdraw_round(self, case_id: str) -> None:
        """The hospital took the admission back, so its request is taken back too. A review that is over needs no word."""
        await self._tell(case_id, "withdraw", withdrawal_by_facility(self.stay, case_id, workflow.now()))
        self.stay.round_to_withdraw = None

    # -- the discharge plan --------------------------------------------------------------------------------------------

    async def start_plan(self, picture: StayPicture) -> None:
        """Discharge planning starts beside the stay and outlives it."""
        plan_id = stay_view.plan_id(self.stay.case_id)
        start = DischargeStart(case_id=plan_id, received_at=workflow.now(), picture=picture)
        await self._start(DISCHARGE_PLANNING, start, plan_id)
        self.stay.plan_started, self.stay.told = True, picture

    async def tell_plan(self, picture: StayPicture) -> None:
        """Tell the discharge plan how the stay stands now."""
        stay, now = self.stay, workflow.now()
        what = stay_view.difference(stay.told, picture)
        message = TellPlan(
            message_id=f"{stay.case_id}-{stay.seq}-{len(what)}", at=now, actor=UMPIRE, picture=picture, what=what
        )
        await self._tell(stay_view.plan_id(stay.case_id), "tell_plan", message)
        stay.told = picture

    async def _start(self, name: str, start: object, workflow_id: str) -> None:
        try:
            await workflow.start_child_workflow(
                name, start, id=options.workflow_id(workflow_id), parent_close_policy=ParentClosePolicy.ABANDON
            )
        except WorkflowAlreadyStartedError:
            return

    async def _tell(self, workflow_id: str, signal: str, message: object) -> None:
        """A signal to another process. One that is over has nothing to do with it any more."""
        other = workflow.get_external_workflow_handle(options.workflow_id(workflow_id))
        try:
            await other.signal(signal, message)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise

    # -- letters -------------------------------------------------------------------------------------------------------

    async def send_letters(self, notices: tuple[NoticeKind, ...]) -> None:
        """Write what is owed, to the facility."""
        await self.write_stay_letters(tuple(self._letter(notice) for notice in notices))

    def _letter(self, notice: NoticeKind) -> StayLetterOrder:
        stay, person = self.stay, self.stay.looked_up()
        if person.lob is None:
            raise LookupError(f"{stay.case_id} has no coverage on file, so it owes no letter")
        return StayLetterOrder(
            case_id=stay.case_id,
            notice=notice,
            round=next_round(stay, notice),
            plan_id=person.plan_id,
            lob=person.lob,
            state=person.state,
            zone=person.zone,
            now=workflow.now(),
            member_id=stay.member_id,
            recipients={"provider": stay.facility_npi or ""},
            facts=StayFacts(
                facility=stay.facility,
                facility_npi=stay.facility_npi,
                admitted_on=stay.first_day,
                certified_through=stay.certified_through,
                review_from=stay.asked.from_day if stay.asked is not None else None,
                respond_by=stay.asked.due_at if stay.asked is not None else None,
                asked=stays_update_requests.ASKED_FOR,
            ),
        )
