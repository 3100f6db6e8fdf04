"""The plan's figures for following a stay: when to ask, when to look again, when to call in somebody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, PositiveInt, model_validator

from domain.calendars import END_OF_DAY, Calendar, add_months, at_local, local_day
from domain.model import Model
from domain.office_hours import CallbackHours
from domain.sourced import Amount, Figure, Sourced
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Lob


class LaterTalk(StrEnum):
    """How a talk after an adverse decision can still change it."""

    REOPENING = "reopening"
    """The decision may be reopened for its reasons, within its time; an appeal stays open beside it."""
    RECONSIDERATION = "reconsideration"
    """The plan may look again on its own, before an appeal is filed."""


class TimeUnit(StrEnum):
    BUSINESS_DAYS = "business_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"


class AskWithin(Sourced):
    """Until when something may be asked after a decision: the end of that local day; the day of the decision is day 0."""

    value: PositiveInt
    unit: TimeUnit

    def ends(self, decided_at: datetime, calendar: Calendar, zone: ZoneInfo) -> datetime:
        """The last instant (UTC) at which it may be asked. Raises CalendarError for days outside the calendar."""
        day = local_day(decided_at, zone)
        match self.unit:
            case TimeUnit.BUSINESS_DAYS:
                day = calendar.add_business_days(day, self.value)
            case TimeUnit.MONTHS:
                day = add_months(day, self.value)
            case TimeUnit.CALENDAR_DAYS:
                day += timedelta(days=self.value)
        return at_local(day, END_OF_DAY, zone)


class AfterDenial(Sourced):
    """What the treating clinician may still ask for after an adverse decision on a stay, without an appeal.

    `peer_to_peer` is how long the talk may be asked for; `changes_by` how it can change the decision; `reopening` for how
    long that may be asked, with `reopening_for_good_cause` where good cause gives longer (None: no such rule).
    """

    lobs: tuple[Lob, ...] = Field(min_length=1)
    peer_to_peer: AskWithin
    changes_by: LaterTalk
    reopening: AskWithin | None = None
    reopening_for_good_cause: AskWithin | None = None

    @model_validator(mode="after")
    def _reopening_has_a_time(self) -> Self:
        if (self.changes_by is LaterTalk.REOPENING) is not (self.reopening is not None):
            raise ValueError("changes_by: reopening and the key reopening come together")
        return self


class Reduction(Sourced):
    """Whether days that were approved may end early in a line of business: with `days_of_notice`, or (None) not at all.

    `because` says it to whoever proposes it.
    """

    lobs: tuple[Lob, ...] = Field(min_length=1)
    days_of_notice: PositiveInt | None = None
    because: str = Field(min_length=1)


class StayPolicy(Model):
    """Each figure with its source. The key says what it counts and in which unit.

    There is no value that lets approved days be taken back. `reductions` says where a law lets them end early: announced in
    advance, and signed by a physician.
    """

    first_review_business_days: Figure
    clinical_update_business_days: Figure
    clinical_update_hours_observation: Figure
    admission_notice_hours: Figure
    long_stay_days: Figure
    long_stay_review_days: Figure
    huddle_at_variance_days: Amount
    medical_director_round_at_variance_days: Amount
    observation_question_hours: Figure
    open_after_discharge_days: Figure
    callback_hours: CallbackHours
    reductions: tuple[Reduction, ...]
    after_denial: tuple[AfterDenial, ...]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.medical_director_round_at_variance_days.value < self.huddle_at_variance_days.value:
            raise ValueError("medical_director_round_at_variance_days lies before huddle_at_variance_days")
        for key, rules in (("after_denial", self.after_denial), ("reductions", self.reductions)):
            lobs = [lob for rule in rules for lob in rule.lobs]
            twice = sorted({lob for lob in lobs if lobs.count(lob) > 1})
            if twice:
                raise ValueError(f"{key} has more than one entry for {', '.join(twice)}")
        return self

    @cached_property
    def _after(self) -> dict[Lob, AfterDenial]:
        return {lob: rule for rule in self.after_denial for lob in rule.lobs}

    def after_denial_for(self, lob: Lob) -> AfterDenial | None:
        """What may be asked for after a denial in a line of business; None when nobody has said, and then compliance is
        asked."""
        return self._after.get(lob)

    def reduction_for(self, lob: Lob) -> Reduction | None:
        """Whether approved days may end early in a line of business; None when nobody has said, and then they may not."""
        return next((rule for rule in self.reductions if lob in rule.lobs), None)

    def first_review_due(self, notified_at: datetime, calendar: Calendar, zone: ZoneInfo) -> datetime:
        """When the first clinical review is due (UTC) after the plan was told of an admission."""
        day = calendar.add_business_days(local_day(notified_at, zone), self.first_review_business_days.value)
        return at_local(day, END_OF_DAY, zone)

    def clinical_update_due(
        self, asked_at: datetime, level: LevelOfCare, calendar: Calendar, zone: ZoneInfo
    ) -> datetime:
        """When an answer to a question about a stay is due (UTC): hours under observation, else business days.

        Nothing is decided against anybody when it passes: the question is asked again and somebody calls.
        """
        if level in (LevelOfCare.OBSERVATION, LevelOfCare.EMERGENCY):
            return asked_at.astimezone(UTC) + timedelta(hours=self.clinical_update_hours_observation.value)
        day = calendar.add_business_days(local_day(asked_at, zone), self.clinical_update_business_days.value)
        return at_local(day, END_OF_DAY, zone)

    def is_long_stay(self, elapsed_midnights: int) -> bool:
        """Whether a stay has reached the length from which supervisors look at it in every `long_stay_review_days`."""
        return elapsed_midnights >= self.long_stay_days.value
