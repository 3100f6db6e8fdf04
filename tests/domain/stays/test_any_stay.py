"""Whatever hospitals, reviewers and carriers do to a stay, in whatever order: every day has an answer that people gave."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.cases import steps
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.cases.views import AnsweredLine
from domain.discharge.notices import DUTY_TASK_KINDS
from domain.journal import UMPIRE
from domain.stays import path
from domain.stays.adt import AdtKind, PatientClass, StayEvent
from domain.stays.avoidable_days import Attribution, AvoidableDay
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import ClinicalUpdate, ProposeReduction, RecordAvoidableDay, RequestSecondLook, StayMessage
from domain.stays.parts import DAY, DayStatus, PreauthorizedDays
from domain.stays.plan_messages import DischargePlanUpdated, QioUpdate
from domain.stays.start import AdtEventReceived
from domain.vocabulary import LineOutcome, Lob
from tests.domain.stays.stay_world import BY_ID, Review, StayWorld, book, part

HOURS_OF = {"instant": 0.0, "minutes": 0.4, "hours": 5.0, "a night": 13.0, "a day": 24.0, "three days": 71.5}
BEGINS = (
    datetime(2026, 3, 6, 20, 30, tzinfo=UTC),  # clocks go forward on the 8th
    datetime(2026, 10, 30, 5, 59, 59, tzinfo=UTC),  # and back on the 1st
    datetime(2026, 12, 30, 17, 0, tzinfo=UTC),
    datetime(2028, 2, 27, 4, 0, tzinfo=UTC),
    datetime(2026, 6, 17, 14, 12, 7, tzinfo=UTC),
)
ZONES = ("America/Chicago", "America/New_York", "America/Phoenix", "Pacific/Honolulu", "Pacific/Guam")
UNITS = ("ED", "OBS", "Med-Surg", "ICU", "Step-Down", "SNF", "IRF", "Geropsych", "4 West", None, None)
CLASSES = (*[PatientClass.INPATIENT] * 4, *PatientClass)
CALM = (AdtKind.TRANSFER, AdtKind.UPDATE, AdtKind.CANCEL_TRANSFER, AdtKind.OTHER, AdtKind.MERGE, AdtKind.TO_INPATIENT)
KINDS = (*CALM, *[AdtKind.TRANSFER] * 2, AdtKind.DISCHARGE, *AdtKind)
WHAT = (
    *["event"] * 4,
    *["update"] * 5,
    *["decide"] * 8,
    *["task"] * 4,
    *["time"] * 6,
    *["second_look"] * 2,
    *["reduction"] * 2,
    *["plan_task"] * 5,
    *["contradiction"] * 3,
    *["qio"] * 2,
    *["avoidable", "plan", "again", "stale", "mail", "new_run", "matched"],
)
CONTRADICTIONS = (
    *("older", "named", "planned", "move", "left", "years", "future"),
    *("disposition", "removed", "leave", "merge", "other"),
)
QIO = ("end_of_services", "discharge")
FORMS: dict[TaskKind, dict[str, Any]] = {
    TaskKind.CLINICAL_UPDATE: {"spoke_with": "Ward clerk", "title": "clerk", "says": "It comes today."},
    TaskKind.LEVEL_QUESTION: {"level": "inpatient_ward"},
    TaskKind.STATUS_QUESTION: {"answer": "Admitted today."},
}
LOOKED_INTO = {"findings": "A bed is missing.", "next_steps": "Call the facility."}


class Chance:
    """One course of events, chosen by a seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        lobs: list[Lob | None] = [*Lob, *[Lob.MEDICARE_ADVANTAGE] * len(Lob), None]
        self.world = StayWorld(self.dice.choice(BEGINS), self.dice.choice(lobs), self.dice.choice(ZONES))
        self.told: list[StayMessage] = []
        self.kinds = CALM if self.dice.random() < 0.4 else KINDS
        self.numbers_arrivals = self.dice.random() < 0.7
        """Messages that an earlier release read have no number of their arrival."""
        self.units = UNITS if self.dice.random() < 0.5 else ("Med-Surg", "ICU", "Step-Down", None)

    def course(self, length: int) -> None:
        """So many things happen, one after the other."""
        self._event(AdtKind.ADMIT if self.dice.random() < 0.6 else self.dice.choice(KINDS))
        for _ in range(length):
            if isinstance(path.advance(self.world.stay, self.world.now), steps.Finish):
                return
            happens: Callable[[], None] = getattr(self, f"_{self.dice.choice(WHAT)}")
            happens()
            if self.dice.random() < 0.7:
                self.world.rest()
        self.world.rest()

    # -- what can happen -----------------------------------------------------------------------------------------------

    def _time(self) -> None:
        name = self.dice.choice(list(HOURS_OF))
        self.world.pass_time(timedelta(hours=HOURS_OF[name]) + timedelta(seconds=self.dice.randint(0, 1)))

    def _contradiction(self) -> None:
        """Messages of hospitals that contradict what they sent before, or cannot be."""
        dice, now = self.dice, self.world.now
        earlier = dice.choice([*self.world.stay.events.values()]) if self.world.stay.events else None
        named = earlier.happened_at if earlier is not None else now
        cancel = dice.choice([AdtKind.CANCEL_ADMIT, AdtKind.CANCEL_TRANSFER, AdtKind.CANCEL_DISCHARGE])
        # An earlier release believed every year; a year of days to answer makes a test of hours.
        wrong_year = now - timedelta(days=dice.choice([367, 730, 36_500] if self.numbers_arrivals else [30]))
        match dice.choice(CONTRADICTIONS):
            case "older":
                self._event(cancel, happened_at=named - timedelta(hours=5), undoes_at=dice.choice([None, named]))
            case "named":
                self._event(cancel, undoes_at=dice.choice([named, wrong_year]))
            case "planned":
                self._event(AdtKind.CANCEL_ADMIT, trigger="A38")
            case "move":
                self._event(AdtKind.CANCEL_TRANSFER, trigger="A12", undoes_at=wrong_year)
            case "left":
                self._event(AdtKind.DISCHARGE)
                after = dice.choice([AdtKind.TRANSFER, AdtKind.UPDATE, AdtKind.ADMIT])
                self._event(after, patient_class=dice.choice([PatientClass.UNKNOWN, PatientClass.INPATIENT]), unit=None)
            case "years":
                self._event(dice.choice([AdtKind.UPDATE, AdtKind.ADMIT]), admitted_at=wrong_year)
            case "future":
                self._event(AdtKind.UPDATE, discharged_at=now + timedelta(days=dice.choice([1, 30])))
            case "disposition":
                self._event(dice.choice([AdtKind.DISCHARGE, AdtKind.UPDATE]), disposition="30", discharged_at=now)
            case "removed":
                self._event(AdtKind.UPDATE, discharge_removed=True)
            case "leave":
                self._event(AdtKind.OTHER, trigger=dice.choice(["A21", "A22", "A27", "A52", "A53", "A99"]))
            case "merge":
                self._event(AdtKind.MERGE, prior_visit_number=dice.choice([None, "V9"]))
            case _:
                self._event(AdtKind.ADMIT, overlaps="ST-OTHEROTHER12")

    def _event(self, kind: AdtKind | None = None, **said: Any) -> None:
        dice, now = self.dice, self.world.now
        skew = dice.choice([*[timedelta(0)] * 6, timedelta(hours=-2), timedelta(days=-1), timedelta(days=-4)])
        if dice.random() < 0.04:
            skew = timedelta(hours=dice.choice([1, 30]))
        at = now + skew - timedelta(seconds=dice.randint(0, 90))
        more: dict[str, Any] = {}
        if dice.random() < 0.15:
            more["admitted_at"] = at - timedelta(hours=dice.choice([0, 3, 40]))
        if dice.random() < 0.06:
            more["discharged_at"] = at + timedelta(hours=dice.choice([-30, -1, 0, 20]))
        if self.numbers_arrivals:
            more["arrival"] = len(self.world.stay.events)
            more["sent_at"] = dice.choice([None, now, at])
        if dice.random() < 0.3:
            more["diagnoses"] = (dice.choice(["I50.21", "A41.9"]),)
        event = StayEvent(
            event_id=f"E{len(self.world.stay.events)}-{dice.randint(0, 10**9)}",
            kind=kind or dice.choice(self.kinds),
            **{
                "happened_at": at,
                "recorded_at": now,
                "patient_class": dice.choice(CLASSES),
                "facility": "MERIDIAN",
                "unit": dice.choice(self.units),
                "disposition": dice.choice([None, "01", "20"]),
            }
            | more
            | said,
        )
        self._tell(AdtEventReceived(**self.world.stamp() | {"message_id": event.event_id}, event=event))

    def _update(self) -> None:
        ahead = self.dice.choice([None, None, -3, 0, 1, 2, 5, 14, 40, 89, 120])
        stay = self.world.stay
        self._tell(
            ClinicalUpdate(
                **self.world.stamp(),
                update_id=f"D{self.world.number}",
                through=stay.day(self.world.now) + ahead * DAY if ahead is not None else None,
                level=self.dice.choice([*[None] * 8, *LevelOfCare]),
                working_drg=self.dice.choice([None, "291", "871", "000"]),
                expected_discharge=self.dice.choice([None, stay.day(self.world.now) + 2 * DAY]),
                post_stabilization=self.dice.choice([None, None, True, False]),
            )
        )

    def _decide(self) -> None:
        reviews = self.world.open_reviews()
        if reviews:
            review = self.dice.choice(reviews)
            self.world.decide(review, self._lines(review))

    def _lines(self, review: Review) -> tuple[AnsweredLine, ...]:
        """None at all is a withdrawal; now and then a line is left without an answer."""
        if self.dice.random() < 0.08:
            return ()
        every = tuple(self._line(review, place) for place in range(len(review.order.lines)))
        return every if self.dice.random() < 0.95 else every[:1]

    def _line(self, review: Review, place: int) -> AnsweredLine:
        line, roll = review.order.lines[place], self.dice.random()
        if roll < 0.5:
            return AnsweredLine(line_id=line.line_id, outcome=LineOutcome.APPROVED, by="md")
        if roll < 0.55:
            return AnsweredLine(line_id=line.line_id, outcome=None)
        if roll < 0.8:
            return AnsweredLine(line_id=line.line_id, outcome=LineOutcome.DENIED, by="md")
        if roll < 0.9:
            return part(review, place, Decimal(self.dice.choice(["0.1", "0.5", "0.75"])))
        end = line.first + self.dice.randint(0, (line.last - line.first).days) * DAY
        return AnsweredLine(
            line_id=line.line_id,
            outcome=LineOutcome.APPROVED_IN_PART,
            approved_start=line.first,
            approved_end=end,
            by="md",
        )

    def _second_look(self) -> None:
        first = self._some_day(DayStatus.DENIED)
        how = self.dice.choice(["peer_to_peer", "reopening"])
        held = self.dice.choice([None, *[self.world.now] * 4, self.world.now - timedelta(hours=3)])
        last = first + self.dice.randint(-1, 3) * DAY
        self._tell(RequestSecondLook(**self.world.stamp(), first=first, last=last, how=how, held_at=held))

    def _reduction(self) -> None:
        who = self.dice.choice([*["physician"] * 5, "nurse"])
        ahead = self.dice.choice([0, 2, 11, 11, 12, 30, 31, 40])
        on = self.world.stay.day(self.world.now) + ahead * DAY
        stamp = self.world.stamp(who, "reviewer")
        self._tell(ProposeReduction(**stamp, reviewer_id=who, effective_on=on, why="Stable."))

    def _avoidable(self) -> None:
        entry = AvoidableDay(
            day=self._some_day(DayStatus.CERTIFIED),
            reason=self.dice.choice([*book().stays.delays.by_name, "no_such_reason"]),
            attribution=self.dice.choice(list(Attribution)),
        )
        self._tell(RecordAvoidableDay(**self.world.stamp("nurse", "reviewer"), reviewer_id="nurse", entry=entry))

    def _plan(self) -> None:
        day = self.world.stay.day(self.world.now)
        news = {"target_setting": self.dice.choice([None, LevelOfCare.SNF]), "target_date": day + 2 * DAY}
        self._tell(DischargePlanUpdated(**self.world.stamp("umpire", "system") | {"actor": UMPIRE}, **news))

    def _again(self) -> None:
        """Something comes a second time; an event also under another number of the message."""
        if not self.told:
            return
        message = self.dice.choice(self.told)
        if isinstance(message, AdtEventReceived) and self.dice.random() < 0.5:
            message = message.model_copy(update={"message_id": f"again-{self.world.number}"})
        self.world.tell(message)

    def _stale(self) -> None:
        """The answer of a review that was heard already comes again, with another number."""
        heard = [one.answer for one in self.world.reviews.values() if one.answer is not None]
        if heard:
            self.world.tell(self.dice.choice(heard).model_copy(update={"message_id": f"s{self.dice.random()}"}))

    def _mail(self) -> None:
        self.world.blocked, self.world.carrier_works = self.dice.random() < 0.3, self.dice.random() < 0.6
        if self.world.plan is not None:
            self.world.plan.blocked = self.dice.random() < 0.3
            self.world.plan.carrier_works = self.dice.random() < 0.6

    def _qio(self) -> None:
        what, about = self.dice.choice(["asked", "has_information", "decided"]), self.dice.choice(QIO)
        upheld, timely = self.dice.choice([True, False, None]), self.dice.choice([True, False, None])
        stamp = self.world.stamp("livanta", "qio")
        self.world.tell_plan(
            QioUpdate.model_validate({**stamp, "about": about, "what": what, "upheld": upheld, "timely": timely})
        )

    def _plan_task(self) -> None:
        plan = self.world.plan.plan if self.world.plan is not None else None
        tasks = plan.open_tasks() if plan is not None else ()
        if tasks:
            of_duties = [task for task in tasks if task.kind in DUTY_TASK_KINDS]
            self.finish_of_plan(self.dice.choice(of_duties or tasks))

    def finish_of_plan(self, task: Task) -> bool:
        """Whoever has the task does it; a form may have been delivered some hours ago."""
        world, dice, who = self.world, self.dice, task.assignee or task.role.value
        at = world.now - timedelta(hours=dice.choice([0, 0, 0, 1, 9]))
        outcome, form = world.ENDS_WITH.get(task.kind, TaskOutcome.DONE), self._form_of_plan(task, at)
        stamp = world.stamp(who, "reviewer")
        named = {"task_id": task.task_id, "reviewer_id": who, "outcome": outcome, "form": form}
        return world.tell_plan(CompleteTask.model_validate({**stamp, **named}))

    def _form_of_plan(self, task: Task, at: datetime) -> dict[str, Any] | None:
        day = self.world.stay.day(self.world.now)
        match task.kind:
            case TaskKind.FORM_DELIVERY:
                signed = self.dice.choice(["signed", "refused_to_sign"])
                return {"delivered_by": "clerk", "delivered_at": at.isoformat(), "to": "member", "signature": signed}
            case TaskKind.QIO_RECORDS:
                return {"sent_at": at.isoformat(), "what": ["chart"]}
            case TaskKind.DETAILED_REASON:
                return {"reason": "r", "basis": "b", "facts_of_case": ["f"], "decided_by": "md"}
            case TaskKind.TARGET_SETTING:
                on = self.dice.choice([None, *[(day + ahead * DAY).isoformat() for ahead in (0, 1, 3, 8)]])
                return {"setting": self.dice.choice(["home", "snf", "home_health", "irf"]), "target_date": on}
        return None

    def _new_run(self) -> None:
        self.world.continue_as_new()

    def _matched(self) -> None:
        """An authorization from before the stay is found by the next look."""
        day = self._some_day(DayStatus.CERTIFIED)
        found = PreauthorizedDays(
            case_id=f"PA-BEFORE-{self.dice.randint(1, 2)}",
            line_id="1",
            first=day,
            last=day + self.dice.randint(0, 4) * DAY,
            level=LevelOfCare.INPATIENT_WARD,
            by="md",
            decided_at=self.world.now,
        )
        if found.case_id not in {one.case_id for one in self.world.looking.matched}:
            self.world.looking.matched = (*self.world.looking.matched, found)

    def _task(self) -> None:
        stay, dice = self.world.stay, self.dice
        tasks = stay.open_tasks() if dice.random() < 0.85 else tuple(stay.tasks.values())
        if not tasks:
            return
        task = dice.choice(tasks)
        if dice.random() < 0.6:
            self.world.finish(task.task_id, self.form(task))
            return
        who = dice.choice([task.role.value, dice.choice(list(BY_ID)), "stranger"])
        base = self.world.stamp(who, "reviewer") | {"task_id": task.task_id, "reviewer_id": who}
        wrong = CompleteTask(**base, outcome=dice.choice(list(TaskOutcome)), form=dice.choice([None, {}, {"x": 1}]))
        self._tell(dice.choice([ClaimTask(**base), ReleaseTask(**base), ReassignTask(**base), wrong]))

    def form(self, task: Task) -> dict[str, Any] | None:
        if task.kind is TaskKind.LETTER_REPAIR:
            return None
        form = dict(FORMS.get(task.kind, LOOKED_INTO))
        if task.kind is TaskKind.CLINICAL_UPDATE and self.dice.random() < 0.5:
            form["promised_by"] = (self.world.now + timedelta(hours=self.dice.choice([-1, 2, 500]))).isoformat()
        if task.kind is TaskKind.LEVEL_QUESTION:
            form["level"] = self.dice.choice(["icu", "inpatient_ward", "observation", "home", "snf"])
        return form

    def _some_day(self, stand: DayStatus) -> date:
        spans = [span for span in self.world.stay.spans if span.counts and span.stand is stand]
        if spans and self.dice.random() < 0.9:
            return self.dice.choice(spans).first
        return self.world.stay.day(self.world.now) - self.dice.randint(-1, 5) * DAY

    def _tell(self, message: StayMessage) -> None:
        self.told.append(message)
        self.world.tell(message)

    # -- a good end ----------------------------------------------------------------------------------------------------

    def bring_to_an_end(self) -> None:
        """Everybody does their work from now on; then every stay has to end."""
        world = self.world
        world.blocked, world.carrier_works = False, True
        world.looking.lob = world.looking.lob or Lob.MEDICARE_ADVANTAGE
        for turn in range(80):
            world.rest()
            if isinstance(path.advance(world.stay, world.now), steps.Finish):
                return
            if turn % 10 == 0 and world.stay.course.voided_at is None and world.stay.course.discharged_at is None:
                self._event(AdtKind.DISCHARGE)
            for review in world.open_reviews():
                world.approve(review)
            for task in world.stay.open_tasks():
                world.finish(task.task_id, self.form(task))
            world.pass_time(timedelta(hours=12 if turn < 6 else 36))
        raise AssertionError(f"the stay does not end: {world.stay.open_tasks()} {world.stay.round} {world.stay.asked}")


