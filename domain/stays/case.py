"""The stay case: a hospital stay under concurrent review.

Only its own workflow changes it, through the modules of this folder: `context_received` the lookups, `message_effects` what
people and hospitals say, the `round_` modules and `update_requests` its reviews, `path` its end. Nothing here decides on a
day: days are certified and denied by the stay's reviews (`domain.authorization.case`), and each determination names its
review.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from domain.cases.member_case import MemberCase
from domain.cases.views import CaseStatus
from domain.errors import ImpossibleState
from domain.stays.adt import StayEvent
from domain.stays.avoidable_days import AvoidableDay, DelayReason
from domain.stays.day_counts import midnights_crossed
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import ClinicalUpdate, ProposeReduction, RequestSecondLook
from domain.stays.orders import StayContext
from domain.stays.parts import (
    DAY,
    DayDetermination,
    DayStatus,
    PastStayReview,
    PendingUpdateRequest,
    StayReview,
    days_between,
)
from domain.stays.plan_messages import DischargePlanUpdated, StaySnapshot
from domain.stays.start import StayStart
from domain.stays.timeline import Phase, StayTimeline, repeated_update_ids

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEPT_PAST_REVIEWS = 20
"""Number of past reviews that a stay shows; all of them are in its journal."""


class StayCase(MemberCase):
    """The state of one stay. Days of care are of its zone, which is the facility's (`care_zone`) where the directory has it; a
    stay that began under an earlier release keeps the member's. Instants are UTC."""

    facility: str
    facility_npi: str | None = None
    visit_number: str | None = None
    status: CaseStatus = CaseStatus.OPEN
    care_zone: str | None = Field(default=None, exclude_if=lambda stated: stated is None)

    events: dict[str, StayEvent] = {}
    levels: dict[str, LevelOfCare | None] = {}
    spoken: tuple[str, ...] = ()
    course: StayTimeline = StayTimeline()
    look: StayContext | None = None
    looked_at_instant: AwareDatetime = EPOCH
    look_needed: bool = True

    spans: tuple[DayDetermination, ...] = ()
    taken_over: tuple[str, ...] = ()
    round: StayReview | None = None
    rounds: int = 0
    past_rounds: tuple[PastStayReview, ...] = ()
    asked: PendingUpdateRequest | None = None
    update: ClinicalUpdate | None = None
    earlier_updates: tuple[str, ...] = ()
    updated_through: date | None = None
    second_look: RequestSecondLook | None = None
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
    told: StaySnapshot | None = None
    plan_started: bool = False
    qio: DischargePlanUpdated | None = None
    admission_noticed_at: AwareDatetime | None = Field(default=None, exclude_if=lambda at: at is None)
    proposed_level: LevelOfCare | None = Field(default=None, exclude_if=lambda level: level is None)
    keeps_order: bool = Field(default=False, exclude_if=lambda value: not value)
    notice_asks_once: bool = Field(default=False, exclude_if=lambda value: not value)

    # -- reading -------------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.status is CaseStatus.OPEN

    def require_context(self) -> StayContext:
        """The last context. Raises ImpossibleState before the first one."""
        if self.look is None:
            raise ImpossibleState(f"{self.case_id} has not been looked at")
        return self.look

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def level(self) -> LevelOfCare | None:
        return self.course.current_phase.level if self.course.current_phase is not None else None

    @property
    def outpatient_midnights(self) -> int | None:
        """Midnights in the hospital before the inpatient order: they count towards those expected (42 CFR 412.3(d)(1))."""
        began, admitted = self.course.began_at, self.course.admitted_at
        if began is None or admitted is None:
            return None
        return midnights_crossed(began, max(began, admitted), self.tz)

    def level_on(self, day: date) -> LevelOfCare | None:
        """The level of care at the end of a local day (of the last day: at discharge); None is unknown, or not here."""
        phase = self.phase_on(day)
        return phase.level if phase is not None else None

    def phase_on(self, day: date) -> Phase | None:
        """The part of the stay that a local day belongs to: the last one that began by its end."""
        return next((phase for phase in reversed(self.course.phases) if self.day(phase.since) <= day), None)

    def phase_without_level(self, now: datetime) -> Phase | None:
        """A phase whose level of care is unknown: the present one, else an earlier one with undecided days."""
        phase = self.course.current_phase
        if phase is None or phase.level is None:
            return phase
        owed = self.review_required_through(now)
        found = (self.phase_on(day) for day in self.undecided_days(owed) if self.level_on(day) is None) if owed else ()
        return next((phase for phase in found if phase is not None), None)

    def review_required_through(self, now: datetime) -> date | None:
        """The last day that needs a determination by now: today, or the day before the discharge; None before any.

        The day of discharge is no day of care, but that of a stay within one day is (`domain.stays.day_counts.calendar_days`).
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

    def needs_determination(self, day: date) -> bool:
        """Whether a day needs a determination: days at levels without authorization do not, unknown levels do."""
        level = self.level_on(day)
        return level is None or self.require_context().terms_of(level) is not None

    def determination_for(self, day: date) -> DayDetermination | None:
        """The determination in effect for a day."""
        return next((span for span in reversed(self.spans) if span.counts and span.holds(day)), None)

    def undecided_days(self, through: date) -> tuple[date, ...]:
        """The days of the stay up to `through` that need a determination and have none, the first one first."""
        if self.first_day is None:
            return ()
        every = days_between(self.first_day, through)
        return tuple(day for day in every if self.determination_for(day) is None and self.needs_determination(day))

    @property
    def decided_through(self) -> date | None:
        """The last day that has a determination in effect."""
        return max((span.last for span in self.spans if span.counts), default=None)

    @property
    def certified_through(self) -> date | None:
        return max(
            (span.last for span in self.spans if span.counts and span.stand is DayStatus.CERTIFIED), default=None
        )

    @property
    def course_ends_at(self) -> datetime | None:
        """The end (UTC) of the approved days: the last second of the last one."""
        last = self.certified_through
        if last is None:
            return None
        return (datetime.combine(last + DAY, datetime.min.time(), self.tz) - timedelta(seconds=1)).astimezone(
            ZoneInfo("UTC")
        )

    @property
    def closes_at(self) -> datetime | None:
        """Earliest instant (UTC) to close the stay: some days after its end, because hospitals cancel and correct."""
        course = self.course
        ended = course.voided_at or course.discharged_at
        if ended is None and not course.phases:
            ended = course.planned_for
        return ended + timedelta(days=self.require_context().open_after_discharge_days) if ended is not None else None

    def denied_days(self, first: date, last: date) -> tuple[date, ...]:
        """The days between these that stand denied."""
        return self._days_with_status(DayStatus.DENIED, first, last)

    def certified_days(self, first: date, last: date) -> tuple[date, ...]:
        """The days between these that stand certified."""
        return self._days_with_status(DayStatus.CERTIFIED, first, last)

    def _days_with_status(self, stand: DayStatus, first: date, last: date) -> tuple[date, ...]:
        known = [span for span in self.spans if span.counts and span.stand is stand]
        if not known:
            return ()
        # Never more days than determinations cover: a message may name any.
        within = days_between(
            max(first, min(span.first for span in known)), min(last, max(span.last for span in known))
        )
        found = ((day, self.determination_for(day)) for day in within)
        return tuple(day for day, span in found if span is not None and span.stand is stand)

    # -- writing -------------------------------------------------------------------------------------------------------

    def drop_repeated_updates(self, now: datetime) -> None:
        """Drop updates that changed nothing, once the correction period is over. For a new run."""
        if self.look is None:
            return
        old = now - timedelta(days=self.look.open_after_discharge_days)
        for event_id in repeated_update_ids(self.events.values(), self.levels, self.spoken):
            if self.events[event_id].happened_at < old:
                del self.events[event_id]
        self.levels = {key: level for key, level in self.levels.items() if key in self.events}

    def add_past_review(self, past: PastStayReview) -> None:
        self.past_rounds = (*self.past_rounds, past)[-KEPT_PAST_REVIEWS:]


class StayRun(StayStart):
    """The workflow input of one run: the start of a new stay, or (`carried`) one that continues from an earlier run."""

    carried: StayCase | None = None
