"""A discharge plan's workflow without Temporal: duties by the shipped rulebook, letters, reviews, referrals.

The invariant checked after every step: a Medicare notice is on time, or recorded late, and until then there is an open
task for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain.calendars import zone_of
from domain.cases import journal_rows, letter_tracking, steps
from domain.cases.member_case import MemberContext
from domain.cases.orders import RecordResult
from domain.cases.views import CaseSummary
from domain.clocks.binding import compute_clocks
from domain.clocks.engine import Clock, is_on_time
from domain.clocks.facts import ClockFacts
from domain.discharge import after_discharge, letters, message_effects, next_setting, path, views
from domain.discharge import notices as discharge_notices
from domain.discharge.case import DischargeCase
from domain.discharge.messages import DischargeMessage
from domain.discharge.notice_duties import DUTY_RULES, HOSPITAL_FORM_RULES, IM_COPY, current_subject, duty_events
from domain.discharge.parts import DischargePolicy, PendingLetter
from domain.discharge.start import DischargeStart
from domain.journal import EntryKind
from domain.letters.orders import BlockedLetter, WrittenLetter
from domain.stays.plan_messages import DischargePlanUpdated, StaySnapshot
from domain.vocabulary import Audience, Proceeding, ProcessKind, ReviewKind, Urgency
from rulebook.rulebook import Rulebook

PLAN = "DP-TEST"
MOST_STEPS = 80


class PlanWorld:
    """One discharge plan beside one stay. `tell_stay` receives its updates, `person` is the member as looked up."""

    def __init__(
        self,
        now: datetime,
        picture: StaySnapshot,
        book: Rulebook,
        person: Callable[[], MemberContext],
        tell_stay: Callable[[DischargePlanUpdated], None],
    ) -> None:
        self.now, self._book, self._person, self._tell_stay = now, book, person, tell_stay
        self.plan = DischargeCase(case_id=PLAN, received_at=now, member_id="M", picture=picture)
        self.seen: list[int] = []
        self.sent: list[str] = []
        self.blocked = False
        self.carrier_works = True

    def rest(self, now: datetime) -> bool:
        """Advance the plan until it waits; whether it is finished."""
        self.now = now
        for _ in range(MOST_STEPS):
            step = path.advance(self.plan, now)
            if isinstance(step, steps.Wait | steps.Finish):
                self._drain()
                self._check_invariants(isinstance(step, steps.Finish))
                return isinstance(step, steps.Finish)
            self._do(step)
        raise AssertionError(f"the plan never comes to rest: {step}")

    def next_timer(self, now: datetime) -> datetime | None:
        alarm = path.next_timer(self.plan, now)
        assert alarm is None or alarm > now, "an alarm of the plan that has passed"
        return alarm

    def tell(self, message: DischargeMessage, now: datetime) -> bool:
        self.now = now
        if self.plan.person is None or self.plan.policy is None:
            self.rest(now)
        return message_effects.receive_message(self.plan, message, now).accepted

    def continue_as_new(self) -> None:
        """Continue the plan as a new run."""
        plan = self.plan
        run = DischargeStart(case_id=PLAN, received_at=plan.received_at, picture=plan.picture, carried=plan)
        again = DischargeStart.model_validate_json(run.model_dump_json())
        assert again == run and again.carried is not None
        self.plan = again.carried

    def _do(self, step: path.Step) -> None:
        plan, now = self.plan, self.now
        match step:
            case path.LookUpMemberAndPolicy():
                self._look_up()
            case path.ComputeDuties():
                discharge_notices.apply_duties(plan, self._clocks(), now)
            case path.LookUpChoices():
                plan.choices_unknown = False
            case path.OpenNextSettingReview(review):
                assert next_setting.build_request(plan, review, now)
                next_setting.mark_review_open(plan, review, now)
            case path.ReferToCareManagement(referral):
                referral.started = True
            case path.UpdateStay(news):
                plan.told = news
                self._tell_stay(news)
            case path.CheckReadmissions(day):
                after_discharge.mark_readmission_checked(plan, day)
                plan.note(EntryKind.PLAN_CHANGED, now, "No further admission seen.")
            case path.WriteLetter(letter):
                self._write(letter)
            case steps.DeliverLetters(letter_ids):
                if self.carrier_works:
                    self._out(letter_ids)
                else:
                    letter_tracking.report_delivery_trouble(plan, now)
            case steps.CloseCase(status):
                path.close_case(plan, status, now)

    def _look_up(self) -> None:
        plan, stays, calendar = self.plan, self._book.stays, self._book.calendar.model_copy(update={"others": ()})
        plan.set_member_context(self._person())
        plan.policy = DischargePolicy(
            transitions=stays.transitions,
            calendar=calendar,
            assess_by=stays.policy.first_review_due(plan.received_at, calendar, zone_of(plan.zone)),
            reminders_at=stays.policy.callback_hours.opens,
        )
        if not plan.is_opened:
            plan.note(EntryKind.PLAN_OPENED, plan.received_at, "Discharge plan begun.")

    def _clocks(self) -> tuple[Clock, ...]:
        plan = self.plan
        if plan.lob is None:
            return ()
        found: dict[str, Clock] = {}
        for proceeding in (Proceeding.HOSPITAL_STAY, Proceeding.END_OF_SERVICES):
            facts = ClockFacts(
                lob=plan.lob,
                urgency=Urgency.STANDARD,
                received_at=plan.received_at,
                zone=plan.zone,
                review_kind=ReviewKind.CONCURRENT,
                state=plan.state,
                self_funded=None,
                proceeding=proceeding,
                rating_period_start=None,
                accreditations=(),
                circumstances=(),
            )
            clocks = compute_clocks(self._book.clocks, facts, duty_events(plan, self.now), self._book.calendar)
            found |= {clock.rule_id: clock for clock in clocks}
        return tuple(found.values())

    def _write(self, letter: PendingLetter) -> None:
        plan, now = self.plan, self.now
        plan.owed.remove(letter)
        stuck = len(plan.blocked_letters)
        order = letters.letter_order(plan, letter, now)
        notices = (letter.notice,)
        if order is None:
            recorded = letter_tracking.blocked_without_plan(notices)
        elif self.blocked:
            recorded = RecordResult(blocked=(BlockedLetter(notice=letter.notice, missing=("x",), why="x"),))
        else:
            key = f"{PLAN}:{letter.notice.value}:member:{order.round}"
            written = WrittenLetter(
                letter_id=key, notice=letter.notice, audience=Audience.MEMBER, recipient="r", subject="s", sha256="0"
            )
            recorded = RecordResult(letters=(written,))
        letter_tracking.record_written(plan, notices, recorded, now)
        if len(plan.blocked_letters) > stuck:
            plan.blocked.append(letter)

    def _out(self, letter_ids: tuple[str, ...]) -> None:
        self.sent += letter_ids
        letter_tracking.mark_mailed(self.plan, letter_ids, self.now)
        letter_tracking.close_delivery_trouble(self.plan, self.now)

    def _drain(self) -> None:
        views.attach_summary(self.plan, self.now)
        entries = journal_rows.take_pending_entries(self.plan, lambda: views.case_view(self.plan, self.now))
        self.seen += [entry.seq for entry in entries]
        assert self.seen == list(range(1, len(self.seen) + 1)), "the journal's numbers have holes"

    # -- invariants----------------------------------------------------------------------------------------------------

    def _check_invariants(self, finished: bool) -> None:
        plan = self.plan
        for task in plan.open_tasks():
            assert task.role and task.due_at >= task.opened_at
        assert len(self.sent) == len(set(self.sent)), "a letter went out twice"
        content = views.summary_of(plan, self.now).model_dump(mode="json")
        assert CaseSummary(process=ProcessKind.DISCHARGE_PLAN, content=content).content
        assert views.status_summary(plan).sentence
        if finished:
            assert not plan.is_open and not plan.open_tasks()
        if plan.is_open and not plan.is_over:
            for clock in plan.clocks:
                if clock.rule_id in DUTY_RULES and clock.set_aside is None:
                    self._check_on_time_or_recorded_late(clock)

    def _check_on_time_or_recorded_late(self, clock: Clock) -> None:
        plan, due, rule = self.plan, clock.due[0], clock.rule_id
        word = plan.judged.get(f"{rule}/{clock.variant}/{due.kind.value}")
        planned_only = rule == IM_COPY and plan.picture.discharged_at is None
        what = current_subject(plan, rule, self.now)
        given = discharge_notices.completed_duties(plan, self.now).get(rule)
        if given is None and not is_on_time(due, self.now) and not planned_only:
            assert word == "missed", f"{rule} was due at {due.at} and nobody has recorded that it is late"
        if word == "missed":
            assert any(one.rule_id == rule for one in plan.missed)
        if given is None and not planned_only:
            left = rule in HOSPITAL_FORM_RULES and plan.picture.discharged_at is not None
            opens = discharge_notices._earliest_delivery(plan, clock)
            early = opens is not None and self.now < opens
            subject = discharge_notices.task_subject(rule, what)
            tasks = [task for task in plan.open_tasks(*discharge_notices.DUTY_TASK_KINDS) if task.about == subject]
            assert left or early or tasks, f"{rule} is owed and nobody has it as a task"
