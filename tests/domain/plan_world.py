"""What the workflow of a discharge plan does, without Temporal: duties by the shipped rulebook, letters, reviews, referrals.

The promise that is looked at after every step: a notice of Medicare is on time, or recorded late, and until then somebody has
it as a task.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain.calendars import zone_of
from domain.cases import journal_rows as cases_journal_rows
from domain.cases import letter_tracking as mail
from domain.cases.member_case import PersonLook
from domain.cases.orders import Recorded
from domain.cases.views import ProcessKind, Sheet
from domain.clocks.binding import compute_all
from domain.clocks.engine import Clock, was_met
from domain.clocks.facts import ClockFacts
from domain.discharge import after_discharge as discharge_after
from domain.discharge import letters as discharge_letters
from domain.discharge import message_effects as discharge_desk
from domain.discharge import next_setting as discharge_next_setting
from domain.discharge import notices as discharge_notices
from domain.discharge import path as discharge_path
from domain.discharge import views as discharge_views
from domain.discharge.case import DischargePlan
from domain.discharge.messages import PlanMessage
from domain.discharge.notice_duties import IM_COPY, IN_HOSPITAL, OWED, about, events
from domain.discharge.parts import DischargePolicy, OwedLetter
from domain.discharge.start import DischargeStart
from domain.journal import EntryKind
from domain.letters.orders import BlockedLetter, WrittenLetter
from domain.stays.plan_messages import PlanNews, StayPicture
from domain.vocabulary import Audience, Proceeding, ReviewKind, Urgency
from rulebook.rulebook import Rulebook

PLAN = "DP-TEST"
MOST_STEPS = 80


class PlanWorld:
    """One discharge plan beside one stay. `tell_stay` hears its news, `person` is the member as they are looked up."""

    def __init__(
        self,
        now: datetime,
        picture: StayPicture,
        book: Rulebook,
        person: Callable[[], PersonLook],
        tell_stay: Callable[[PlanNews], None],
    ) -> None:
        self.now, self._book, self._person, self._tell_stay = now, book, person, tell_stay
        self.plan = DischargePlan(case_id=PLAN, received_at=now, member_id="M", picture=picture)
        self.seen: list[int] = []
        self.sent: list[str] = []
        self.blocked = False
        self.carrier_works = True

    def rest(self, now: datetime) -> bool:
        """Go on until there is nothing to do but wait; whether the plan is finished."""
        self.now = now
        for _ in range(MOST_STEPS):
            step = discharge_path.next_step(self.plan, now)
            if isinstance(step, discharge_path.Wait | discharge_path.Finish):
                self._drain()
                self._watch_the_promises(isinstance(step, discharge_path.Finish))
                return isinstance(step, discharge_path.Finish)
            self._do(step)
        raise AssertionError(f"the plan never comes to rest: {step}")

    def next_alarm(self, now: datetime) -> datetime | None:
        alarm = discharge_path.next_alarm(self.plan, now)
        assert alarm is None or alarm > now, "an alarm of the plan that has passed"
        return alarm

    def tell(self, message: PlanMessage, now: datetime) -> bool:
        self.now = now
        if self.plan.person is None or self.plan.policy is None:
            self.rest(now)
        return discharge_desk.receive(self.plan, message, now).accepted

    def go_on_in_a_new_run(self) -> None:
        """What continue-as-new does to a plan."""
        plan = self.plan
        run = DischargeStart(case_id=PLAN, received_at=plan.received_at, picture=plan.picture, carried=plan)
        again = DischargeStart.model_validate_json(run.model_dump_json())
        assert again == run and again.carried is not None
        self.plan = again.carried

    def _do(self, step: discharge_path.Step) -> None:
        plan, now = self.plan, self.now
        match step:
            case discharge_path.LookUp():
                self._look_up()
            case discharge_path.ComputeDuties():
                discharge_notices.computed(plan, self._clocks(), now)
            case discharge_path.LookUpChoices():
                plan.choices_unknown = False
            case discharge_path.BeginReview(review):
                assert discharge_next_setting.request_of(plan, review, now)
                discharge_next_setting.opened(plan, review, now)
            case discharge_path.Refer(referral):
                referral.started = True
            case discharge_path.TellStay(news):
                plan.told = news
                self._tell_stay(news)
            case discharge_path.LookForReadmissions(day):
                discharge_after.looked(plan, day)
                plan.note(EntryKind.PLAN_CHANGED, now, "No further admission seen.")
            case discharge_path.WriteLetter(letter):
                self._write(letter)
            case discharge_path.HandOver(letter_ids):
                if self.carrier_works:
                    self._out(letter_ids)
                else:
                    mail.carrier_in_trouble(plan, now)
            case discharge_path.Close(status):
                discharge_path.close(plan, status, now)

    def _look_up(self) -> None:
        plan, stays, calendar = self.plan, self._book.stays, self._book.calendar
        plan.take_person(self._person())
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
            clocks = compute_all(self._book.clocks, facts, events(plan, self.now), self._book.calendar)
            found |= {clock.rule_id: clock for clock in clocks}
        return tuple(found.values())

    def _write(self, letter: OwedLetter) -> None:
        plan, now = self.plan, self.now
        plan.owed.remove(letter)
        stuck = len(plan.blocked_letters)
        order = discharge_letters.order(plan, letter, now)
        notices = (letter.notice,)
        if order is None:
            recorded = mail.unwritten(notices)
        elif self.blocked:
            recorded = Recorded(blocked=(BlockedLetter(notice=letter.notice, missing=("x",), why="x"),))
        else:
            key = f"{PLAN}:{letter.notice.value}:member:{order.round}"
            written = WrittenLetter(
                letter_id=key, notice=letter.notice, audience=Audience.MEMBER, recipient="r", subject="s", sha256="0"
            )
            recorded = Recorded(letters=(written,))
        mail.written(plan, notices, recorded, now)
        if len(plan.blocked_letters) > stuck:
            plan.blocked.append(letter)

    def _out(self, letter_ids: tuple[str, ...]) -> None:
        self.sent += letter_ids
        mail.left(self.plan, letter_ids, self.now)
        mail.settle(self.plan, self.now)

    def _drain(self) -> None:
        discharge_views.show(self.plan, self.now)
        entries = cases_journal_rows.drain(self.plan, lambda: discharge_views.row(self.plan, self.now))
        self.seen += [entry.seq for entry in entries]
        assert self.seen == list(range(1, len(self.seen) + 1)), "the journal's numbers have holes"

    # -- promises ------------------------------------------------------------------------------------------------------

    def _watch_the_promises(self, finished: bool) -> None:
        plan = self.plan
        for task in plan.open_tasks():
            assert task.role and task.due_at >= task.opened_at
        assert len(self.sent) == len(set(self.sent)), "a letter went out twice"
        content = discharge_views.sheet(plan, self.now).model_dump(mode="json")
        assert Sheet(process=ProcessKind.DISCHARGE_PLAN, content=content).content
        assert discharge_views.standing(plan).sentence
        if finished:
            assert not plan.is_open and not plan.open_tasks()
        if plan.is_open and not plan.is_over:
            for clock in plan.clocks:
                if clock.rule_id in OWED and clock.set_aside is None:
                    self._on_time_or_recorded_late(clock)

    def _on_time_or_recorded_late(self, clock: Clock) -> None:
        plan, due, rule = self.plan, clock.due[0], clock.rule_id
        word = plan.judged.get(f"{rule}/{clock.variant}/{due.kind.value}")
        planned_only = rule == IM_COPY and plan.picture.discharged_at is None
        what = about(plan, rule, self.now)
        given = discharge_notices.done(plan, self.now).get(rule)
        if given is None and not was_met(due, self.now) and not planned_only:
            assert word == "missed", f"{rule} was due at {due.at} and nobody has recorded that it is late"
        if word == "missed":
            assert any(one.rule_id == rule for one in plan.missed)
        if given is None and not planned_only:
            left = rule in IN_HOSPITAL and plan.picture.discharged_at is not None
            opens = discharge_notices._opens(plan, clock)
            early = opens is not None and self.now < opens
            subject = discharge_notices.subject(rule, what)
            tasks = [task for task in plan.open_tasks(*discharge_notices.OF_DUTIES) if task.about == subject]
            assert left or early or tasks, f"{rule} is owed and nobody has it as a task"