def run(seed: int, length: int) -> None:
    chance = Chance(seed)
    try:
        chance.course(length)
        chance.bring_to_an_end()
    except Exception as error:
        error.add_note(f"seed {seed}")
        raise


@pytest.mark.parametrize("block", range(10))
def test_no_course_of_events_leaves_a_day_without_an_answer_that_people_gave(block: int) -> None:
    for seed in range(block * 30, block * 30 + 4):
        run(seed, 40)


@pytest.mark.many
@pytest.mark.timeout(600)
@pytest.mark.parametrize("block", range(10))
def test_no_other_course_of_events_does_either(block: int) -> None:
    for seed in range(block * 30 + 4, block * 30 + 30):
        run(seed, 40)


@pytest.mark.many
@pytest.mark.timeout(600)
@pytest.mark.parametrize("block", range(10))
def test_no_course_of_many_more_events_does_either(block: int) -> None:
    for seed in range(1000 + block * 60, 1000 + block * 60 + 60):
        run(seed, 90)


def test_an_update_that_comes_in_the_same_breath_as_the_admission_is_heard() -> None:
    world = StayWorld(BEGINS[0], Lob.MEDICARE_ADVANTAGE, ZONES[0])
    admitted = StayEvent(
        event_id="E1",
        kind=AdtKind.ADMIT,
        happened_at=world.now,
        recorded_at=world.now,
        patient_class=PatientClass.INPATIENT,
        unit="ICU",
        facility="MERIDIAN",
    )
    assert world.tell(AdtEventReceived(**world.stamp(), event=admitted))
    assert world.tell(ClinicalUpdate(**world.stamp(), update_id="D1", through=date(2026, 3, 6)))
    world.rest()
    assert [line.code for review in world.open_reviews() for line in review.order.lines] == ["icu"]
