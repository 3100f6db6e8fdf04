"""A discharge plan without Temporal: its path run by hand, with the shipped rulebook, on a clock set by the test."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from domain.cases import letter_tracking, steps
from domain.cases.journal_rows import take_pending_entries
from domain.cases.member_case import MemberContext
from domain.cases.messages import CompleteTask, MessageResult
from domain.cases.orders import RecordResult
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.clocks.binding import compute_clocks
from domain.clocks.engine import Clock, ClockFacts
from domain.concerns.start import ConcernStart
from domain.decisions.reviewers import Reviewer
from domain.discharge import after_discharge, letters, message_effects, next_setting, notices, path, views
from domain.discharge.case import DischargeCase
from domain.discharge.messages import DischargeMessage
from domain.discharge.notice_duties import duty_events
from domain.discharge.parts import DischargePolicy
from domain.journal import UMPIRE, Actor, EntryDraft, EntryKind
from domain.letters.orders import BlockedLetter, LetterOrder, WrittenLetter
from domain.letters.stay_facts import StayFacts
from domain.requests.request import AuthorizationRequest
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.stays.plan_messages import DischargePlanUpdated, QioUpdate, StayChanged, StaySnapshot
from domain.vocabulary import Lob, NoticeKind, Proceeding, ReviewKind, Role, Urgency
from rulebook.rulebook import Rulebook, load_rulebook

ZONE = "America/Chicago"
MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
HOSPITAL, NEXT = "1215000062", "1215000013"
ALL_ROLES = Reviewer(
    reviewer_id="everybody",
    name="Somebody with every role",
    roles=tuple(Role),
    licences=(),
    training_valid_through=date(2037, 1, 1),
)


@cache
def book() -> Rulebook:
    return load_rulebook({})


@cache
def person(lob: Lob | None = Lob.MEDICARE_ADVANTAGE, pcp: str | None = "1999999984") -> MemberContext:
    policy = book().review.policy
    return MemberContext(
        known=True,
        covered=True,
        lob=lob,
        state="IL",
        zone=ZONE,
        plan_id="1888888884",
        plan_zone=ZONE,
        pcp_npi=pcp,
        ladders=book().ladders,
        letter_repair_hours=policy.letter_repair_hours,
        missed_clock_hours=policy.missed_clock_task_hours,
        nurse_professions=(),
        rulebook_version=book().version,
    )


def stay_snapshot(**changes: Any) -> StaySnapshot:
    told: dict[str, Any] = {
        "stay_id": "ST-0001",
        "member_id": "MBR1000001",
        "facility": "Meridian Heart Hospital",
        "facility_npi": HOSPITAL,
        "status": OrderedStatus.INPATIENT,
        "level": LevelOfCare.INPATIENT_WARD,
        "admitted_at": MONDAY,
        "emergent": True,
    }
    return StaySnapshot(**(told | changes))


def can_be_written(order: LetterOrder) -> bool:
    """Whether the order has what the notices' rules require, as far as a plan can lack it."""
    facts = order.facts
    assert isinstance(facts, StayFacts)
    match order.notice:
        case NoticeKind.DISCHARGE_SUMMARY:
            medicines = bool(facts.medicines) or facts.takes_no_medicines is True
            return None not in (facts.setting, facts.discharge_on) and medicines and bool(facts.warning_signs)
        case NoticeKind.NOMNC:
            return None not in (facts.last_covered_day, facts.qio_request_by) and "provider" in order.recipients
        case NoticeKind.DENC | NoticeKind.DND:
            day = facts.last_covered_day if order.notice is NoticeKind.DENC else facts.discharge_on
            return None not in (day, facts.reason, facts.basis, facts.signed_by)
        case NoticeKind.MOON:
            return None not in (facts.reason, facts.observation_began)
        case NoticeKind.IMPORTANT_MESSAGE:
            return facts.admitted_on is not None
    return True


