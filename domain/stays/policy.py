"""The health plan's policy for following a stay: when to request updates, to review again, and to escalate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, PositiveInt, model_validator

from domain.calendars import END_OF_DAY, Calendar, add_months, local_day, utc_of_local_time
from domain.cited_value import CitedAmount, CitedCount, CitedEntry
from domain.model import Model
from domain.office_hours import CallbackHours
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Lob


class PeerToPeerEffect(StrEnum):
    """The effect that a peer-to-peer after an adverse decision can have."""

    REOPENING = "reopening"
    """The decision may be reopened for its reasons, within its time; an appeal stays open beside it."""
    RECONSIDERATION = "reconsideration"
    """The plan may look again on its own, before an appeal is filed."""


class RequestWindowUnit(StrEnum):
    BUSINESS_DAYS = "business_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"


class RequestWindow(CitedEntry):
    """A time window for requests after a decision: to the end of that local day; the day of the decision is day 0."""

    value: PositiveInt
    unit: RequestWindowUnit

    def ends(self, decided_at: datetime, calendar: Calendar, zone: ZoneInfo) -> datetime:
        """The end of the window (UTC). Raises CalendarError for days outside the calendar."""
        day = local_day(decided_at, zone)
        match self.unit:
            case RequestWindowUnit.BUSINESS_DAYS:
                day = calendar.add_business_days(day, self.value)
            case RequestWindowUnit.MONTHS:
                day = add_months(day, self.value)
            case RequestWindowUnit.CALENDAR_DAYS:
                day += timedelta(days=self.value)
        return utc_of_local_time(day, END_OF_DAY, zone)


class AfterDenialRule(CitedEntry):
    """The options of the treating clinician after an adverse decision on a stay, short of an appeal.

    `peer_to_peer` is the window for requesting the talk; `changes_by` its possible effect; `reopening` the window for
    requesting a reopening, with `reopening_for_good_cause` where good cause extends it (None: no such rule).
    """

    lobs: tuple[Lob, ...] = Field(min_length=1)
    peer_to_peer: RequestWindow
    changes_by: PeerToPeerEffect
    reopening: RequestWindow | None = None
    reopening_for_good_cause: RequestWindow | None = None

    @model_validator(mode="after")
    def _reopening_has_a_time(self) -> Self:
        if (self.changes_by is PeerToPeerEffect.REOPENING) is not (self.reopening is not None):
            raise ValueError("changes_by: reopening and the key reopening come together")
        return self


class ReductionPolicy(CitedEntry):
    """Rule for ending approved days early in a line of business: with `days_of_notice`, or (None) not at all.

    `because` is the explanation for the person who proposes it.
    """

    lobs: tuple[Lob, ...] = Field(min_length=1)
    days_of_notice: PositiveInt | None = None
    because: str = Field(min_length=1)


class AdmissionRequestRule(CitedEntry):
    """Lines of business in which the notice of an inpatient admission is itself a request for its days: their clock runs from
    the receipt of the notice, and their review opens by `opens_after_hours` from then, with or without a clinical update."""

    lobs: tuple[Lob, ...] = Field(min_length=1)
    opens_after_hours: PositiveInt


class StayPolicy(Model):
    """Each figure with its source. The key says what it counts and in which unit.

    There is no value that lets approved days be taken back. `reductions` says where a law lets them end early: announced in
    advance, and signed by a physician.
    """

    first_review_business_days: CitedCount
    clinical_update_business_days: CitedCount
    clinical_update_hours_observation: CitedCount
    admission_notice_hours: CitedCount
    long_stay_days: CitedCount
    long_stay_review_days: CitedCount
    huddle_at_variance_days: CitedAmount
    medical_director_round_at_variance_days: CitedAmount
    observation_question_hours: CitedCount
    open_after_discharge_days: CitedCount
    silence_question_hours: CitedCount
    talks_end_at_discharge: bool = False
    callback_hours: CallbackHours
    reductions: tuple[ReductionPolicy, ...]
    after_denial: tuple[AfterDenialRule, ...]
    admission_requests: tuple[AdmissionRequestRule, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.medical_director_round_at_variance_days.value < self.huddle_at_variance_days.value:
            raise ValueError("medical_director_round_at_variance_days lies before huddle_at_variance_days")
        listed = {
            "after_denial": [lob for rule in self.after_denial for lob in rule.lobs],
            "reductions": [lob for rule in self.reductions for lob in rule.lobs],
            "admission_requests": [lob for rule in self.admission_requests for lob in rule.lobs],
        }
        for key, lobs in listed.items():
            twice = sorted({lob for lob in lobs if lobs.count(lob) > 1})
            if twice:
                raise ValueError(f"{key} has more than one entry for {', '.join(twice)}")
        return self

    @cached_property
    def _after(self) -> dict[Lob, AfterDenialRule]:
        return {lob: rule for rule in self.after_denial for lob in rule.lobs}

    def after_denial_for(self, lob: Lob) -> AfterDenialRule | None:
        """The options after a denial in a line of business; None when there is no rule, and then compliance is
        asked."""
        return self._after.get(lob)

    def reduction_for(self, lob: Lob) -> ReductionPolicy | None:
        """The reduction rule of a line of business; None when there is none, and then approved days may not end early."""
        return next((rule for rule in self.reductions if lob in rule.lobs), None)

    def admission_request_for(self, lob: Lob) -> AdmissionRequestRule | None:
        """The rule by which a notice of admission asks for days in a line of business; None where only a request does."""
        return next((rule for rule in self.admission_requests if lob in rule.lobs), None)

    def first_review_due(self, notified_at: datetime, calendar: Calendar, zone: ZoneInfo) -> datetime:
        """Due instant (UTC) of the first clinical review after the notice of an admission."""
        day = calendar.add_business_days(local_day(notified_at, zone), self.first_review_business_days.value)
        return utc_of_local_time(day, END_OF_DAY, zone)

    def clinical_update_due(
        self, asked_at: datetime, level: LevelOfCare, calendar: Calendar, zone: ZoneInfo
    ) -> datetime:
        """Due instant (UTC) of an answer to a question about a stay: hours under observation, else business days.

        Nothing is decided against anybody when it passes: the question is asked again and somebody calls.
        """
        if level in (LevelOfCare.OBSERVATION, LevelOfCare.EMERGENCY):
            return asked_at.astimezone(UTC) + timedelta(hours=self.clinical_update_hours_observation.value)
        day = calendar.add_business_days(local_day(asked_at, zone), self.clinical_update_business_days.value)
        return utc_of_local_time(day, END_OF_DAY, zone)
