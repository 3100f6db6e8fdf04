"""Steps of the discharge planning workflow: lookups, notice duties, letters, next-setting reviews, referrals.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from temporalio import workflow

from activities.discharge import DischargeLookups
from activities.members import MemberLookups
from domain.authorization.start import AuthorizationStart
from domain.case_numbers import stay_number
from domain.cases import escalation, letter_tracking, review_records
from domain.cases.member_case import ClockInput
from domain.cases.messages import MessageResult, ReviewAnswered
from domain.cases.views import CaseLetter, CaseView
from domain.concerns.start import ConcernStart
from domain.discharge import after_discharge, message_checks, message_effects, next_setting, notices, path, views
from domain.discharge import letters as discharge_letters
from domain.discharge.before_discharge import DONE_BY_LETTER
from domain.discharge.case import DischargeCase
from domain.discharge.messages import DischargeMessage
from domain.discharge.next_setting import NextSettingReviewInput
from domain.discharge.notice_duties import duty_events
from domain.discharge.orders import AdmissionsInput, NetworkInput
from domain.discharge.parts import CareManagementReferral, DischargePolicyInput, NextSettingReview, PendingLetter
from domain.discharge.start import DischargeStart
from domain.errors import RuleViolation
from domain.journal import EntryKind
from domain.requests.request import StayPurpose
from domain.stays.plan_messages import DischargePlanUpdated, StaySnapshot
from domain.vocabulary import Audience, NoticeKind, Proceeding
from engine import options
from engine.workflow_names import PRIOR_AUTHORIZATION, QUALITY_CONCERN
from workflows.steps.case import CaseWorkflow
from workflows.steps.signals import signal_types


class DischargeWorkflow(CaseWorkflow[DischargeCase, DischargeMessage]):
    """State and steps of the discharge planning workflow. The subclass defines the order of steps and the message handlers."""

    signals = signal_types(DischargeMessage)

    kind_of_start = DischargeStart

    def begin_case(self, start: DischargeStart) -> DischargeCase:
        return DischargeCase(
            case_id=start.case_id,
            received_at=start.received_at,
            member_id=start.picture.member_id,
            picture=start.picture,
        )

    def blank_start(self, case_id: str, at: datetime) -> DischargeStart:
        unknown = StaySnapshot(stay_id=stay_number(case_id), member_id="", facility="")
        return DischargeStart(case_id=case_id, received_at=at, picture=unknown)

    @property
    def plan(self) -> DischargeCase:
        return self.case

    def handle_message(self, message: DischargeMessage) -> MessageResult:
        return message_effects.receive_message(self.plan, message, workflow.now())

    def validate_without_lookup(self, message: DischargeMessage) -> tuple[RuleViolation, ...]:
        return message_checks.violations_without_lookup(self.plan, message, workflow.now())

    def row(self) -> CaseView:
        return views.case_view(self.plan, workflow.now())

    def awaited_results(self) -> Sequence[ReviewAnswered]:
        waiting = [review for review in self.plan.reviews if review.status is None]
        purpose, now = StayPurpose.NEXT_SETTING, workflow.now()
        return tuple(review_records.word_of_review(one.case_id, purpose, one.round, now) for one in waiting)

    def time_effects(self) -> Sequence[Callable[[DischargeCase, datetime], None]]:
        return (escalation.escalate_due_tasks, notices.process_duties)

    def next_timer(self) -> datetime | None:
        return path.next_timer(self.plan, workflow.now())

    def on_letters_mailed(self, letters: Sequence[CaseLetter], at: datetime) -> None:
        """Finish the tasks that the mailed discharge summary completes: the member's written plan, the PCP's information."""
        for letter in letters:
            if letter.notice is NoticeKind.DISCHARGE_SUMMARY and letter.audience is Audience.MEMBER:
                self.plan.finish(DONE_BY_LETTER[0], at)
            elif letter.notice is NoticeKind.DISCHARGE_SUMMARY and letter.audience is Audience.PCP:
                self.plan.finish(DONE_BY_LETTER[1], at)
                self.plan.finish(after_discharge.PCP, at)

    def attach_views(self) -> None:
        views.attach_summary(self.plan, workflow.now())

    # -- lookups -------------------------------------------------------------------------------------------------------

    async def load_member_and_policy(self) -> None:
        """Load the member and their plan, and the discharge policy; the first time this opens the case."""
        plan, now = self.plan, workflow.now()
        plan.set_member_context(await self.load_member(plan.member_id, plan.day(now)))
        if plan.policy is None:
            order = DischargePolicyInput(received_at=plan.received_at, zone=plan.zone)
            plan.policy = await workflow.execute_local_activity_method(
                DischargeLookups.look_up_discharge_policy, order, **options.STORE
            )
        if not plan.is_opened:
            summary = f"Discharge plan begun beside the stay at {plan.picture.facility}."
            plan.note(EntryKind.PLAN_OPENED, plan.received_at, summary)

    async def compute_duties(self) -> None:
        """Compute the clocks of every notice that the stay requires, from the events so far."""
        plan, now = self.plan, workflow.now()
        order = ClockInput(
            member_id=plan.member_id,
            proceedings=(Proceeding.HOSPITAL_STAY, Proceeding.END_OF_SERVICES),
            received_at=plan.received_at,
            events=duty_events(plan, now),
            now=now,
        )
        found = await workflow.execute_local_activity_method(MemberLookups.compute_duties, order, **options.STORE)
        notices.apply_duties(plan, found.clocks, now)

    async def look_up_networks(self, npis: tuple[str, ...]) -> None:
        """Look up which of the choices are in the network; what the directory does not know stays unknown."""
        plan = self.plan
        order = NetworkInput(plan_id=plan.member_context().plan_id, npis=npis)
        found = await workflow.execute_local_activity_method(DischargeLookups.look_up_networks, order, **options.STORE)
        plan.record_networks(found.in_network)

    async def link_readmissions(self, day: int) -> None:
        """Link every stay that began after the discharge."""
        plan = self.plan
        order = AdmissionsInput(
            member_id=plan.member_id, since=after_discharge.discharge_instant(plan), but=plan.picture.stay_id
        )
        found = await workflow.execute_local_activity_method(DischargeLookups.find_admissions, order, **options.STORE)
        now = workflow.now()
        new = [one for one in found.found if after_discharge.link_readmission(plan, one.stay_id, one.admitted_at, now)]
        after_discharge.mark_readmission_checked(plan, day)
        if not new:
            plan.note(EntryKind.PLAN_CHANGED, now, f"Day {day} after the discharge: no further admission seen.")

    # -- other processes -----------------------------------------------------------------------------------------------

    async def start_next_setting_review(self, review: NextSettingReview) -> None:
        """Store the request for the next level of care and start its review, which outlives this plan."""
        plan = self.plan
        request = next_setting.build_request(plan, review, workflow.now())
        order = NextSettingReviewInput(case_id=review.case_id, request=request)
        kept = await workflow.execute_local_activity_method(DischargeLookups.open_next_setting, order, **options.STORE)
        start = AuthorizationStart(
            case_id=kept.case_id, request_version=kept.request_version, received_at=kept.received_at
        )
        await self.start_beside(PRIOR_AUTHORIZATION, start, kept.case_id)
        next_setting.mark_review_open(plan, review, workflow.now())

    async def refer_to_care_management(self, referral: CareManagementReferral) -> None:
        """Refer gaps to care management, as a case of its own."""
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
        await self.start_beside(QUALITY_CONCERN, start, referral.case_id)
        referral.started = True
        plan.note(EntryKind.REFERRED, workflow.now(), f"Referred to care management: {referral.case_id}.")

    async def notify_stay(self, news: DischargePlanUpdated) -> None:
        """Signal an update of the plan to the stay. A stay that has ended needs no update."""
        await self.tell(self.plan.picture.stay_id, news)
        self.plan.told = news

    # -- letters -------------------------------------------------------------------------------------------------------

    async def write_letter(self, letter: PendingLetter) -> None:
        """Write one letter together with the journal. One that cannot be written waits until its cause is fixed."""
        plan, now = self.plan, workflow.now()
        plan.begin_letter(letter)
        stuck = len(plan.blocked_letters)
        order = discharge_letters.letter_order(plan, letter, now)
        if order is None:
            letter_tracking.record_written(
                plan, (letter.notice,), letter_tracking.blocked_without_plan((letter.notice,)), now
            )
        else:
            await self.write_stay_letters((order,))
        if len(plan.blocked_letters) > stuck:
            plan.block_letter(letter)
