"""A hospital stay as its concurrent review holds it.

Only the review's own workflow changes it, through `staywork`, `stay_rounds` and `stay_pathway`. Nothing here decides on a day:
days are certified and denied by the reviews that the stay asks for (`domain.case`), and each answer names its review.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from domain.cases.member_case import PersonalDossier
from domain.cases.views import CaseStatus
from domain.stays.adt import StayEvent
from domain.stays.avoidable_days import AvoidableDay, DelayReason
from domain.stays.course import Course, Phase, without_effect
from domain.stays.day_counts import midnights_crossed
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import AskSecondLook, ClinicalUpdate, ProposeReduction
from domain.stays.orders import StayLook
from domain.stays.parts import DAY, PastRound, Round, Span, Stand, UpdateAsked, days
from domain.stays.plan_messages import PlanNews, StayPicture

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEPT_ROUNDS = 20
"""How many past rounds a stay shows; all of them stand in its journal."""


class Stay(PersonalDossier):
    """The state of one stay. Days are of its zone, instants UTC."""

    facility: str
    facility_npi: str | None = None
    visit_number: str | None = None
    status: CaseStatus = CaseStatus.OPEN

    events: dict[str, StayEvent] = {}
    levels: dict[str, LevelOfCare | None] = {}
    spoken: tuple[str, ...] = ()
    course: Course = Course()
    look: StayLook | None = None
    looked_at_instant: AwareDatetime = EPOCH
    look_needed: bool = True

    spans: tuple[Span, ...] = ()
    taken_over: tuple[str, ...] = ()
    round: Round | None = None
    rounds: int = 0
    past_rounds: tuple[PastRound, ...] = ()
    asked: UpdateAsked | None = None
    update: ClinicalUpdate | None = None
    earlier_updates: tuple[str, ...] = ()
    updated_through: date | None = None
    second_look: AskSecondLook | None = None
    reduction: ProposeReduction | None = None
    round_to_withdraw: str | None = None
    expected_midnights: int | None = None

    working_drg: str | None = None
    expected_discharge: date | None = None
    target_setting: LevelOfCare | None = None
    avoidable: tuple[AvoidableDay, ...] = ()
    delay_reasons: tuple[DelayReason, ...] = ()
    last_long_look: date | None = None
    signals: tuple[str, ...] = ()
    told: StayPicture | None = None
    plan_started: bool = False
    qio: PlanNews | None = None

    # -- reading -------------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.status is CaseStatus.OPEN

    def looked_at(self) -> StayLook:
        """The last look. Raises LookupError before the first one."""
        if self.look is None:
            raise LookupError(f"{self.case_id} has not been looked at")
        return self.look

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def level(self) -> LevelOfCare | None:
        return self.course.now_in.level if self.course.now_in is not None else None

    @property
    def outpatient_midnights(self) -> int | None:
        """Midnights in the hospital before the inpatient order: they count towards those expected (42 CFR 412.3(d)(1))."""
        began, admitted = self.course.began_at, self.course.admitted_at
        if began is None or admitted is None:
            return None
        return midnights_crossed(began, max(began, admitted), self.tz)

    def level_on(self, day: date) -> LevelOfCare | None:
        """Where the patient was at the end of a local day (of the last day: at discharge); None is unknown, or not here."""
        phase = self.phase_on(day)
        return phase.level if phase is not None else None

    def phase_on(self, day: date) -> Phase | None:
        """The part of the stay that a local day belongs to: the last one that began by its end."""
        return next((phase for phase in reversed(self.course.phases) if self.day(phase.since) <= day), None)

    def unplaced(self, now: datetime) -> Phase | None:
        """A phase whose level of care somebody has to say: the present one, else an earlier one with days that are open."""
        phase = self.course.now_in
        if phase is None or phase.level is None:
            return phase
        owed = self.owed_through(now)
        found = (self.phase_on(day) for day in self.undecided(owed) if self.level_on(day) is None) if owed else ()
        return next((phase for phase in found if phase is not None), None)

    def owed_through(self, now: datetime) -> date | None:
        """The last day that needs an answer by now: today, or the day before the discharge; None before there is any.

        The day of discharge is no day of care, but that of a stay within one day is (`stay_days.calendar_days`).
        """
        course = self.course
        if course.began_at is None or course.is_voided:
            return None
        if course.discharged_at is None:
            return self.day(now)
        last = self.day(course.discharged_at) - DAY
        return max(last, self.first_day) if self.first_day is not None else last

    @property
    def first_day(self) -> date | None:
        """The first day at a level at which days are certified; None while there is none."""
        if self.look is None:
            return None
        certified = {terms.level for terms in self.look.terms}
        found = (phase.since for phase in self.course.phases if phase.level is None or phase.level in certified)
        first = next(found, None)
        return self.day(first) if first is not None else None

    def needs_answer(self, day: date) -> bool:
        """Whether a day of the stay needs an answer: days at levels without authorization do not, unknown levels do."""
        level = self.level_on(day)
        return level is None or self.looked_at().terms_of(level) is not None

    def answer_of(self, day: date) -> Span | None:
        """The answer that counts for a day."""
        return next((span for span in reversed(self.spans) if span.counts and span.holds(day)), None)

    def undecided(self, through: date) -> tuple[date, ...]:
        """The days of the stay up to `through` that need an answer and have none, the first one first."""
        if self.first_day is None:
            return ()
        every = days(self.first_day, through)
        return tuple(day for day in every if self.answer_of(day) is None and self.needs_answer(day))

    @property
    def decided_through(self) -> date | None:
        """The last day that has an answer which counts."""
        return max((span.last for span in self.spans if span.counts), default=None)

    @property
    def certified_through(self) -> date | None:
        return max((span.last for span in self.spans if span.counts and span.stand is Stand.CERTIFIED), default=None)

    @property
    def course_ends_at(self) -> datetime | None:
        """The end (UTC) of the approved days: the last second of the last one."""
        last = self.certified_through
        if last is None:
            return None
        return (datetime.combine(last + DAY, datetime.min.time(), self.tz) - timedelta(seconds=1)).astimezone(
            ZoneInfo("UTC")
        )

    def denied_days(self, first: date, last: date) -> tuple[date, ...]:
        """The days between these that stand denied."""
        return self._standing(Stand.DENIED, first, last)

    def certified_days(self, first: date, last: date) -> tuple[date, ...]:
        """The days between these that stand certified."""
        return self._standing(Stand.CERTIFIED, first, last)

    def _standing(self, stand: Stand, first: date, last: date) -> tuple[date, ...]:
        found = ((day, self.answer_of(day)) for day in days(first, last))
        return tuple(day for day, span in found if span is not None and span.stand is stand)

    # -- writing -------------------------------------------------------------------------------------------------------

    def forget_repetitions(self, now: datetime) -> None:
        """Let go of updates that said nothing new, once the days are over in which hospitals correct. For a new run."""
        if self.look is None:
            return
        old = now - timedelta(days=self.look.open_after_discharge_days)
        for event_id in without_effect(self.events.values(), self.levels, self.spoken):
            if self.events[event_id].happened_at < old:
                del self.events[event_id]
        self.levels = {key: level for key, level in self.levels.items() if key in self.events}

    def remember(self, past: PastRound) -> None:
        self.past_rounds = (*self.past_rounds, past)[-KEPT_ROUNDS:]