class DischargeWorld:
    """One plan, its clock, and everything that it requested from outside."""

    def __init__(
        self, shown: StaySnapshot | None = None, now: datetime = MONDAY, look: MemberContext | None = None
    ) -> None:
        self.now, self.look = now, look or person()
        self.plan = DischargeCase(
            case_id="DP-0001", received_at=now, member_id="MBR1000001", picture=shown or stay_snapshot()
        )
        self.entries: list[EntryDraft] = []
        self.letters: list[LetterOrder] = []
        self.requests: list[AuthorizationRequest] = []
        self.referrals: list[ConcernStart] = []
        self.news: list[DischargePlanUpdated] = []
        self.looks: list[int] = []
        self.admissions: list[tuple[str, datetime]] = []
        self.writer_broken: frozenset[NoticeKind] = frozenset()
        self.in_network: dict[str, bool] = {NEXT: True}
        self.finished = False
        self._ids = count(1)
        self.settle()

    # -- the workflow's loop -------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Carry out steps until the plan waits."""
        for _ in range(400):
            match path.advance(self.plan, self.now):
                case steps.Wait():
                    self._drain()
                    alarm = path.next_timer(self.plan, self.now)
                    assert alarm is None or alarm > self.now, "an alarm in the past would never let the plan rest"
                    return
                case steps.Finish():
                    self._drain()
                    self.finished = True
                    return
                case step:
                    self._carry_out(step)
        raise AssertionError("the plan does not come to rest")

    def _drain(self) -> None:
        views.attach_summary(self.plan, self.now)
        self.entries += take_pending_entries(self.plan, lambda: views.case_view(self.plan, self.now))

    def _carry_out(self, step: path.Step) -> None:
        plan, now = self.plan, self.now
        match step:
            case path.LookUpMemberAndPolicy():
                plan.set_member_context(self.look)
                plan.policy = DischargePolicy(
                    transitions=book().stays.transitions,
                    calendar=book().calendar.model_copy(update={"others": ()}),
                    assess_by=book().stays.policy.first_review_due(
                        plan.received_at, book().calendar, ZoneInfo(plan.zone)
                    ),
                    reminders_at=book().stays.policy.callback_hours.opens,
                )
                plan.reviewers["everybody"] = ALL_ROLES
                if not plan.is_opened:
                    plan.note(EntryKind.PLAN_OPENED, now, "Begun.")
            case path.ComputeDuties():
                notices.apply_duties(plan, self._clocks(), now)
            case path.LookUpChoices(npis):
                plan.record_networks({npi: known for npi, known in self.in_network.items() if npi in npis})
            case path.OpenNextSettingReview(review):
                self.requests.append(next_setting.build_request(plan, review, now))
                next_setting.mark_review_open(plan, review, now)
            case path.ReferToCareManagement(referral):
                referral.started = True
                self.referrals.append(
                    ConcernStart(
                        case_id=referral.case_id,
                        kind="care_management",
                        raised_by=referral.raised_by,
                        about_case_id=plan.case_id,
                        member_id=plan.member_id,
                        what=referral.what,
                        at=referral.at,
                    )
                )
            case path.UpdateStay(news):
                plan.told = news
                self.news.append(news)
            case path.CheckReadmissions(day):
                self.looks.append(day)
                for stay_id, at in self.admissions:
                    after_discharge.link_readmission(plan, stay_id, at, now)
                after_discharge.mark_readmission_checked(plan, day)
            case path.WriteLetter(letter):
                self._write(letter)
            case steps.DeliverLetters(letter_ids):
                letter_tracking.mark_mailed(plan, letter_ids, now)
                letter_tracking.close_delivery_trouble(plan, now)
            case steps.CloseCase(status):
                path.close_case(plan, status, now)

    def _write(self, letter: Any) -> None:
        plan, now = self.plan, self.now
        plan.owed.remove(letter)
        stuck, order = len(plan.blocked_letters), letters.letter_order(plan, letter, now)
        if order is None:
            recorded = letter_tracking.blocked_without_plan((letter.notice,))
        elif letter.notice in self.writer_broken or not can_be_written(order):
            recorded = RecordResult(blocked=(BlockedLetter(notice=letter.notice, missing=("x",), why="Broken."),))
        else:
            self.letters.append(order)
            recorded = RecordResult(
                letters=(
                    WrittenLetter(
                        letter_id=f"{order.case_id}:{order.notice.value}:member:{order.round}",
                        notice=order.notice,
                        audience="member",
                        recipient="member",
                        subject=order.notice.value,
                        sha256="0" * 64,
                    ),
                )
            )
        letter_tracking.record_written(plan, (letter.notice,), recorded, now)
        if len(plan.blocked_letters) > stuck:
            plan.blocked.append(letter)

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
                proceeding=proceeding,
            )
            clocks = compute_clocks(book().clocks, facts, duty_events(plan, self.now), book().calendar)
            found.update({clock.rule_id: clock for clock in clocks})
        return tuple(found.values())

    # -- time and people -----------------------------------------------------------------------------------------------

    def wait(self, delta: timedelta | None = None, **parts: float) -> None:
        """Let time pass, stopping at every timer on the way."""
        self.wait_until(self.now + (delta if delta is not None else timedelta(**parts)))

    def wait_until(self, end: datetime) -> None:
        for _ in range(3000):
            alarm = None if self.finished else path.next_timer(self.plan, self.now)
            if alarm is None or alarm > end:
                self.now = max(end, self.now)
                self.settle()
                return
            self.now = alarm
            self.settle()
        raise AssertionError("alarms without end")

    def carry(self) -> None:
        """Continue in a new run, with only the carried state."""
        again = DischargeCase.model_validate_json(self.plan.model_dump_json())
        assert again == self.plan
        self.plan = again
        self.settle()

    def stamp(self, who: str = "everybody") -> dict[str, Any]:
        actor = UMPIRE if who == "umpire" else Actor(kind="reviewer", id=who)
        return {"message_id": f"m-{next(self._ids)}", "at": self.now, "actor": actor}

    def send(self, message: DischargeMessage) -> MessageResult:
        self.plan.reviewers["everybody"] = ALL_ROLES
        answer = message_effects.receive_message(self.plan, message, self.now)
        self.settle()
        return answer

    def tell(self, what: str = "changed", **changes: Any) -> MessageResult:
        shown = self.plan.picture.model_copy(update=changes)
        return self.send(StayChanged(**self.stamp("umpire"), picture=shown, what=what))

    def qio(self, about: str, what: str, **more: Any) -> MessageResult:
        return self.send(QioUpdate.model_validate({**self.stamp("umpire"), "about": about, "what": what, **more}))

    def open(self, kind: TaskKind, about: str | None = None) -> Task | None:
        found = [one for one in self.plan.open_tasks(kind) if about is None or (one.about or "").startswith(about)]
        return found[-1] if found else None

    def do(self, kind: TaskKind, form: dict[str, Any] | None = None, about: str | None = None) -> MessageResult:
        task = self.open(kind, about)
        assert task is not None, f"no open task {kind} about {about}: {[t.about for t in self.plan.open_tasks()]}"
        return self.end(task, form)

    def end(self, task: Task, form: dict[str, Any] | None = None) -> MessageResult:
        outcome = {TaskKind.MISSED_CLOCK: TaskOutcome.ACKNOWLEDGE, TaskKind.LETTER_REPAIR: TaskOutcome.RETRY}
        message = CompleteTask(
            **self.stamp(),
            task_id=task.task_id,
            reviewer_id="everybody",
            outcome=outcome.get(task.kind, TaskOutcome.DONE),
            form=form,
        )
        return self.send(message)

    def judged(self, rule: str) -> str | None:
        return next((word for key, word in self.plan.judged.items() if key.startswith(f"{rule}/")), None)

    def notices(self) -> list[str]:
        return [order.notice.value for order in self.letters]
