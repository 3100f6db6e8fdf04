"""A stay's workflow without Temporal: lookups by the shipped rulebook, reviews, letters, messages to the discharge plan.

The invariants about days, tasks and the journal are checked after every step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from activities.stay_reviews import StayLookups
from domain.cases import journal_rows, letter_tracking, receipt, steps
from domain.cases.letter_tracking import next_letter_sequence
from domain.cases.member_case import MemberContext
from domain.cases.messages import CompleteTask, ReviewAnswered
from domain.cases.orders import RecordResult
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import AnsweredLine, CaseStatus, CaseSummary
from domain.decisions.reviewers import Reviewer
from domain.discharge.messages import DischargeMessage
from domain.journal import Actor
from domain.letters.orders import BlockedLetter, WrittenLetter
from domain.requests.request import StayPurpose
from domain.stays import context_received, message_effects, path, round_opening, views
from domain.stays.adt import CANCEL_KINDS, AdtKind
from domain.stays.case import StayCase, StayRun
from domain.stays.contradictions import read_cancels
from domain.stays.messages import StayMessage
from domain.stays.orders import StayContext, StayInput, StayReviewInput
from domain.stays.parts import DayDetermination, DayStatus, PreauthorizedDays, days_between
from domain.stays.plan_messages import DischargePlanUpdated, StayChanged
from domain.stays.readmissions import ReadmissionLink
from domain.stays.start import StayStart
from domain.vocabulary import Audience, LineOutcome, Lob, NoticeKind, ProcessKind, Role
from rulebook.rulebook import Rulebook, load_rulebook
from tests.domain.authorization.casebook import make_license, reviewer
from tests.domain.stays.plan_world import PlanWorld

MOST_STEPS = 60
STAY = "ST-TEST"
STAFF = tuple(
    reviewer(
        role.value,
        role,
        licences=(make_license("registered_nurse" if role is Role.NURSE else "physician", expires=date(2039, 1, 1)),),
        training_valid_through=date(2039, 1, 1),
    )
    for role in Role
)
BY_ID: dict[str, Reviewer] = {who.reviewer_id: who for who in STAFF}


@cache
def book() -> Rulebook:
    return load_rulebook({})


class StubStayLookups(StayLookups):
    """Lookups without a store: planned admissions and earlier stays are set by the test."""

    def __init__(self, lob: Lob | None, zone: str) -> None:
        self._rulebook = book()
        self.lob, self.zone = lob, zone
        self.matched: tuple[PreauthorizedDays, ...] = ()

    def look(self, order: StayInput) -> StayContext:
        alone = order.model_copy(update={"facility_npi": None})
        person = None if order.person_known else self.person()
        found = self._look(None, alone, person, self.lob, ZoneInfo(self.person().zone))
        matched = self.matched if order.began_at is not None else ()
        return found.model_copy(update={"authorizations": matched})

    def _readmissions(self, *_given: Any) -> tuple[ReadmissionLink, ...]:
        return ()

    def person(self) -> MemberContext:
        policy = book().review.policy
        return MemberContext(
            known=self.lob is not None,
            lob=self.lob,
            state="IL",
            zone=self.zone if self.lob is not None else "UTC",
            plan_id="P1",
            ladders=book().ladders,
            letter_repair_hours=policy.letter_repair_hours,
            missed_clock_hours=policy.missed_clock_task_hours,
            nurse_professions=policy.nurse_professions,
            rulebook_version="test",
        )


@dataclass
class Review:
    """A review of the stay, as its reviewers see it; `answer` once they have decided."""

    order: StayReviewInput
    withdrawn: bool = False
    answer: ReviewAnswered | None = None


class StayWorld:
    """One stay with its reviews, letters and discharge plan."""

    ENDS_WITH: ClassVar = {TaskKind.LETTER_REPAIR: TaskOutcome.RETRY, TaskKind.MISSED_CLOCK: TaskOutcome.ACKNOWLEDGE}

    def __init__(self, begins: datetime, lob: Lob | None, zone: str) -> None:
        self.now = self.received_at = begins
        self.looking = StubStayLookups(lob, zone)
        start = StayStart(
            stay_id=STAY, received_at=begins, member_id="M", facility_npi="1215000062", facility="Meridian"
        )
        self.stay: StayCase = context_received.open_case(StayRun(**dict(start)))
        self.stay.keeps_order = self.stay.notice_asks_once = True
        self.reviews: dict[str, Review] = {}
        self.approved: set[tuple[str, str, date]] = set()
        self.refused: set[tuple[str, str, date]] = set()
        self.ever_approved: dict[date, DayDetermination] = {}
        self.seen: list[int] = []
        self.sent: list[str] = []
        self.blocked = False
        self.carrier_works = True
        self.number = 0
        self.plan: PlanWorld | None = None
        self.plan_is_done = False

    # -- the workflow --------------------------------------------------------------------------------------------------

    def rest(self) -> None:
        """Advance the stay and its discharge plan until both wait."""
        for _ in range(MOST_STEPS):
            self._rest()
            before = self.stay.seq, len(self.stay.answers)
            if self.plan is not None and not self.plan_is_done:
                self.plan_is_done = self.plan.rest(self.now)
            if (self.stay.seq, len(self.stay.answers)) == before:
                return
        raise AssertionError("the stay and its plan keep each other busy")

    def _rest(self) -> None:
        for _ in range(MOST_STEPS):
            step = path.advance(self.stay, self.now)
            self._check_invariants()
            if isinstance(step, steps.Wait | steps.Finish):
                self._drain()
                self._check_at_rest(step)
                return
            self._do(step)
        raise AssertionError(f"the stay never comes to rest: {step}")

    def pass_time(self, by: timedelta) -> None:
        """Let time go by; the stay wakes at each instant for which it asked."""
        self.rest()
        # a carrier in trouble is tried every quarter of an hour, by the stay and by its plan
        until, most = self.now + by, 60 + 260 * (by.days + 1)
        for _ in range(most):
            alarm = self._next_alarm()
            later = until if alarm is None or alarm > until else alarm
            assert alarm is None or alarm > self.now, "an alarm that has passed"
            self._wake(later)
            if alarm is None or alarm > until:
                return
        raise AssertionError("the stay wakes again and again")

    def _wake(self, at: datetime) -> None:
        """Advance the stay at this instant, unless it has no timer due by then."""
        alarm = path.next_timer(self.stay, self.now)
        sleeps, before = alarm is None or alarm > at, self.stay.seq
        self.now = at
        self._rest()
        assert not sleeps or self.stay.seq == before, "something was due, and no alarm would have told"
        self.rest()

    def _next_alarm(self) -> datetime | None:
        alarms = [path.next_timer(self.stay, self.now)]
        if self.plan is not None and not self.plan_is_done:
            alarms.append(self.plan.next_timer(self.now))
        return min((alarm for alarm in alarms if alarm is not None), default=None)

    def tell_plan(self, message: DischargeMessage) -> bool:
        """Send a message to the discharge plan; a finished plan receives none."""
        if self.plan is None or self.plan_is_done:
            return False
        named = {getattr(message, "reviewer_id", None), message.actor.id}
        self.plan.plan.reviewers |= {who: BY_ID[who] for who in named if who in BY_ID}
        return self.plan.tell(message, self.now)

    def tell(self, message: StayMessage) -> bool:
        for named in (getattr(message, "reviewer_id", None), message.actor.id):
            if named in BY_ID:
                self.stay.reviewers[named] = BY_ID[named]
        if not self.stay.delay_reasons:
            self.stay.delay_reasons = tuple(book().stays.delays.reasons)
        answer = message_effects.receive_message(self.stay, message, self.now)
        self._check_invariants()
        return answer.accepted

    def stamp(self, who: str = "1215000062", kind: str = "provider") -> dict[str, Any]:
        self.number += 1
        return {"message_id": f"m{self.number}", "at": self.now, "actor": Actor(kind=kind, id=who)}

    def continue_as_new(self) -> None:
        """Continue the stay as a new run."""
        self.rest()
        receipt.drop_old_results(self.stay)
        course = self.stay.course
        self.stay.drop_ended_items()
        self.stay.drop_repeated_updates(self.now)
        message_effects.rebuild_timeline(self.stay)
        assert self.stay.course == course, "what was forgotten mattered"
        run = StayRun(stay_id=STAY, received_at=self.stay.received_at, member_id="M", facility="x", carried=self.stay)
        again = StayRun.model_validate_json(run.model_dump_json())
        assert again == run
        assert again.carried is not None
        self.stay = again.carried
        if self.plan is not None:
            self.plan.continue_as_new()

    def _do(self, step: path.Step) -> None:
        stay, now = self.stay, self.now
        match step:
            case path.LookUpStay():
                context_received.apply_context(stay, self.looking.look(context_received.context_input(stay, now)), now)
            case path.OpenStayReview():
                self._drain()
                self._open(round_opening.review_input(stay))
                round_opening.mark_review_open(stay, now + timedelta(hours=72), now)
            case path.WithdrawStayReview(case_id):
                self.reviews[case_id].withdrawn = True
                stay.round_to_withdraw = None
            case path.StartDischargePlan(picture):
                stay.plan_started, stay.told = True, picture
                self.plan = PlanWorld(now, picture, book(), self.looking.person, self._receive_plan_update)
            case path.UpdateDischargePlan(picture):
                what = views.describe_changes(stay.told, picture)
                stay.told = picture
                self.tell_plan(StayChanged(**self.stamp("umpire", "system"), picture=picture, what=what))
            case path.WriteStayLetters(notices):
                recorded = self._written(notices)
                self._out(letter_tracking.record_written(stay, notices, recorded, now))
            case steps.DeliverLetters(letter_ids):
                if self.carrier_works:
                    self._out(letter_ids)
                else:
                    letter_tracking.report_delivery_trouble(stay, now)

    def _receive_plan_update(self, news: DischargePlanUpdated) -> None:
        if self.stay.is_open:
            assert self.tell(news)

    def _open(self, order: StayReviewInput) -> None:
        case_id = order.round.case_id
        assert not any(one.answer is None and not one.withdrawn for one in self.reviews.values()), "two current reviews"
        assert case_id not in self.reviews, "a round was opened twice"
        assert order.lines and all(line.quantity > 0 for line in order.lines)
        asked = [day for line in order.lines for day in days_between(line.first, line.last)]
        assert asked == sorted(set(asked)), "a day is in two lines"
        if order.round.purpose in (StayPurpose.ADMISSION, StayPurpose.CONTINUED_STAY):
            assert not [day for day in asked if self.stay.determination_for(day)], "a decided day is reviewed again"
        self.reviews[case_id] = Review(order)

    def _written(self, notices: tuple[NoticeKind, ...]) -> RecordResult:
        if self.blocked:
            return RecordResult(blocked=tuple(BlockedLetter(notice=n, missing=("x",), why="x") for n in notices))
        assert self.stay.member_context().lob is not None, "a letter of a plan that nobody knows"
        letters = tuple(
            WrittenLetter(
                letter_id=f"{STAY}:{notice.value}:provider:{next_letter_sequence(self.stay, notice)}",
                notice=notice,
                audience=Audience.PROVIDER.value,
                recipient="r",
                subject="s",
                sha256="0",
            )
            for notice in notices
        )
        return RecordResult(letters=letters)

    def _out(self, letter_ids: tuple[str, ...]) -> None:
        self.sent += letter_ids
        letter_tracking.mark_mailed(self.stay, letter_ids, self.now)
        letter_tracking.close_delivery_trouble(self.stay, self.now)

    def _drain(self) -> None:
        entries = journal_rows.take_pending_entries(self.stay, lambda: views.case_view(self.stay))
        self.seen += [entry.seq for entry in entries]
        assert self.seen == list(range(1, len(self.seen) + 1)), "the journal's numbers have holes"

    # -- the reviewers -------------------------------------------------------------------------------------------------

    def open_reviews(self) -> list[Review]:
        return [one for one in self.reviews.values() if one.answer is None]

    def decide(self, review: Review, lines: tuple[AnsweredLine, ...]) -> None:
        """Decide these lines of the review and report it to the stay. A withdrawn review decides nothing."""
        order = review.order
        withdrawn = review.withdrawn or not lines
        outcomes = {line.outcome for line in lines}
        adverse = outcomes & {LineOutcome.DENIED, LineOutcome.APPROVED_IN_PART}
        status = CaseStatus.WITHDRAWN if withdrawn else CaseStatus.APPROVED_IN_PART if adverse else CaseStatus.APPROVED
        for answer in () if withdrawn else lines:
            self._record_answer(order, answer)
        review.answer = ReviewAnswered(
            **self.stamp("umpire", "system")
            | {
                "message_id": f"{order.round.case_id}-answered",
                "case_id": order.round.case_id,
                "purpose": order.round.purpose,
                "round": order.round.number,
                "status": status,
                "lines": () if withdrawn else lines,
                "decided_at": None if withdrawn else self.now,
            }
        )
        self.tell(review.answer)

    def _record_answer(self, order: StayReviewInput, answer: AnsweredLine) -> None:
        """Record the days that the reviewers decided. An approved part of a day approves the day."""
        line = next(line for line in order.lines if line.line_id == answer.line_id)
        every = list(days_between(line.first, line.last))
        meant = set(every)
        if answer.outcome is LineOutcome.DENIED:
            meant = set()
        elif answer.outcome is LineOutcome.APPROVED_IN_PART:
            if answer.approved_end is not None:
                meant = {day for day in every if day <= answer.approved_end}
            elif answer.approved_quantity is not None:
                per_day = line.quantity / len(every)
                meant = {day for place, day in enumerate(every) if place * per_day < answer.approved_quantity}
        key = (order.round.case_id, answer.line_id)
        self.approved |= {(*key, day) for day in meant}
        if answer.outcome is not None and answer.outcome is not LineOutcome.APPROVED:
            self.refused |= {(*key, day) for day in set(every) - meant}

    # -- invariants----------------------------------------------------------------------------------------------------

    def _check_invariants(self) -> None:
        stay = self.stay
        assert stay.received_at == self.received_at, "the receipt moved"
        answered: dict[date, DayDetermination] = {}
        for span in stay.spans:
            for day in days_between(span.first, span.last) if span.counts else ():
                assert day not in answered, "a day with two answers"
                answered[day] = span
                self._check_decided(day, span)
        for day, span in self.ever_approved.items():
            now_is = answered.get(day)
            assert now_is is not None, "a day that was approved has no answer any more"
            if now_is.stand is DayStatus.DENIED:
                ended_by = self.reviews[now_is.case_id].order.round
                assert ended_by.purpose is StayPurpose.REDUCTION, (
                    f"{day} was approved by {span.case_id} and is taken back"
                )
                rule = stay.require_context().reduction
                assert rule is not None and (day - stay.day(now_is.decided_at)).days > rule.days_of_notice, "no notice"
        self.ever_approved |= {day: span for day, span in answered.items() if span.stand is DayStatus.CERTIFIED}
        for task in stay.open_tasks():
            assert task.role and task.due_at >= task.opened_at
        assert len(self.sent) == len(set(self.sent)), "a letter went out twice"

    def _check_decided(self, day: date, span: DayDetermination) -> None:
        key = (span.case_id, span.line_id, day)
        if span.stand is DayStatus.DENIED:
            assert key in self.refused, f"{day} is denied and nobody signed it"
            return
        matched = any(
            (one.case_id, one.line_id) == key[:2] and one.first <= day <= one.last for one in self.looking.matched
        )
        by_qio = span.by == "QIO" and key in self.refused  # the QIO restored a day that the plan's physician denied
        by_law = span.by.startswith("law:") and key in self.refused  # a denial that nobody was told of in time
        assert matched or by_qio or by_law or key in self.approved, f"{day} is certified and nobody decided so"

    def _check_at_rest(self, step: path.Step) -> None:
        stay, now = self.stay, self.now
        assert stay.pending == []
        sheet = CaseSummary.model_validate(views.summary_data(stay, now)["sheet"])
        assert sheet.process is ProcessKind.STAY and views.status_summary(stay).sentence
        assert views.case_view(stay).status is stay.status
        if isinstance(step, steps.Finish):
            self._check_no_open_work()
            return
        if not stay.is_open:
            return
        self._check_contradictions()
        waiting = views.current_wait(stay)
        assert waiting is not None and waiting.owner, "the stay waits for nobody"
        is_watched = stay.round is not None or stay.open_tasks() or path.next_timer(stay, now) is not None
        assert is_watched, "neither a review, a task nor a timer: nobody would notice that nothing comes"
        owed = stay.review_required_through(now)
        for day in stay.undecided_days(owed) if owed is not None else ():
            assert self._has_open_work(), f"{day} has no answer, and nobody is asked for one"
        for task in stay.open_tasks(TaskKind.LEVEL_QUESTION):
            assert any(phase.level is None for phase in stay.course.phases), f"{task.task_id} asks what is known"

    def _check_contradictions(self) -> None:
        """Each contradiction is asked once, and no cancel is passed over: it takes something back, or is asked about."""
        stay = self.stay
        if stay.lob is not None and not stay.course.is_voided:
            for question in stay.course.questions:
                assert question.signal in stay.signals, f"nobody is asked about {question.signal}"
        events = list(stay.events.values())
        found = read_cancels(events, stay.spoken)
        if found.voided_by is not None:
            return
        for cancel in events:
            if cancel.kind not in CANCEL_KINDS or cancel.arrival is None or cancel.event_id in stay.spoken:
                continue
            without = read_cancels([one for one in events if one is not cancel], stay.spoken)
            before = [one for one in events if one.knowledge < cancel.knowledge and one.discharged_at is not None]
            told = {one.event_id for one in (*before, *events) if one in before or one.kind is AdtKind.DISCHARGE}
            says_nothing_new = cancel.kind is AdtKind.CANCEL_DISCHARGE and (not told or bool(told & without.still_in))
            assert found != without or says_nothing_new, f"a cancel is passed over: {cancel}"

    def _has_open_work(self) -> bool:
        """Whether an open day waits for something with an end: a review, the facility, or a task."""
        stay = self.stay
        if stay.round is not None:
            return self.reviews[stay.round.case_id].answer is None
        if stay.lob is None:  # the rules are not known: a task finds the coverage first
            return bool(stay.open_tasks(TaskKind.STATUS_QUESTION)) or stay.look_needed
        asked = stay.asked is not None and stay.asked.due_at > self.now
        return asked or bool(stay.open_tasks(TaskKind.CLINICAL_UPDATE, TaskKind.LEVEL_QUESTION))

    def _check_no_open_work(self) -> None:
        stay = self.stay
        assert not stay.is_open and not stay.open_tasks() and not stay.unsent_letters() and not stay.owed_letters
        assert stay.round is None and not stay.blocked_letters
        owed = stay.review_required_through(self.now)
        assert stay.course.is_voided or owed is None or not stay.undecided_days(owed)
        assert not [one for one in self.reviews.values() if one.answer is None and not one.withdrawn]
        assert path.next_timer(stay, self.now) is None

    # -- completion ----------------------------------------------------------------------------------------------------

    def approve(self, review: Review) -> None:
        """Approve everything that was requested."""
        self.decide(
            review,
            tuple(
                AnsweredLine(line_id=line.line_id, outcome=LineOutcome.APPROVED, by="md") for line in review.order.lines
            ),
        )

    def finish(self, task_id: str, form: dict[str, Any] | None) -> bool:
        """Complete the task as a reviewer who may."""
        task = self.stay.tasks[task_id]
        who = task.assignee or task.role.value
        outcome = self.ENDS_WITH.get(task.kind, TaskOutcome.DONE)
        return self.tell(
            CompleteTask(
                **self.stamp(who, "reviewer"), task_id=task_id, reviewer_id=who, outcome=outcome, form=form or None
            )
        )


def part(review: Review, place: int, share: Decimal) -> AnsweredLine:
    """A share of one line by quantity, as a physician would sign it."""
    line = review.order.lines[place]
    quantity = max((line.quantity * share).quantize(Decimal(1)), Decimal(1))
    return AnsweredLine(line_id=line.line_id, outcome=LineOutcome.APPROVED_IN_PART, approved_quantity=quantity, by="md")
