"""What the process of a discharge plan needs beside what all processes share: looks, duties, letters, reviews, referrals.

This module is imported past the workflow sandbox, so nothing here may read a clock, a file or chance; linting forbids it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from temporalio import workflow
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

from activities.discharge import Discharges
from activities.members import People
from domain.authorization.start import CaseStart
from domain.cases import letter_tracking as mail
from domain.cases.member_case import DutiesOrder
from domain.cases.messages import Answer
from domain.cases.orders import Recorded
from domain.cases.views import CaseView, LetterView
from domain.concerns.start import ConcernStart
from domain.discharge import after_discharge as discharge_after
from domain.discharge import letters as discharge_letters
from domain.discharge import message_checks as discharge_message_checks
from domain.discharge import message_effects as discharge_desk
from domain.discharge import next_setting as discharge_next_setting
from domain.discharge import notices as discharge_notices
from domain.discharge import path as discharge_path
from domain.discharge import views as discharge_views
from domain.discharge.before_discharge import BY_LETTER
from domain.discharge.case import DischargePlan
from domain.discharge.messages import PlanMessage
from domain.discharge.next_setting import OpenReview
from domain.discharge.notice_duties import events
from domain.discharge.orders import AdmissionsOrder, NetworkOrder
from domain.discharge.parts import NextSettingReview, OwedLetter, PolicyOrder, Referral
from domain.discharge.start import DischargeStart
from domain.errors import Refusal
from domain.journal import EntryKind
from domain.letters.orders import LetterOrder
from domain.letters.stay_facts import StayLetterOrder
from domain.stays.plan_messages import PlanNews
from domain.vocabulary import Audience, NoticeKind, Proceeding
from engine import options
from workflows.steps.case import Process


class DischargeProcess(Process[DischargePlan, PlanMessage]):
    """State and glue of the workflow of a discharge plan. The subclass tells the process itself."""

    def __init__(self, start: DischargeStart) -> None:
        self.plan = start.carried or DischargePlan(
            case_id=start.case_id,
            received_at=start.received_at,
            member_id=start.picture.member_id,
            picture=start.picture,
        )
        super().__init__(self.plan)

    def judge(self, message: PlanMessage) -> Answer:
        return discharge_desk.receive(self.plan, message, workflow.now())

    def judge_at_sight(self, message: PlanMessage) -> tuple[Refusal, ...]:
        return discharge_message_checks.refusals_at_sight(self.plan, message, workflow.now())

    def row(self) -> CaseView:
        return discharge_views.row(self.plan, workflow.now())

    def next_alarm(self) -> datetime | None:
        return discharge_path.next_alarm(self.plan, workflow.now())

    def go_on(self) -> NoReturn:
        plan = self.plan
        workflow.continue_as_new(
            DischargeStart(case_id=plan.case_id, received_at=plan.received_at, picture=plan.picture, carried=plan)
        )

    def letters_left(self, letters: Sequence[LetterView], at: datetime) -> None:
        """The summary is the written plan for the member, and tells the primary care practitioner of the discharge."""
        for letter in letters:
            if letter.notice is NoticeKind.DISCHARGE_SUMMARY and letter.audience is Audience.MEMBER:
                self.plan.finish(BY_LETTER[0], at)
            elif letter.notice is NoticeKind.DISCHARGE_SUMMARY and letter.audience is Audience.PCP:
                self.plan.finish(BY_LETTER[1], at)
                self.plan.finish(discharge_after.PCP, at)

    async def write_journal(
        self, letters: tuple[LetterOrder, ...] = (), stay_letters: tuple[StayLetterOrder, ...] = ()
    ) -> Recorded:
        discharge_views.show(self.plan, workflow.now())
        return await super().write_journal(letters, stay_letters)

    # -- looking -------------------------------------------------------------------------------------------------------

    async def look_up_all(self) -> None:
        """The member and their plan, and the policy; the first look opens the dossier."""
        plan, now = self.plan, workflow.now()
        plan.take_person(await self.look_up_person(plan.member_id, plan.day(now)))
        if plan.policy is None:
            order = PolicyOrder(received_at=plan.received_at, zone=plan.zone)
            plan.policy = await workflow.execute_local_activity_method(
                Discharges.look_up_discharge_policy, order, **options.STORE
            )
        if not plan.is_opened:
            summary = f"Discharge plan begun beside the stay at {plan.picture.facility}."
            plan.note(EntryKind.PLAN_OPENED, plan.received_at, summary)

    async def compute_duties(self) -> None:
        """Compute every notice that the stay owes, from everything that happened so far."""
        plan, now = self.plan, workflow.now()
        order = DutiesOrder(
            member_id=plan.member_id,
            proceedings=(Proceeding.HOSPITAL_STAY, Proceeding.END_OF_SERVICES),
            received_at=plan.received_at,
            events=events(plan, now),
            now=now,
        )
        found = await workflow.execute_local_activity_method(People.compute_duties, order, **options.STORE)
        discharge_notices.computed(plan, found.clocks, now)

    async def look_up_networks(self, npis: tuple[str, ...]) -> None:
        """Which of the choices are in the network; what the directory does not know stays unknown."""
        plan = self.plan
        order = NetworkOrder(plan_id=plan.looked_up().plan_id, npis=npis)
        found = await workflow.execute_local_activity_method(Discharges.look_up_networks, order, **options.STORE)
        plan.choices = tuple(
            choice.model_copy(update={"in_network": found.in_network.get(choice.npi, choice.in_network)})
            for choice in plan.choices
        )
        plan.choices_unknown = False

    async def look_for_readmissions(self, day: int) -> None:
        """Link every stay that began after the discharge."""
        plan = self.plan
        order = AdmissionsOrder(member_id=plan.member_id, since=discharge_after.left(plan), but=plan.picture.stay_id)
        found = await workflow.execute_local_activity_method(Discharges.find_admissions, order, **options.STORE)
        now = workflow.now()
        new = [one for one in found.found if discharge_after.link(plan, one.stay_id, one.admitted_at, now)]
        discharge_after.looked(plan, day)
        if not new:
            plan.note(EntryKind.PLAN_CHANGED, now, f"Day {day} after the discharge: no further admission seen.")

    # -- telling others ------------------------------------------------------------------------------------------------

    async def begin_review(self, review: NextSettingReview) -> None:
        """Store the request for the next setting and start its case, which outlives this plan."""
        plan = self.plan
        request = discharge_next_setting.request_of(plan, review, workflow.now())
        order = OpenReview(case_id=review.case_id, request=request)
        kept = await workflow.execute_local_activity_method(Discharges.open_next_setting, order, **options.STORE)
        start = CaseStart(case_id=kept.case_id, request_version=kept.request_version, received_at=kept.received_at)
        await self.start_beside("PriorAuthorization", start, kept.case_id)
        discharge_next_setting.opened(plan, review, workflow.now())

    async def refer(self, referral: Referral) -> None:
        """Hand gaps to care management, as a concern of its own."""
        plan = self.plan
        start = ConcernStart(
            case_id=referral.case_id,
            kind="care_management",
            raised_by=referral.raised_by,
            about_case_id=plan.case_id,
            member_id=plan.member_id,
            what=referral.what,
            at=referral.at,
        )
        await self.start_beside("ConcernProcess", start, referral.case_id)
        referral.started = True
        plan.note(EntryKind.REFERRED, workflow.now(), f"Referred to care management: {referral.case_id}.")

    async def start_beside(self, name: str, start: CaseStart | ConcernStart, case_id: str) -> None:
        """Start another process that outlives this one. One that runs already is the same one."""
        try:
            await workflow.start_child_workflow(
                name, start, id=options.workflow_id(case_id), parent_close_policy=ParentClosePolicy.ABANDON
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("%s runs already", case_id)

    async def tell_stay(self, news: PlanNews) -> None:
        """Tell the stay. One that is over needs no news."""
        stay = workflow.get_external_workflow_handle(options.workflow_id(self.plan.picture.stay_id))
        try:
            await stay.signal("plan_news", news)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
        self.plan.told = news

    # -- letters -------------------------------------------------------------------------------------------------------

    async def write_letter(self, letter: OwedLetter) -> None:
        """Write one letter together with the journal. One that cannot be written is kept until somebody mended it."""
        plan, now = self.plan, workflow.now()
        plan.owed.remove(letter)
        stuck = len(plan.blocked_letters)
        order = discharge_letters.order(plan, letter, now)
        if order is None:
            mail.written(plan, (letter.notice,), mail.unwritten((letter.notice,)), now)
        else:
            await self.write_stay_letters((order,))
        if len(plan.blocked_letters) > stuck:
            plan.blocked.append(letter)
