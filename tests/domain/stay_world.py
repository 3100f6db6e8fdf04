"""What a stay's workflow does, without Temporal: looks by the shipped rulebook, reviews, letters, word to the discharge plan.

Whatever is done, the promises about days, tasks and the journal are looked at after every step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from casebook import licence, reviewer
from plan_world import PlanWorld

from activities.stay_reviews import StayReviews
from domain.cases import journal_rows as cases_journal_rows
from domain.cases import letter_tracking as mail
from domain.cases import receipt as reception
from domain.cases.letter_tracking import next_round
from domain.cases.member_case import PersonLook
from domain.cases.messages import CompleteTask, ReviewAnswered
from domain.cases.orders import Recorded
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import AnsweredLine, CaseStatus, ProcessKind, Sheet
from domain.decisions.reviewers import Reviewer
from domain.discharge.messages import PlanMessage
from domain.journal import Actor
from domain.letters.orders import BlockedLetter, WrittenLetter
from domain.requests.request import StayPurpose
from domain.stays import looks as stay_opening
from domain.stays import message_effects as staywork
from domain.stays import path as stay_pathway
from domain.stays import round_opening as stays_round_opening
from domain.stays import views as stay_view
from domain.stays.case import Stay
from domain.stays.messages import StayMessage
from domain.stays.orders import OpenReview, StayLook, StayLookOrder
from domain.stays.parts import Matched, Span, Stand, days
from domain.stays.plan_messages import PlanNews, TellPlan
from domain.stays.readmissions import ReadmissionLink
from domain.stays.run import StayRun
from domain.stays.start import StayStart
from domain.vocabulary import Audience, LineOutcome, Lob, NoticeKind, Role
from rulebook.rulebook import Rulebook, load_rulebook

MOST_STEPS = 60
STAY = "ST-TEST"
STAFF = tuple(
    reviewer(
        role.value,
        role,
        licences=(licence("registered_nurse" if role is Role.NURSE else "physician", expires=date(2039, 1, 1)),),
        training_valid_through=date(2039, 1, 1),
    )
    for role in Role
)
BY_ID: dict[str, Reviewer] = {who.reviewer_id: who for who in STAFF}


@cache
def book() -> Rulebook:
    return load_rulebook({})


class Looking(StayReviews):
    """Looks without a store: planned admissions and earlier stays are as the test has them."""

    def __init__(self, lob: Lob | None, zone: str) -> None:
        self._rulebook = book()
        self.lob, self.zone = lob, zone
        self.matched: tuple[Matched, ...] = ()

    def look(self, order: StayLookOrder) -> StayLook:
        alone = order.model_copy(update={"facility_npi": None})
        person = None if order.person_known else self.person()
        found = self._look(None, alone, person, self.lob, ZoneInfo(self.person().zone))
        matched = self.matched if order.began_at is not None else ()
        return found.model_copy(update={"authorizations": matched})

    def _readmissions(self, *_given: Any) -> tuple[ReadmissionLink, ...]:
        return ()

    def person(self) -> PersonLook:
        policy = book().review.policy
        return PersonLook(
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
    """A case that a round opened, as the people who decide on it see it; `answer` once they have."""

    order: OpenReview
    withdrawn: bool = False
    answer: ReviewAnswered | None = None


class World:
    """One stay, and everything around it."""

    ENDS_WITH: ClassVar = {TaskKind.LETTER_REPAIR: TaskOutcome.RETRY, TaskKind.MISSED_CLOCK: TaskOutcome.ACKNOWLEDGE}

    def __init__(self, begins: datetime, lob: Lob | None, zone: str) -> None:
        self.now = begins
        self.looking = Looking(lob, zone)
        start = StayStart(
            stay_id=STAY, received_at=begins, member_id="M", facility_npi="1215000062", facility="Meridian"
        )
        self.stay: Stay = stay_opening.opened(StayRun(**dict(start)))
        self.reviews: dict[str, Review] = {}
        self.approved: set[tuple[str, str, date]] = set()
        self.refused: set[tuple[str, str, date]] = set()
        self.ever_approved: dict[date, Span] = {}
        self.seen: list[int] = []
        self.sent: list[str] = []
        self.blocked = False
        self.carrier_works = True
        self.number = 0
        self.plan: PlanWorld | None = None
        self.plan_is_done = False

    # -- carrying out --------------------------------------------------------------------------------------------------

    def rest(self) -> None:
        """Go on until there is nothing to do but wait, for the stay and for its discharge plan."""
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
            step = stay_pathway.next_step(self.stay, self.now)
            self._watch_the_promises()
            if isinstance(step, stay_pathway.Wait | stay_pathway.Finish):
                self._drain()
                self._at_rest(step)
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
        """Go on at this instant. A stay that did not ask to be woken by then has nothing to do."""
        alarm = stay_pathway.next_alarm(self.stay, self.now)
        sleeps, before = alarm is None or alarm > at, self.stay.seq
        self.now = at
        self._rest()
        assert not sleeps or self.stay.seq == before, "something was due, and no alarm would have told"
        self.rest()

    def _next_alarm(self) -> datetime | None:
        alarms = [stay_pathway.next_alarm(self.stay, self.now)]
        if self.plan is not None and not self.plan_is_done:
            alarms.append(self.plan.next_alarm(self.now))
        return min((alarm for alarm in alarms if alarm is not None), default=None)

    def tell_plan(self, message: PlanMessage) -> bool:
        """Somebody tells the discharge plan; one that is finished hears nothing any more."""
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
        answer = staywork.receive(self.stay, message, self.now)
        self._watch_the_promises()
        return answer.accepted

    def stamp(self, who: str = "1215000062", kind: str = "provider") -> dict[str, Any]:
        self.number += 1
        return {"message_id": f"m{self.number}", "at": self.now, "actor": Actor(kind=kind, id=who)}

    def go_on_in_a_new_run(self) -> None:
        """What continue-as-new does to a stay."""
        self.rest()
        reception.forget_old_answers(self.stay)
        course = self.stay.course
        self.stay.forget_ended()
        self.stay.forget_repetitions(self.now)
        staywork.refold(self.stay)
        assert self.stay.course == course, "what was forgotten mattered"
        run = StayRun(stay_id=STAY, received_at=self.stay.received_at, member_id="M", facility="x", carried=self.stay)
        again = StayRun.model_validate_json(run.model_dump_json())
        assert again == run
        assert again.carried is not None
        self.stay = again.carried
        if self.plan is not None:
            self.plan.go_on_in_a_new_run()

    def _do(self, step: stay_pathway.Step) -> None:
        stay, now = self.stay, self.now
        match step:
            case stay_pathway.Look():
                stay_opening.looked(stay, self.looking.look(stay_opening.look_order(stay, now)), now)
            case stay_pathway.OpenRound():
                self._drain()
                self._open(stays_round_opening.order(stay))
                stays_round_opening.opened(stay)
            case stay_pathway.WithdrawRound(case_id):
                self.reviews[case_id].withdrawn = True
                stay.round_to_withdraw = None
            case stay_pathway.StartPlan(picture):
                stay.plan_started, stay.told = True, picture
                self.plan = PlanWorld(now, picture, book(), self.looking.person, self._hear_plan)
            case stay_pathway.TellPlan(picture):
                what = stay_view.difference(stay.told, picture)
                stay.told = picture
                self.tell_plan(TellPlan(**self.stamp("umpire", "system"), picture=picture, what=what))
            case stay_pathway.SendLetters(notices):
                recorded = self._written(notices)
                self._out(mail.written(stay, notices, recorded, now))
            case stay_pathway.HandOver(letter_ids):
                if self.carrier_works:
                    self._out(letter_ids)
                else:
                    mail.carrier_in_trouble(stay, now)

    def _hear_plan(self, news: PlanNews) -> None:
        if self.stay.is_open:
            assert self.tell(news)

    def _open(self, order: OpenReview) -> None:
        case_id = order.round.case_id
        assert not any(one.answer is None and not one.withdrawn for one in self.reviews.values()), "two current reviews"
        assert case_id not in self.reviews, "a round was opened twice"
        assert order.lines and all(line.quantity > 0 for line in order.lines)
        asked = [day for line in order.lines for day in days(line.first, line.last)]
        assert asked == sorted(set(asked)), "a day is in two lines"
        if order.round.purpose in (StayPurpose.ADMISSION, StayPurpose.CONTINUED_STAY):
            assert not [day for day in asked if self.stay.answer_of(day)], "a decided day is reviewed again"
        self.reviews[case_id] = Review(order)

    def _written(self, notices: tuple[NoticeKind, ...]) -> Recorded:
        if self.blocked:
            return Recorded(blocked=tuple(BlockedLetter(notice=n, missing=("x",), why="x") for n in notices))
        assert self.stay.looked_up().lob is not None, "a letter of a plan that nobody knows"
        letters = tuple(
            WrittenLetter(
                letter_id=f"{STAY}:{notice.value}:provider:{next_round(self.stay, notice)}",
                notice=notice,
                audience=Audience.PROVIDER.value,
                recipient="r",
                subject="s",
                sha256="0",
            )
            for notice in notices
        )
        return Recorded(letters=letters)

    def _out(self, letter_ids: tuple[str, ...]) -> None:
        self.sent += letter_ids
        mail.left(self.stay, letter_ids, self.now)
        mail.settle(self.stay, self.now)

    def _drain(self) -> None:
        entries = cases_journal_rows.drain(self.stay, lambda: stay_view.row(self.stay))
        self.seen += [entry.seq for entry in entries]
        assert self.seen == list(range(1, len(self.seen) + 1)), "the journal's numbers have holes"

    # -- the people who decide -----------------------------------------------------------------------------------------

    def open_reviews(self) -> list[Review]:
        return [one for one in self.reviews.values() if one.answer is None]

    def decide(self, review: Review, lines: tuple[AnsweredLine, ...]) -> None:
        """The review answers these lines, and the stay hears of it. One that was withdrawn has decided nothing."""
        order = review.order
        withdrawn = review.withdrawn or not lines
        outcomes = {line.outcome for line in lines}
        adverse = outcomes & {LineOutcome.DENIED, LineOutcome.APPROVED_IN_PART}
        status = CaseStatus.WITHDRAWN if withdrawn else CaseStatus.APPROVED_IN_PART if adverse else CaseStatus.APPROVED
        for answer in () if withdrawn else lines:
            self._remember(order, answer)
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

    def _remember(self, order: OpenReview, answer: AnsweredLine) -> None:
        """Which days the people meant, as they would say it themselves. A part of a day that is approved approves the day."""
        line = next(line for line in order.lines if line.line_id == answer.line_id)
        every = list(days(line.first, line.last))
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

    # -- promises ------------------------------------------------------------------------------------------------------

    def _watch_the_promises(self) -> None:
        stay = self.stay
        answered: dict[date, Span] = {}
        for span in stay.spans:
            for day in days(span.first, span.last) if span.counts else ():
                assert day not in answered, "a day with two answers"
                answered[day] = span
                self._was_decided(day, span)
        for day, span in self.ever_approved.items():
            now_is = answered.get(day)
            assert now_is is not None, "a day that was approved has no answer any more"
            if now_is.stand is Stand.DENIED:
                ended_by = self.reviews[now_is.case_id].order.round
                assert ended_by.purpose is StayPurpose.REDUCTION, (
                    f"{day} was approved by {span.case_id} and is taken back"
                )
                rule = stay.looked_at().reduction
                assert rule is not None and (day - stay.day(now_is.decided_at)).days > rule.days_of_notice, "no notice"
        self.ever_approved |= {day: span for day, span in answered.items() if span.stand is Stand.CERTIFIED}
        for task in stay.open_tasks():
            assert task.role and task.due_at >= task.opened_at
        assert len(self.sent) == len(set(self.sent)), "a letter went out twice"

    def _was_decided(self, day: date, span: Span) -> None:
        key = (span.case_id, span.line_id, day)
        if span.stand is Stand.DENIED:
            assert key in self.refused, f"{day} is denied and nobody signed it"
            return
        matched = any(
            (one.case_id, one.line_id) == key[:2] and one.first <= day <= one.last for one in self.looking.matched
        )
        by_qio = span.by == "QIO" and key in self.refused  # what the plan's physician refused, the QIO gave back
        assert matched or by_qio or key in self.approved, f"{day} is certified and nobody decided so"

    def _at_rest(self, step: stay_pathway.Step) -> None:
        stay, now = self.stay, self.now
        assert stay.pending == []
        sheet = Sheet.model_validate(stay_view.sheet_of(stay, now))
        assert sheet.process is ProcessKind.STAY and stay_view.standing(stay).sentence
        assert stay_view.row(stay).status is stay.status
        if isinstance(step, stay_pathway.Finish):
            self._owes_nothing()
            return
        if not stay.is_open:
            return
        waiting = stay_view.waiting(stay)
        assert waiting is not None and waiting.owner, "the stay waits for nobody"
        owed = stay.owed_through(now)
        for day in stay.undecided(owed) if owed is not None else ():
            assert self._is_seen_to(), f"{day} has no answer, and nobody is asked for one"
        for task in stay.open_tasks(TaskKind.LEVEL_QUESTION):
            assert any(phase.level is None for phase in stay.course.phases), f"{task.task_id} asks what is known"

    def _is_seen_to(self) -> bool:
        """Whether an open day waits for somebody with an end: a review, the facility, or somebody with a task."""
        stay = self.stay
        if stay.round is not None:
            return self.reviews[stay.round.case_id].answer is None
        if stay.lob is None:  # nobody knows by which rules: somebody finds the coverage first
            return bool(stay.open_tasks(TaskKind.STATUS_QUESTION)) or stay.look_needed
        asked = stay.asked is not None and stay.asked.due_at > self.now
        return asked or bool(stay.open_tasks(TaskKind.CLINICAL_UPDATE, TaskKind.LEVEL_QUESTION))

    def _owes_nothing(self) -> None:
        stay = self.stay
        assert not stay.is_open and not stay.open_tasks() and not stay.unsent() and not stay.owed_letters
        assert stay.round is None and not stay.blocked_letters
        owed = stay.owed_through(self.now)
        assert stay.course.is_voided or owed is None or not stay.undecided(owed)
        assert not [one for one in self.reviews.values() if one.answer is None and not one.withdrawn]
        assert stay_pathway.next_alarm(stay, self.now) is None

    # -- a good end ----------------------------------------------------------------------------------------------------

    def approve(self, review: Review) -> None:
        """Everything that was asked for is approved."""
        self.decide(
            review,
            tuple(
                AnsweredLine(line_id=line.line_id, outcome=LineOutcome.APPROVED, by="md") for line in review.order.lines
            ),
        )

    def finish(self, task_id: str, form: dict[str, Any] | None) -> bool:
        """Whoever may finish the task does."""
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
